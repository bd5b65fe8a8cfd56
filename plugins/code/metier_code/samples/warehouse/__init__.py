"""Back end of the fictional shop's warehouse, begun from copies of the shop's own."""
