"""The instrument: how good a domain's pipeline is on labeled data, and which settings are best."""
