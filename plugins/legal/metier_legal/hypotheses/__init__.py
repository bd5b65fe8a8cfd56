"""Statements about agreements: what entails or contradicts them, and by which words."""
