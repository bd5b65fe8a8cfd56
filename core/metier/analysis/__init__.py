"""Analysis of vectors: clusters, classes, keywords and projections, without models or domains."""
