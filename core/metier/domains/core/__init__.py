"""Workflows of no trade: any domain runs them with its own instructions."""
