"""The index of a source tree, which is brought up to date when it is opened."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeVar

from filelock import FileLock, Timeout

from metier import (
    Condition,
    Hit,
    Index,
    LeftOut,
    MetierWarning,
    RetrievalSettings,
    SearchOptions,
    VectorCache,
)
from metier import field as where_field
from metier.plugin import InputError, Runtime, UsageError, kept_between_queries
from metier_code.splitting import RecordingSplitter
from metier_code.trees.definitions import PARTS, IndexedDefinitions, join_chunks
from metier_code.trees.empty_trees import no_functions, no_sources, nothing_indexed
from metier_code.trees.file_access import NotReadableError
from metier_code.trees.file_states import FileState, TreeStates
from metier_code.trees.freshness import Freshness
from metier_code.trees.kept_folder import KeptFolder, kept_folder
from metier_code.trees.listing import Listing, list_sources
from metier_code.trees.refreshing import IndexRequest, OpenedIndex, Refresh, look
from metier_code.trees.source_texts import guess_remarks

DOCUMENTS = "code/function-search"
"""Instruction that definitions are embedded for, unless one for both sides is chosen."""

Update = Literal["auto", "never"]
"""`auto` brings an index up to date before it is used, `never` takes it as it is."""

Answer = TypeVar("Answer")


class DamagedIndexError(InputError):
    """An index proves to be damaged while it is read."""


@dataclass(slots=True)
class TreeIndex:
    """The index of a source tree, for the paths that were given.

    Attributes:
        index: of the whole working tree; documents are files, with paths below its root as ids.
        listing: the sources below the paths.
        count: number of definitions below the paths.
        freshness: what bringing it up to date took.
        left_out: what is not read, with the reason.
        scope: what the fields of a chunk have to be for it to be below the paths; None where all
            are.
        folder: that it may be written to; None where it is in memory, or may not be written.
    """

    index: Index
    listing: Listing
    count: int
    freshness: Freshness
    left_out: tuple[LeftOut, ...]
    scope: Condition | None = None
    folder: KeptFolder | None = None

    def search(
        self,
        rt: Runtime,
        queries: Sequence[str],
        *,
        instruction: str,
        top_k: int = 10,
        where: Condition | None = None,
        retrieval: RetrievalSettings | None = None,
    ) -> list[list[Hit]]:
        """The definitions that answer each query, best first.

        Args:
            rt: whose engine embeds the queries.
            queries: words or code.
            instruction: id of the instruction for the queries.
            top_k: how many definitions.
            where: what their fields have to be.
            retrieval: weights of the stages; None for those of the domain.
        """
        options = SearchOptions(
            top_k=top_k,
            where=self.within(where),
            instruction=instruction,
            retrieval=retrieval,
            parts=PARTS,
        )
        with self.reading():
            return self.index.with_engine(rt.engine).search_many(queries, options=options)

    def definitions(self, where: Condition | None = None) -> IndexedDefinitions:
        """The definitions below the paths that meet a condition, with their vectors."""
        with self.reading():
            return join_chunks(self.index.contents(self.within(where)), self.listing.prefix)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let the next opening build the index again where it proves to be damaged.

        Raises:
            DamagedIndexError: it does.
        """
        try:
            yield
        except InputError as error:
            if error.parameters.get("rebuild") is not True:  # what a new index would mend
                raise
            where = f"The index of {str(self.listing.base)!r} is damaged."
            if self.folder is None:
                raise DamagedIndexError(
                    where,
                    why=error.why,
                    fix="Let it be built again: $update",
                    code="index-damaged",
                    parameters={"update": "auto"},
                ) from None
            self.folder.states.unlink(missing_ok=True)
            raise DamagedIndexError(
                where, why=error.why, fix="The next run builds it again.", code="index-damaged"
            ) from None

    def within(self, where: Condition | None) -> Condition:
        """A condition together with being a definition, and below the paths."""
        condition = where_field("kind").is_present()  # the imports of a file are no definition
        for part in (self.scope, where):
            condition = condition if part is None else condition & part
        return condition


