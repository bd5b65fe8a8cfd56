"""Clones of code: tokens, how alike two definitions are, and groups of them."""
