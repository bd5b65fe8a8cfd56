"""Keep the index of a tree up to date while its files change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from watchfiles import Change, DefaultFilter, watch

from metier.plugin import InputError, Runtime
from metier_code.parsing.languages import language_of
from metier_code.trees.listing import list_sources
from metier_code.trees.tree_index import TreeIndex, open_tree_index

DEBOUNCE = 600
"""Milliseconds in which changes are waited for together, as where a branch is switched."""

_TIMEOUT = 500
"""Milliseconds after which the end of the watching is noticed."""

_RULES = (".gitignore", ".metierignore")
"""Files that say which files are sources."""


def watch_tree(
    rt: Runtime, paths: Sequence[Path], *, stop: Event | None = None, **options: Any
) -> Iterator[TreeIndex]:
    """Yield the index of a tree now, and again whenever sources have changed and it is up to date.

    Which files are sources is decided as for `open_tree_index`. Ctrl-C ends it.

    Args:
        rt: the Runtime.
        paths: folders, files and patterns.
        stop: ends it when it is set.
        options: as of `open_tree_index`.

    Raises:
        As `open_tree_index`, at the beginning.
    """
    yield open_tree_index(rt, paths, **options)
    base = list_sources(paths).base.resolve()
    changes = watch(
        base,
        watch_filter=SourceFilter(),
        debounce=DEBOUNCE,
        stop_event=stop,
        rust_timeout=_TIMEOUT,
        yield_on_timeout=True,
        raise_interrupt=False,
    )
    has_begun = False
    for changed in changes:
        if has_begun and not changed:
            continue
        has_begun = True  # the first time for what changed before the watching began
        try:
            index = open_tree_index(rt, paths, **options)
        except InputError:  # all sources are gone for now, as while a branch is switched
            continue
        freshness = index.freshness
        if freshness.parsed or freshness.removed:
            yield index


class SourceFilter(DefaultFilter):
    """Passes changes of sources, and of files that say which files are sources."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change may be one of the tree; folders of dependencies and git are none."""
        name = Path(path).name
        if not super().__call__(change, path):
            return False
        return name in _RULES or "." not in name or language_of(name) is not None
