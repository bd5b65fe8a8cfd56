"""The project of a new plugin, which `metier plugins new` writes."""
