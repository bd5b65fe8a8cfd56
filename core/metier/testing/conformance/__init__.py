"""The conformance suite: what a plugin must do so that those who install it can trust it.

Each check has a name, an explanation and a fix. `metier plugins check` and
`metier.testing.PluginConformance` run the same ones.
"""
