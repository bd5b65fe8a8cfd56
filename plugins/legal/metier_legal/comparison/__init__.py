"""Two contracts clause by clause: what is the same, and what differs in which words."""
