"""Bring the index of a tree up to date: only what changed is read, divided and embedded."""

from __future__ import annotations

import hashlib
import os
import re
import time
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from shutil import rmtree

from metier import Index, Item, LeftOut, MetierWarning
from metier.plugin import InputError, Runtime, UsageError
from metier_code.parsing.languages import Language, languages
from metier_code.splitting import RecordingSplitter
from metier_code.trees.file_access import NotReadableError
from metier_code.trees.file_states import FileState, TreeStates, now_ns
from metier_code.trees.freshness import Freshness
from metier_code.trees.generated import MADE_BY_PROGRAMS
from metier_code.trees.kept_folder import KeptFolder
from metier_code.trees.listing import Listing
from metier_code.trees.source_files import SourceFile
from metier_code.trees.source_texts import read_bytes, read_source

SOURCE = "tree"
"""The source of the documents of an index of a tree."""


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """What an index of a tree is made with.

    Attributes:
        instruction: that documents are embedded for.
        dim: vector size; None for the instruction's default.
        include_generated: whether files are read that programs made.
    """

    instruction: str
    dim: int | None = None
    include_generated: bool = False

    def open(self, rt: Runtime, splitter: RecordingSplitter, at: Path) -> Index:
        """The index that is kept at a folder."""
        return rt.index(
            at=at, instruction=self.instruction, domain="code", dim=self.dim, splitter=splitter
        )

    def begin(self, rt: Runtime, splitter: RecordingSplitter, at: Path | None) -> Index:
        """An empty index, in memory or in the place of what is at a folder."""
        return rt.index(
            [],
            at=at,
            rebuild=at is not None,
            instruction=self.instruction,
            domain="code",
            dim=self.dim,
            source=SOURCE,
            splitter=splitter,
            allow_empty=True,
        )


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """An index of a tree that is open, and may be brought up to date again.

    Attributes:
        index: in memory or on disk.
        states: of the files that it held when it was last brought up to date.
        splitter: which divides its files.
    """

    index: Index
    states: TreeStates
    splitter: RecordingSplitter


@dataclass(slots=True)
class Refresh:
    """Work on the index of a tree, which one process does at a time.

    Attributes:
        rt: whose engine keeps the vectors that it computes.
        listing: the sources that there are.
        folder: of the index; None for one in memory.
        request: what the index is made with.
        before: the same index as it was opened before; None where it was not.
    """

    rt: Runtime
    listing: Listing
    folder: KeptFolder | None
    request: IndexRequest
    before: OpenedIndex | None = None
    _splitter: RecordingSplitter = field(default_factory=RecordingSplitter)
    _notes: list[str] = field(default_factory=list)

    def run(self) -> tuple[OpenedIndex, Freshness]:
        """The index as the tree is now with the states of its files, and what that took.

        Raises:
            InputError: the index cannot be read or written.
            OSError: the states of the files cannot be written.
        """
        index, states = self._opened()
        listed = self.listing.files
        settings = parser_settings()
        is_outdated = states.settings != settings
        if is_outdated:
            self._notes.append("All files were read again: the parser has changed.")
        checked, changed = self._changed(states, divide_all=is_outdated)
        elsewhere = {*states.files, *states.pending}.difference(listed)
        gone = sorted(filter(self._is_gone, elsewhere))
        # of what is not looked at now, the index must not hold more than its states say
        unknown = elsewhere.intersection(states.files if is_outdated else states.pending)
        removed = sorted(unknown.union(gone))
        if changed or removed or is_outdated:
            states = TreeStates(
                settings,
                {
                    name: state
                    for name, state in {**states.files, **checked}.items()
                    if name not in changed and name not in removed
                },
                sorted({*states.pending, *changed, *removed}),
                written=states.written,
            )
            self._save(states)
            freshness = replace(
                self._write(index, states, changed, removed),
                removed=tuple(map(self.listing.shown, gone)),
            )
        else:
            freshness = Freshness(len(listed), written=states.written or None)
            if checked:
                states.files.update(checked)
                self._save(states)
        opened = OpenedIndex(index, states, self._splitter)
        return opened, replace(freshness, notes=tuple(self._notes))

    def _save(self, states: TreeStates) -> None:
        if self.folder is not None:
            states.save(self.folder.states)

    def _opened(self) -> tuple[Index, TreeStates]:
        """The index with the states of its files; an empty one where it cannot be used."""
        before = self.before
        if self.folder is None:
            if before is None:
                return self._begun()
            return self._again(before), before.states
        try:
            states = TreeStates.load(self.folder.states)
        except ValueError:
            states = None
            self._notes.append("The index was built again: the list of its files is damaged.")
        if states is not None:
            try:
                if before is None:
                    index = self.request.open(self.rt, self._splitter, self.folder.index)
                else:
                    index = self._again(before)
                if states.chunks in (None, len(index)):
                    return index, states
                reason = "it does not hold what was written to it"
            except UsageError as error:
                differences = "; ".join((error.why or "").splitlines())
                reason = f"it was made with other settings ({differences})"
            except InputError as error:
                reason = f"it is damaged ({error.why or error})"
            self._notes.append(f"The index was built again: {reason}.")
        return self._begun()

    def _again(self, before: OpenedIndex) -> Index:
        self._splitter = before.splitter
        self._splitter.clear()
        return before.index.with_engine(self.rt.engine)

    def _begun(self) -> tuple[Index, TreeStates]:
        states = TreeStates(parser_settings())
        if self.folder is None:
            return self.request.begin(self.rt, self._splitter, None), states
        # without states, the next process begins anew if this one is killed
        self.folder.states.unlink(missing_ok=True)
        try:
            index = self.request.begin(self.rt, self._splitter, self.folder.index)
        except InputError:  # too damaged for that
            rmtree(self.folder.index, ignore_errors=True)
            index = self.request.begin(self.rt, self._splitter, self.folder.index)
        states.save(self.folder.states)
        return index, states

    def _is_gone(self, name: str) -> bool:
        return self.listing.covers(name) or not (self.listing.repository.root / name).exists()

    def _changed(
        self, states: TreeStates, *, divide_all: bool
    ) -> tuple[dict[str, FileState], dict[str, FileState]]:
        """States of files whose content was read: of the same content as before, and of others."""
        checked: dict[str, FileState] = {}
        changed: dict[str, FileState] = {}
        for name, file in self.listing.files.items():
            before = states.files.get(name)
            try:
                current = look(file, before)
            except NotReadableError as error:
                changed[name] = FileState(0, 0, 0, 0, "", str(error), error.detail)
                continue
            is_wanted = before is not None and file.is_named and before.reason in MADE_BY_PROGRAMS
            if before is None or is_wanted or divide_all or current.digest != before.digest:
                # what it said of its content may not hold any more, though that is the same
                changed[name] = replace(current, reason="", detail="", guess="", definitions=0)
            elif current is not before:
                checked[name] = replace(
                    before,
                    modified=current.modified,
                    changed=current.changed,
                    checked=current.checked,
                )
        return checked, changed

    def _write(
        self,
        index: Index,
        states: TreeStates,
        changed: dict[str, FileState],
        removed: Collection[str],
    ) -> Freshness:
        """Write what changed into the index, then the states of the files, none of them pending."""
        written: set[str] = set()
        items = read_items(
            self.listing, changed, written, include_generated=self.request.include_generated
        )
        first = list(islice(items, 1))
        embedded = recalled = 0
        if first:
            report = index.add(chain(first, items), source=SOURCE)
            embedded, recalled = report.embedded - report.recalled, report.recalled
        without_text = [name for name in changed if name not in written]
        if removed or without_text:
            with warnings.catch_warnings():  # ids that the index never had
                warnings.simplefilter("ignore", MetierWarning)
                index.remove([*removed, *without_text])
        describe(changed, self._splitter)
        states.files.update(changed)
        states.pending = []
        states.chunks = len(index)
        if self.folder is not None:
            states.written = time.time()
            states.save(self.folder.states)
        return Freshness(
            files=len(self.listing.files),
            parsed=tuple(map(self.listing.shown, sorted(written))),
            embedded=embedded,
            recalled=recalled,
            written=states.written or None,
        )


