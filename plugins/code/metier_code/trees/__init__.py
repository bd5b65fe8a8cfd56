"""A folder to its sources: which files are read, and what is left out."""
