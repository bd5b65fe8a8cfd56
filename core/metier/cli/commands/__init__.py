"""The commands, one module each. What a command imports, it imports when it runs."""
