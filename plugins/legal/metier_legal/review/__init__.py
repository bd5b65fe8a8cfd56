"""Contracts against a checklist: what they say, what is missing, and what deviates."""
