"""Models behind HTTP: requests of each kind of server, an embedder and a reranker."""
