"""Changes to entries of data files by id: to risks of a taxonomy, to questions of a checklist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import AfterValidator

from metier.close_names import did_you_mean, known_names
from metier.datafiles.data_model import DataModel
from metier.datafiles.parsed_file import KeyPath, Locate, ParsedFile
from metier.errors import ErrorPosition, PackError, Problem
from metier.registry.ids import Name
from metier.texts.checks import is_blank
from metier.texts.phrase_patterns import PatternError, expand_pattern

FEWEST_NEUTRAL = 5
"""Neutral texts that a taxonomy or checklist needs: fewer do not show how much scores differ."""


def _readable(pattern: str) -> str:
    try:
        expand_pattern(pattern)
    except PatternError as error:
        raise ValueError(f"{pattern!r} cannot be read: {error}") from None
    return pattern


Term = Annotated[str, AfterValidator(_readable)]
"""A pattern of words, as `Phrases` reads it."""


def _visible(text: str) -> str:
    if is_blank(text):
        raise ValueError("it holds no visible character" if text.strip() else "it is empty")
    return text


Visible = Annotated[str, AfterValidator(_visible)]
"""A text with something to read."""


class Entry(DataModel):
    """What has an id and a title.

    Attributes:
        id: unique among the entries of its file.
        title: for people, and unique as well.
    """

    id: Name
    title: Visible


class EntryChange(DataModel):
    """What is different in an entry: fields of the entry, or None, and `add_` to fields of it.

    Attributes:
        id: of an entry that is there, or of a new one.
    """

    id: Name


class EntryKind(NamedTuple):
    """What messages call entries.

    Attributes:
        noun: one of them, such as `risk`.
        key: of a file, under which changes are listed, such as `risks`.
        needed: fields that a new entry needs.
    """

    noun: str
    key: str
    needed: tuple[str, ...]


E = TypeVar("E", bound=Entry)


def folded_title(title: str) -> str:
    """A title without capitals, by which titles are compared."""
    return title.strip().casefold()


def require_different(entries: Sequence[Entry], noun: str) -> None:
    """Refuse entries with the same id, or with a title that people could not tell apart.

    Raises:
        ValueError: several have it.
    """
    counts = Counter(entry.id for entry in entries)
    if repeated := sorted(name for name, times in counts.items() if times > 1):
        raise ValueError(f"{noun} {', '.join(repeated)} is defined more than once")
    if titles := same_titles(entries):
        raise ValueError(f"several {noun}s have the title {', '.join(map(repr, titles))}")


def require_one_change(changes: Sequence[EntryChange], remove: Sequence[str], noun: str) -> None:
    """Refuse two changes of one entry, or a change of one that is removed.

    Raises:
        ValueError: there are such.
    """
    names = [change.id for change in changes]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{noun} {', '.join(repeated)} is there more than once")
    both = sorted({*names} & {*remove})
    if both:
        raise ValueError(f"{noun} {', '.join(both)} is both changed and removed")


def changed_entries(
    entries: Sequence[E],
    changes: Sequence[EntryChange],
    remove: Sequence[str],
    source: Locate | ParsedFile | str,
    kind: EntryKind,
    **of_new: object,
) -> tuple[E, ...]:
    """Entries with changes applied: they stay in their order, and new ones follow.

    Args:
        entries: at least one.
        changes: of entries, or new ones.
        remove: ids of entries to leave out.
        source: the file that the changes are from, or what messages call it.
        kind: what messages call the entries.
        **of_new: fields of a new entry where its change states none.

    Raises:
        PackError: an entry to remove is not there, a new one lacks what it needs, none is left, or
            two would have one name.
    """
    known = {entry.id: entry for entry in entries}
    problems = _removal_problems(known, remove, source, kind.noun)
    problems += _new_entry_problems(known, changes, source, kind)
    if not {*known, *(change.id for change in changes)} - {*remove}:
        problems.append(problem_at(f"it leaves no {kind.noun}.", source, ("remove",)))
    if problems:
        raise PackError.listing(problems)
    for change in changes:
        known[change.id] = _changed(type(entries[0]), known.get(change.id), change, of_new)
    kept = tuple(entry for name, entry in known.items() if name not in remove)
    require_own_names(kept, changes, source, kind)
    return kept


def require_own_names(
    entries: Sequence[Entry],
    changes: Sequence[EntryChange],
    source: Locate | ParsedFile | str,
    kind: EntryKind,
    key: Callable[[str], str] = folded_title,
) -> None:
    """Refuse changes that give an entry a name of another: a title, or an alias where it has some.

    Args:
        entries: with the changes applied.
        changes: at least one for each two entries that share a name.
        source: the file that the changes are from, or what messages call it.
        kind: what messages call the entries.
        key: equal for names that people could not tell apart.

    Raises:
        PackError: there are such; each with the position of the name in the file.
    """
    indexes = {change.id: index for index, change in enumerate(changes)}
    owners: dict[str, tuple[Entry, str]] = {}
    problems, fixes = [], []
    for changed in sorted(entries, key=lambda entry: indexes.get(entry.id, -1)):
        for stated in (changed.title, *getattr(changed, "aliases", ())):
            entry, name = changed, stated
            other, other_name = owners.setdefault(key(name), (entry, name))
            if other is entry:
                continue
            if other.id in indexes and not _states(changes[indexes[entry.id]], name):
                # the other takes a name that this one had before
                entry, name, other = other, other_name, entry
            owner, index = other.id, indexes[entry.id]
            what = "title" if name == entry.title else "alias"
            problems.append(
                problem_at(
                    f"the {kind.noun} {entry.id!r} would have the {what} {name!r}, which is a name "
                    f"of the {kind.noun} {owner!r}.",
                    source,
                    (kind.key, index, *_path_of(changes[index], name)),
                )
            )
            fixes.append(f"Use another {what}, or change {owner!r} itself: write id: {owner}.")
    if problems:
        raise PackError.listing(problems, fix="\n".join(dict.fromkeys(fixes)))


def _states(change: EntryChange, name: str) -> bool:
    """Whether a change gives its entry a name."""
    lists = (getattr(change, key, None) or () for key in ("aliases", "add_aliases"))
    return name in (getattr(change, "title", None), *chain(*lists))


def _path_of(change: EntryChange, name: str) -> KeyPath:
    """Where a change states a name."""
    for key in ("aliases", "add_aliases"):
        stated = getattr(change, key, None) or ()
        if name in stated and name != getattr(change, "title", None):
            return (key, stated.index(name))
    return ("title",)


def _removal_problems(
    known: dict[str, E], remove: Sequence[str], source: Locate | ParsedFile | str, noun: str
) -> list[Problem]:
    problems = []
    for index, name in enumerate(remove):
        if name not in known:
            hint = did_you_mean(name, known, limit=3) or known_names(list(known), limit=20)
            what = f"there is no {noun} {name!r} to remove. {hint}"
            problems.append(problem_at(what, source, ("remove", index)))
    return problems


def _new_entry_problems(
    known: dict[str, E],
    changes: Sequence[EntryChange],
    source: Locate | ParsedFile | str,
    kind: EntryKind,
) -> list[Problem]:
    problems = []
    for index, change in enumerate(changes):
        missing = [key for key in kind.needed if getattr(change, key) is None]
        if change.id not in known and missing:
            close = did_you_mean(change.id, known, limit=3)
            what = (
                f"the {kind.noun} {change.id!r} is new and has no {' and no '.join(missing)}."
                f"{f' {close}' if close else ''}"
            )
            problems.append(problem_at(what, source, (kind.key, index)))
    return problems


def same_titles(entries: Sequence[Entry]) -> list[str]:
    """Titles that several entries have: people could not tell them apart."""
    counts = Counter(folded_title(entry.title) for entry in entries)
    return sorted({entry.title for entry in entries if counts[folded_title(entry.title)] > 1})


def _changed(kind: type[E], entry: E | None, change: EntryChange, of_new: dict[str, object]) -> E:
    """An entry with what a change says of it; without an entry, the new one."""
    values: dict[str, Any] = dict(of_new) if entry is None else dict(entry)
    for key in kind.model_fields:
        if getattr(change, key) is not None:
            values[key] = getattr(change, key)
        more = getattr(change, f"add_{key}", None)
        if more is not None:
            values[key] = tuple(dict.fromkeys((*values.get(key, ()), *more)))
    return kind(**values)


def problem_at(what: str, source: Locate | ParsedFile | str, path: KeyPath) -> Problem:
    """A problem with its position in the file, where there is one."""
    if isinstance(source, str):
        return Problem(what, ErrorPosition(source))
    locate = source.error_position if isinstance(source, ParsedFile) else source
    return Problem(what, locate(path))
