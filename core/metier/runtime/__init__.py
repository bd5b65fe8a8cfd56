"""Runtime, the object that users hold: it resolves names to plugins, instructions and models."""
