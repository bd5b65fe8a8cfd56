"""Instructions and domains as data: their schema, their files, their lookup. No models."""
