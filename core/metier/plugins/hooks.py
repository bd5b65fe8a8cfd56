"""What a plugin's module may not do with hooks, found before it is registered."""

from __future__ import annotations

from types import ModuleType

import pluggy

from metier.errors import PluginError, close_names
from metier.plugins.discovery import Plugin
from metier.plugins.hookspecs import HookSpecs

_PREFIX = "metier_"
_DOMAINS = "metier_domains"
"""Asked before there is a manager, so that its mark is never looked at."""


def check_hooks(manager: pluggy.PluginManager, module: ModuleType, plugin: Plugin) -> None:
    """Refuse what would never be called: misspelt hooks, hooks without a mark, wrappers.

    Raises:
        PluginError: with the hook that was meant.
    """
    known = [name for name in vars(HookSpecs) if name.startswith(_PREFIX)]
    for name in dir(module):
        marked = manager.parse_hookimpl_opts(module, name)
        if marked is None:
            if name in known and name != _DOMAINS and callable(getattr(module, name)):
                raise PluginError(
                    f"{name}() of {plugin.origin} has no mark, so metier would never call it.",
                    fix="Write @metier.hookimpl above it.",
                )
            continue
        hook = marked.get("specname") or name
        if hook not in known and not marked.get("optionalhook"):
            raise PluginError(
                f"{plugin.origin} implements {hook}(), which is no hook of metier.",
                why=_meant(hook, known),
            )
        if marked.get("wrapper") or marked.get("hookwrapper"):
            raise PluginError(
                f"{name}() of {plugin.origin} is a wrapper, and metier calls none.",
                fix="Mark it with @metier.hookimpl alone.",
            )


def _meant(hook: str, known: list[str]) -> str:
    # without what they all begin with, which would make all of them look alike
    tails = {name.removeprefix(_PREFIX): name for name in known}
    close = close_names(hook.removeprefix(_PREFIX), tails, limit=1)
    return f"Did you mean {tails[close[0]]!r}?" if close else f"Known: {', '.join(known)}."
