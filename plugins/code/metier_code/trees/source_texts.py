"""Source files read: their texts, or why they are left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from metier.plugin import LeftOut
from metier_code.parsing.languages import language_of
from metier_code.parsing.notebooks import NotebookError, notebook_text
from metier_code.trees.decoding import NoTextError, SourceText, decode_source
from metier_code.trees.file_access import NotReadableError, read_regular_file
from metier_code.trees.generated import why_generated
from metier_code.trees.source_files import SourceFile
from metier_code.trees.tree_walk import LARGEST, LARGEST_NOTEBOOK

_MOST_NAMED = 3


def read_source(file: SourceFile, *, include_generated: bool = False) -> SourceText | LeftOut:
    """The text of a source that was found, or why it is left out.

    Args:
        file: as `find_sources` gives it.
        include_generated: whether sources are read that programs made. One that is named itself
            is read anyway.
    """
    try:
        source = decode_source(read_bytes(file))
    except NotReadableError as error:
        return LeftOut(file.name, str(error), error.detail)
    except NoTextError:
        return LeftOut(file.name, "not text")
    if file.path.suffix.lower() == ".ipynb":
        try:
            source = replace(source, text=notebook_text(source.text))
        except NotebookError as error:
            return LeftOut(file.name, str(error))
    elif not (include_generated or file.is_named):
        reason = why_generated(source.text, file.path.name, file.language)
        if reason is not None:
            return LeftOut(file.name, *reason)
    return replace(source, language=language_of(file.name, source.text) or "")


def read_bytes(file: SourceFile) -> bytes:
    """The content of a source that was found.

    Raises:
        NotReadableError: it is no regular file any more, too large, gone, or may not be read.
    """
    limit = LARGEST_NOTEBOOK if file.path.suffix.lower() == ".ipynb" else LARGEST
    return read_regular_file(file.path, limit, follow=file.is_named)


def guess_remarks(guesses: Iterable[tuple[str, str]]) -> list[str]:
    """What people should know of sources in encodings that nothing says: a line for each.

    Args:
        guesses: names of sources, and `guessed` of their texts.
    """
    names: dict[str, list[str]] = {}
    for name, guess in guesses:
        if guess:
            names.setdefault(guess, []).append(name)
    return [
        f"{', '.join(files[:_MOST_NAMED])}"
        f"{f' and {len(files) - _MOST_NAMED:,} more' if len(files) > _MOST_NAMED else ''}: {guess}"
        for guess, files in names.items()
    ]
