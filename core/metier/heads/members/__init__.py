"""Members of a head: ways to learn labels from features, one module a kind."""
