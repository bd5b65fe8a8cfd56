"""The kit plugin authors test with. Nothing here is needed to run metier."""
