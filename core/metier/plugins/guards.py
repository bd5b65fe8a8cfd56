"""Guards: what texts pass through before they leave the machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from metier.errors import PluginError
from metier.plugins.discovery import FAILURES, Plugin
from metier.plugins.hookspecs import call_hook
from metier.settings import configured

Guards = Mapping[str, Callable[..., Any]]
"""Implementations of `metier_before_send`, by the name of their plugin, in the order of calling."""


def guard_texts(
    guards: Guards, plugins: Sequence[Plugin], texts: Sequence[str], destination: str
) -> list[str]:
    """Pass texts through every guard, each on what the previous one returned.

    Args:
        guards: of all active plugins.
        plugins: all that were found; one that cannot be used may be a guard.
        texts: that are about to leave the machine.
        destination: where they go.

    Raises:
        PluginError: a guard failed, or a plugin that may be one could not be loaded.
        MetierError: a guard stopped them.
    """
    for plugin in plugins:
        if plugin.status in FAILURES:
            raise PluginError(
                f"Nothing was sent to {destination}: {plugin.origin} is not loaded, and it may "
                "be a guard of what leaves the machine.",
                why=plugin.reason,
                fix="Mend it, or block it with block_plugins=[...].",
            )
    guarded = list(texts)
    for name, guard in guards.items():
        returned = call_hook(name, guard, texts=guarded, destination=destination)
        guarded = _checked(returned, texts, name, destination)
    return guarded


def stamp_of(guards: Guards, plugins: Sequence[Plugin]) -> str:
    """A hash that changes with the guards, their versions and their mode; empty without any.

    Vectors of guarded texts are cached under it, as the same text may be guarded differently later.
    """
    if not guards:
        return ""
    versions = {plugin.name: plugin.version for plugin in plugins}
    facts = [configured("guard"), *((name, versions.get(name)) for name in guards)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _checked(returned: object, texts: Sequence[str], plugin: str, destination: str) -> list[str]:
    """What a guard returned, if it is as many texts as it took.

    Raises:
        PluginError: it is anything else.
    """
    if isinstance(returned, str) or not isinstance(returned, Sequence):
        raise PluginError(
            f"The guard of {plugin!r} returned no list of texts but a "
            f"{type(returned).__name__}; nothing was sent to {destination}."
        )
    if len(returned) != len(texts) or not all(isinstance(text, str) for text in returned):
        raise PluginError(
            f"The guard of {plugin!r} returned {len(returned)} texts, or what is none, for "
            f"{len(texts)}; nothing was sent to {destination}."
        )
    return list(returned)
