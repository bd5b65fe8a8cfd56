"""The instrument: how good a domain's pipeline is on labelled data, and which settings are best."""
