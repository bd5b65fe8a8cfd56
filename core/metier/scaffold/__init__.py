"""A new plugin as a project of its own: what `metier plugins new` writes."""