def open_tree_index(
    rt: Runtime,
    paths: Sequence[Path],
    *,
    instruction: str = DOCUMENTS,
    dim: int | None = None,
    update: Update = "auto",
    at: Path | None = None,
    keep: bool = True,
    include_generated: bool = False,
) -> TreeIndex:
    """The index of the source tree that paths are in, brought up to date for them.

    Only what changed is embedded, and working trees of a repository share their vectors.

    Args:
        rt: the Runtime.
        paths: folders, files and patterns. Of a working tree only what is below them is looked at.
        instruction: for queries. One that stands before documents, too, gets an index of its own
            where the model reads it.
        dim: vector size; None for the instruction's default.
        update: `never` writes nothing, and takes an index that is there.
        at: folder for the index; None for one in the user's cache.
        keep: whether anything is kept on disk; if not, all is embedded again.
        include_generated: whether files are read that programs made, in an index of its own.

    Raises:
        UsageError: there is no such path; or no index, and it may not be written.
        InputError: there are no sources, or the index cannot be read or written.

    Warns:
        MetierWarning: another process is bringing the index up to date, and is waited for.
    """
    space, request = _request(rt, instruction, dim, include_generated)
    kept = kept_between_queries()
    key = ("tree", tuple(map(os.fspath, paths)), space, request, update, at, keep)
    if isinstance(before := kept.pop(key, None), TreeIndex):  # one that is taken as it is
        kept[key] = before
        return before
    listing = list_sources(paths)
    folder = kept_folder(listing.repository, at, space)
    if update == "never":
        kept[key] = tree = _as_it_is(rt, listing, folder, request)
    elif not listing.files:
        raise no_sources(paths, listing.left_out)
    elif keep:
        tree, kept[key] = _kept(rt, listing, folder, request, before)
    else:
        tree, kept[key] = _refreshed(Refresh(rt, listing, None, request, before))
    return tree


def ask_index(
    answer: Callable[[TreeIndex], Answer], rt: Runtime, paths: Sequence[Path], **options: Any
) -> Answer:
    """What is answered by the index of a tree, which is built again where it proves damaged.

    Args:
        answer: reads the index, which is up to date.
        rt: the Runtime.
        paths: folders, files and patterns.
        options: as of `open_tree_index`.

    Raises:
        InputError: the tree has no definitions.
        DamagedIndexError: the index may not be built again.
        As `open_tree_index`.

    Warns:
        MetierWarning: it is built again. As `open_tree_index`, too.
    """

    def answered() -> Answer:
        tree = open_tree_index(rt, paths, **options)
        if not tree.count and tree.freshness.changed:
            raise nothing_indexed(paths, tree.freshness.changed)
        if not tree.count:
            raise no_functions(paths, tree.left_out)
        return answer(tree)

    try:
        return answered()
    except DamagedIndexError as error:
        if options.get("update") == "never":
            raise
        warnings.warn(f"{error.what} It is built again.", MetierWarning, stacklevel=3)
    return answered()


def _kept(
    rt: Runtime,
    listing: Listing,
    folder: KeptFolder,
    request: IndexRequest,
    before: OpenedIndex | None,
) -> tuple[TreeIndex, OpenedIndex]:
    """The index on disk, brought up to date; one in memory where it cannot be kept."""
    try:
        folder.make()
    except OSError as error:
        return _refreshed(Refresh(rt, listing, None, request), _not_kept(folder, error))
    caching = rt.with_engine(rt.engine.caching(VectorCache(folder.vectors)))
    is_on_disk = before is not None and before.index.path is not None
    if find_spec("lancedb") is None:
        note = "The index is in memory: pip install 'metier[store]' keeps it between searches."
        refresh = Refresh(caching, listing, None, request, None if is_on_disk else before)
        return _refreshed(refresh, note)
    refresh = Refresh(caching, listing, folder, request, before if is_on_disk else None)
    try:
        with _locked(folder):
            tree, opened = _refreshed(refresh)
    except OSError as error:  # the folder is there, but read-only, full, or not as it was made
        return _refreshed(Refresh(rt, listing, None, request), _not_kept(folder, error))
    return replace(tree, folder=folder), opened


