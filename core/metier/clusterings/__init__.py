"""Clusterings that are kept: groups with names that stay, texts that are put into them later."""
