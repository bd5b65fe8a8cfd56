"""Back end of a fictional web shop: a sample code base for search."""
