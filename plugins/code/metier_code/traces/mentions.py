"""Names of functions, classes and files that the words of a report mention."""

from __future__ import annotations

import re
from collections import defaultdict

from metier_code.traces.function_names import name_parts
from metier_code.traces.tree_definitions import TreeDefinitions

_NAME = re.compile(r"[A-Za-z_$][\w$]*+(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*+)*+(?P<called>\()?")
_IN_CODE = re.compile(r"`([^`\n]{1,120}+)`")
_CAPITALS_INSIDE = re.compile(r"[a-z\d][A-Z]|[A-Z]{2}[a-z]")
_LONGEST = 100_000
"""Characters of a report in which names are looked for."""


class NameMentions:
    """What a tree has names for.

    Args:
        tree: whose names are looked for.
    """

    def __init__(self, tree: TreeDefinitions) -> None:
        self._tree = tree
        self._qualified: dict[str, list[int]] = defaultdict(list)
        self._members: dict[str, list[int]] = defaultdict(list)
        for position, item in enumerate(tree.definitions):
            names = item.names
            if len(names) > 1:
                self._qualified[".".join(names[-2:])].append(position)
                self._members[names[-2]].append(position)

    def scores(self, prose: str) -> dict[int, tuple[float, str]]:
        """How surely a report names each definition, in (0, 1], and the name that it has for it.

        Args:
            prose: of a report, without its traces.
        """
        best: dict[int, tuple[float, str]] = {}
        for name, is_code in _names(prose[:_LONGEST]).items():
            for position, score in self._named(name, is_code):
                if score > best.get(position, (0.0, ""))[0]:
                    best[position] = (score, name)
        return best

    def _named(self, name: str, is_code: bool) -> list[tuple[int, float]]:
        """The definitions that a name may be of, with how sure that is."""
        parts = name_parts(name)
        if not parts:
            return []
        qualified = self._qualified.get(".".join(parts[-2:]), []) if len(parts) > 1 else []
        if qualified:
            return _shared(qualified, 1.0)
        own = self._tree.named(parts[-1])
        members = self._members.get(parts[-1], [])
        if not is_code:
            return _shared(own, 0.3) if len(parts[-1]) > 4 else []
        return [*_shared(own, 0.9), *_shared(members, 0.5)]


def _shared(positions: list[int], score: float) -> list[tuple[int, float]]:
    """A score that is lower, the more definitions have it."""
    return [(position, score / len(positions) ** 0.5) for position in positions]


def _names(prose: str) -> dict[str, bool]:
    """The names in a text, and whether each is written as code, not as a word."""
    names: dict[str, bool] = {}
    spans = [match.span(1) for match in _IN_CODE.finditer(prose)]
    in_code = {start for first, end in spans for start in range(first, end)}
    for match in _NAME.finditer(prose):
        name = match.group().rstrip("(")
        is_code = (
            match["called"] is not None
            or "_" in name.strip("_")
            or not name.isidentifier()
            or _CAPITALS_INSIDE.search(name) is not None
            or match.start() in in_code
        )
        names[name] = names.get(name, False) or is_code
    return names
