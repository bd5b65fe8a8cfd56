"""Generic workflows, which run with the instructions of any domain."""
