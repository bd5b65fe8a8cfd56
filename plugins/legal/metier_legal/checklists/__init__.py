"""Checklists that the plugin ships, as data, and how they are read."""
