"""A plugin by any of its names."""

from __future__ import annotations

from metier.errors import UnknownNameError
from metier.plugins.discovery import Plugin, names_of
from metier.plugins.host import PluginHost
from metier.plugins.selection import normalized


def find_plugin(host: PluginHost, name: str) -> Plugin:
    """The installed plugin that a name means, active or not.

    Args:
        host: that found it.
        name: of the plugin, of its distribution or of a domain it brings.

    Raises:
        UnknownNameError: none has it.
    """
    named = [
        (plugin, names_of(plugin) | {domain.domain for domain in host.domains_of(plugin)})
        for plugin in host.plugins
    ]
    for plugin, names in named:
        if normalized(name) in map(normalized, names):
            return plugin
    known = {one for _, names in named for one in names}
    raise UnknownNameError("plugin", name, known, fix="List them with: metier plugins")
