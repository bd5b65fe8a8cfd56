"""What `metier doctor` checks: the machine, and whether a model computes what it should."""