def look(file: SourceFile, before: FileState | None) -> FileState:
    """The state of a file now; `before` itself where the file is certainly the same.

    Raises:
        NotReadableError: it cannot be read.
    """
    checked = now_ns()
    try:
        now = os.stat(file.path)
    except (OSError, ValueError) as error:
        raise NotReadableError.of(error) from None
    if before is not None and before.is_current(now):
        return before
    return FileState.of(now, read_bytes(file), checked)


def describe(states: dict[str, FileState], splitter: RecordingSplitter) -> None:
    """Let the states of files say what a splitter found in them."""
    for name, count in splitter.counts.items():
        states[name] = replace(states[name], definitions=count)
    for name, (_, message) in splitter.faults.items():
        states[name] = replace(states[name], reason="in part", detail=message)


def read_items(
    listing: Listing,
    changed: dict[str, FileState],
    written: set[str],
    *,
    include_generated: bool,
) -> Iterator[Item]:
    """The documents of files, whose states say why some have none.

    Args:
        listing: with the paths of the files.
        changed: names and states of the files; the states of those without a text are replaced.
        written: takes the names of those that have one.
        include_generated: whether files are read that programs made.
    """
    for name, state in list(changed.items()):
        if state.reason:
            continue
        file = listing.files[name]
        source = read_source(file, include_generated=include_generated)
        if isinstance(source, LeftOut):
            changed[name] = replace(state, reason=source.reason, detail=source.detail)
            continue
        changed[name] = replace(state, guess=source.guessed)
        if any(character.isalnum() for character in source.text):
            written.add(name)
            yield Item(name, source.normalized, {"path": name, "language": source.language})


def parser_settings() -> dict[str, str]:
    """What decides how a source is divided, besides the source."""
    read = [f"{name} {_has_grammar(language)}" for name, language in sorted(languages().items())]
    names = hashlib.sha256("\n".join(read).encode()).hexdigest()[:16]
    return {"parser": version("metier-code"), "languages": names}


def _has_grammar(language: Language) -> bool:
    """Whether the grammar of a language is installed; without it, its files are lines."""
    package = re.split(r"[.:]", language.grammar)[0]
    return bool(package) and find_spec(package) is not None
