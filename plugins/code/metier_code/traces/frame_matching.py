"""Frames of stack traces to the definitions of a source tree.

A trace is often of another machine, and of an older version of the sources. So paths are compared
from their ends, and a line that does not fit the function of its frame gives way to the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from metier_code.traces.formats import trace_formats
from metier_code.traces.function_names import agree, name_parts, shared_ending
from metier_code.traces.trace import Frame
from metier_code.traces.tree_definitions import TreeDefinitions

How = Literal["line", "code", "name in file", "name", "file", ""]
"""By what a frame was matched: `file` where its line is in no definition, empty where it is in no
file of the tree."""

_SCHEME = re.compile(
    r"^(?:webpack(?:-internal)?://[^/]*+|file:/{2,3}|[a-z][\w+.-]++://[^/]*+/?)", re.I
)
_PACKAGE = re.compile(r"^package:[^/]++/")
_QUERY = re.compile(r"[?#].*$")
_VERSION = re.compile(r"(?:@v?\d[\w.+-]*+|-\d+(?:\.\w+)+)$")
_MINIFIED = re.compile(
    r"\.min\.\w+$|[.-][0-9a-f]{8,20}\.(?:chunk\.)?js$|\.bundle\.js$|\.chunk\.js$"
)
_WIDE_COLUMN = 500
"""Columns from which code is written by a bundler."""
_SHORTEST_NAME = 4
"""Letters of a name that is looked for in all files."""
_RARE_NAME = 8
"""Letters of a name that is hardly that of another function, if only one of the tree has it."""


@dataclass(frozen=True, slots=True)
class FrameMatch:
    """A frame and what it is in the tree.

    Attributes:
        frame: of a trace.
        how: by what it was matched.
        definitions: positions of definitions, several where files of the tree have the same name;
            empty where none holds the line.
        paths: files of the tree that it may be in.
        minified: whether it is of code that a bundler wrote, which no source has the lines of.
    """

    frame: Frame
    how: How = ""
    definitions: tuple[int, ...] = ()
    paths: tuple[str, ...] = ()
    minified: bool = False

    @property
    def in_tree(self) -> bool:
        """Whether it is in a file of the tree."""
        return self.how != ""


def match_frame(frame: Frame, tree: TreeDefinitions) -> FrameMatch:
    """Find the definition that a frame is in."""
    names = name_parts(frame.function)
    matches = []
    for path, ending, is_whole in _files(frame, names, tree):
        match = _in_file(frame, names, path, tree)
        if match.how in ("line", "code", "name in file") or ending > 1 or is_whole:
            matches.append((ending, match))
    if matches:
        best = max(ending for ending, _ in matches)
        return _joined(frame, [match for ending, match in matches if ending == best])
    minified = _is_minified(frame)
    by_name = () if _is_library(frame) or minified else _by_name(names, frame, tree)
    if by_name:
        paths = tuple(dict.fromkeys(tree.definitions[position].path for position in by_name))
        return FrameMatch(frame, "name", by_name, paths)
    return FrameMatch(frame, minified=minified)


def _files(
    frame: Frame, names: tuple[str, ...], tree: TreeDefinitions
) -> list[tuple[str, int, bool]]:
    """Files of the tree that a frame may be in.

    Returns:
        For each its path, how many parts at the end of both paths are equal, and whether those are
        the whole path of the frame.
    """
    if not frame.path or trace_formats().is_library_function(frame.function):
        return []
    path = _plain_path(frame.path)
    parts = [_VERSION.sub("", part) for part in path.split("/") if part not in ("", ".", "..", "~")]
    if not parts:
        return []
    if len(parts) == 1 and frame.language in ("Java", "Kotlin", "Scala"):
        parts = [*_package(names), *parts]
    library = trace_formats().library_path(path)
    needed = 1
    if library is not None:
        below, skip = library
        needed = max(len([part for part in below.split("/") if part]) - skip, 1)
    files = []
    for shown, file_parts in tree.files_named(parts[-1]):
        equal = 0
        for mine, theirs in zip(reversed(parts), reversed(file_parts), strict=False):
            if mine != _VERSION.sub("", theirs):
                break
            equal += 1
        if equal >= needed:
            files.append((shown, equal, equal == len(parts)))
    return files


def _plain_path(path: str) -> str:
    """A path in lower case, with slashes, without the scheme of an address and what follows it."""
    plain = _SCHEME.sub("/", path.replace("\\\\", "/").replace("\\", "/"))
    return _QUERY.sub("", _PACKAGE.sub("", plain)).casefold()


def _package(names: tuple[str, ...]) -> list[str]:
    """The folders of a Java class, which are the names before the first with a capital."""
    folders = []
    for name in names[:-1]:
        if name[:1].isupper():
            break
        folders.append(name.casefold())
    return folders


def _in_file(frame: Frame, names: tuple[str, ...], path: str, tree: TreeDefinitions) -> FrameMatch:
    """What a frame is in a file that it may be in."""
    inside = tree.in_file(path)
    holding = _at_line(frame, inside, tree)
    by_code = _with_code(frame, inside, tree)
    if by_code and not set(by_code) & set(holding):
        return FrameMatch(frame, "code", by_code, (path,))
    for position in holding:
        if not names or by_code or _may_hold(names, position, tree):
            return FrameMatch(frame, "line", (position,), (path,))
    named = [position for position in inside if agree(names, tree.definitions[position].names)]
    if named:
        line = frame.line or 0
        nearest = max(
            named,
            key=lambda position: (
                shared_ending(names, tree.definitions[position].names),
                -abs(tree.definitions[position].definition.line - line),
            ),
        )
        return FrameMatch(frame, "name in file", (nearest,), (path,))
    # the name may be one that a decorator, a macro or a build gave
    return FrameMatch(frame, "file", tuple(holding), (path,))


def _may_hold(names: tuple[str, ...], position: int, tree: TreeDefinitions) -> bool:
    """Whether a definition has the name of a frame, or declares a function of that name inside."""
    item = tree.definitions[position]
    if agree(names, item.names) or names[-1].casefold() in {name.casefold() for name in item.names}:
        return True
    inner = rf"(?<![\w.]){re.escape(names[-1])}\s*+(?:[=:(]|\n)"
    return re.search(inner, item.text) is not None


def _with_code(frame: Frame, inside: list[int], tree: TreeDefinitions) -> tuple[int, ...]:
    """The definitions that hold the line of source that the trace shows; none if several do."""
    if len(frame.code) < 8:
        return ()
    holding = []
    for position in inside:
        lines = tree.definitions[position].text.split("\n")
        if any(line.strip() == frame.code for line in lines):
            holding.append(position)
    at_line = _at_line(frame, holding, tree)
    return tuple(at_line or (holding if len(holding) == 1 else ()))


def _at_line(frame: Frame, positions: list[int], tree: TreeDefinitions) -> list[int]:
    """Those of some definitions that have the line of a frame."""
    line = frame.line
    if line is None:
        return []
    return [position for position in positions if tree.definitions[position].holds(line)]


def _by_name(names: tuple[str, ...], frame: Frame, tree: TreeDefinitions) -> tuple[int, ...]:
    """The definitions of that name in all files, if they are few and agree in most names."""
    if not names or len(names[-1]) < _SHORTEST_NAME:
        return ()
    named = tree.named(names[-1])
    is_native = not frame.path and frame.language == "C++"
    is_rare = bool(frame.path) and len(names[-1]) >= _RARE_NAME
    if len(named) == 1 and (is_native or is_rare):
        return tuple(named)
    qualified = [
        position for position in named if shared_ending(names, tree.definitions[position].names) > 1
    ]
    return tuple(qualified) if len(qualified) <= 3 else ()


def _joined(frame: Frame, matches: list[FrameMatch]) -> FrameMatch:
    """The best of matches in several files; all of them where none is better."""
    for how in ("code", "line", "name in file", "file"):
        best = [match for match in matches if match.how == how]
        if best:
            return FrameMatch(
                frame,
                best[0].how,
                tuple(position for match in best for position in match.definitions),
                tuple(path for match in best for path in match.paths),
            )
    raise AssertionError("a match says how")


def _is_library(frame: Frame) -> bool:
    formats = trace_formats()
    return formats.is_library_function(frame.function) or (
        formats.library_path(_plain_path(frame.path)) is not None
    )


def _is_minified(frame: Frame) -> bool:
    name = _plain_path(frame.path).rpartition("/")[2]
    wide = frame.column is not None and frame.column > _WIDE_COLUMN
    return frame.language == "JavaScript" and (bool(_MINIFIED.search(name)) or wide)