def _not_kept(folder: KeptFolder, error: OSError) -> str:
    return f"Nothing is kept: {str(folder.tree)!r} cannot be written ({error.strerror})."


def _refreshed(refresh: Refresh, *notes: str) -> tuple[TreeIndex, OpenedIndex]:
    opened, freshness = refresh.run()
    freshness = replace(freshness, notes=(*notes, *freshness.notes))
    return _tree_index(opened.index, refresh.listing, opened.states, freshness), opened


def _request(
    rt: Runtime, instruction: str, dim: int | None, include_generated: bool
) -> tuple[str, IndexRequest]:
    """The space of documents by its name, and what an index in it is made with."""
    known = rt.instructions.get(instruction)
    suffix = "-and-generated" if include_generated else ""
    if known.sides == "both" and rt.embedder.profile.instruction_aware:
        name = known.full_id.replace("/", "-")
        return f"{name}{suffix}", IndexRequest(instruction, dim, include_generated)
    return f"documents{suffix}", IndexRequest(DOCUMENTS, dim, include_generated)


def _tree_index(
    index: Index, listing: Listing, states: TreeStates, freshness: Freshness
) -> TreeIndex:
    scope: Condition | None = None
    others = {*states.files, *states.pending}.difference(listing.files)
    if not listing.is_whole and others:
        scope = where_field("path").is_in(sorted(listing.files))
    elif listing.prefix:
        path = where_field("path")
        scope = (path >= listing.prefix) & (path < f"{listing.prefix[:-1]}0")  # 0 follows a slash
    guesses = [
        (listing.shown(name), state.guess)
        for name, state in states.files.items()
        if name in listing.files
    ]
    notes = (*freshness.notes, *listing.remarks, *guess_remarks(guesses))
    count = sum(states.files[name].definitions for name in listing.files if name in states.files)
    return TreeIndex(
        index,
        listing,
        count,
        replace(freshness, notes=notes),
        _left_out(listing, states.files),
        scope,
    )


def _left_out(listing: Listing, files: dict[str, FileState]) -> tuple[LeftOut, ...]:
    return (
        *listing.left_out,
        *(
            LeftOut(listing.shown(name), files[name].reason, files[name].detail)
            for name in listing.files
            if name in files and files[name].reason
        ),
    )


def _as_it_is(
    rt: Runtime, listing: Listing, folder: KeptFolder, request: IndexRequest
) -> TreeIndex:
    """The index as it is on disk, with the files that changed since."""
    try:
        states = TreeStates.load(folder.states)
    except ValueError:
        states = None
    if states is None or not folder.index.exists():
        raise UsageError(
            f"There is no index of {str(listing.base)!r}.",
            why="It may not be built now: $update is 'never'.",
            fix="Build it with code/index, or leave $update out.",
            parameters={"update": ...},
        )
    try:
        index = request.open(rt, RecordingSplitter(), folder.index)
    except UsageError as error:
        raise UsageError(
            f"The index of {str(listing.base)!r} was made with other settings.",
            why=error.why,
            fix="Let it be built again: $update. Or search with its settings.",
            code=error.code,
            parameters={"update": "auto"},
        ) from None
    changed = sorted(name for name in listing.files if _has_changed(listing, states, name))
    gone = [name for name in states.files if listing.covers(name) and name not in listing.files]
    freshness = Freshness(
        len(listing.files),
        changed=tuple(map(listing.shown, sorted({*changed, *gone}))),
        written=states.written or None,
    )
    return _tree_index(index, listing, states, freshness)


def _has_changed(listing: Listing, states: TreeStates, name: str) -> bool:
    before = states.files.get(name)
    try:
        return before is None or look(listing.files[name], before).digest != before.digest
    except NotReadableError:
        return bool(before and not before.reason)


@contextmanager
def _locked(folder: KeptFolder) -> Iterator[None]:
    """Only one process at a time changes what is in a folder."""
    lock = FileLock(folder.lock, mode=0o600)
    try:
        lock.acquire(timeout=1)
    except Timeout:
        warnings.warn(
            MetierWarning(f"Another process is indexing this tree ({os.fspath(folder.tree)})."),
            stacklevel=3,
        )
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
