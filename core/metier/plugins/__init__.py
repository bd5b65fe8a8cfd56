"""The plugin host: find plugins, read what they declare, call their hooks."""
