"""Domains that come with metier itself: declared and found as those of plugins are."""
