"""Divide documents into chunks.

Existing libraries count the tokens of one text at a time, and leave out headings and prompts. Here
one call counts for many documents, and the limit holds for all that the model reads.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from metier.chunking.boundaries import stripped
from metier.chunking.chunk import Chunk, chunk_id, content_of
from metier.chunking.fitting import LONG, FittedSection, fit, overlap_sections
from metier.chunking.sections import in_context, sections_by_heading, sections_of
from metier.chunking.token_counts import Counting, TokenCounter, run_together
from metier.errors import InputError, ParameterError
from metier.texts.checks import MAX_DOCUMENT_CHARACTERS, problem_of
from metier.texts.reader import has_lines_of_file, page_at
from metier.texts.rows import Item
from metier.texts.splitter import Section, Splitter

CHUNKING = 3
"""Version of the algorithm: raised when the same documents give other chunks."""

MIN_TOKENS = 32
"""Smallest limit for the tokens of a chunk, without those of the prompt."""

_WINDOW_DOCUMENTS = 256
_WINDOW_CHARACTERS = 1_000_000
"""Documents that are counted together: enough for the tokenizer, few enough for the memory."""


def chunk(
    document: Item,
    *,
    counter: TokenCounter,
    max_tokens: int,
    overlap: int = 0,
    splitter: Splitter | None = None,
) -> list[Chunk]:
    """The chunks of one document; see `chunk_each`."""
    (chunks,) = chunk_each(
        [document], counter=counter, max_tokens=max_tokens, overlap=overlap, splitter=splitter
    )
    return chunks


def chunk_each(
    documents: Iterable[Item],
    *,
    counter: TokenCounter,
    max_tokens: int,
    overlap: int = 0,
    splitter: Splitter | None = None,
) -> Iterator[list[Chunk]]:
    """The chunks of each document, in order; a window of documents is counted together.

    A document that fits is one chunk under its title, unless the splitter divides it. A longer one
    is divided at its headings, then at paragraphs, sentences and words, as far as needed. Every
    character but whitespace is in a chunk, and no chunk is over the limit.

    Args:
        documents: a document's field `title` is the outermost heading of its chunks, and
            `page_starts` gives their pages.
        counter: tokens of texts as the model reads them, such as
            `partial(embedder.count_tokens, prompt=prompt)`.
        max_tokens: most tokens of a chunk's `content`, as the counter counts.
        overlap: most tokens at the beginning of a chunk that are the end of the one before. There
            is none between sections.
        splitter: divides documents into sections; where it finds none, headings do.

    Raises:
        ParameterError: `max_tokens` or `overlap` cannot be kept.
        InputError: a document has no usable text.
        PluginError: the splitter's sections are not in order, or not in the document.
    """
    (alone,) = counter([""])
    _check(max_tokens, overlap, alone)

    def work(document: Item) -> Counting[list[Chunk]]:
        return _chunked(document, max_tokens, overlap, splitter, alone)

    windows = (run_together([*map(work, window)], counter) for window in _windows(documents))
    return chain.from_iterable(windows)


def _check(max_tokens: int, overlap: int, alone: int) -> None:
    if max_tokens < alone + MIN_TOKENS:
        raise ParameterError(
            f"max_tokens={max_tokens} is too small.",
            why=f"The prompt and the special tokens take {alone}, and a chunk needs {MIN_TOKENS}.",
            fix=f"Give at least {alone + MIN_TOKENS}.",
        )
    most = (max_tokens - alone) // 2
    if not 0 <= overlap <= most:
        raise ParameterError(
            f"overlap={overlap} does not go with max_tokens={max_tokens}.",
            fix=f"Give 0 to {most}: half of what a chunk holds.",
        )


def _windows(documents: Iterable[Item]) -> Iterator[list[Item]]:
    window: list[Item] = []
    characters = 0
    for document in documents:
        window.append(document)
        characters += len(document.text)
        if len(window) == _WINDOW_DOCUMENTS or characters >= _WINDOW_CHARACTERS:
            yield window
            window, characters = [], 0
    if window:
        yield window


def _chunked(
    document: Item, max_tokens: int, overlap: int, splitter: Splitter | None, alone: int
) -> Counting[list[Chunk]]:
    text = document.text
    problem = problem_of(text, MAX_DOCUMENT_CHARACTERS)
    if problem is not None:
        raise InputError(f"The text of document {document.id!r} {problem}.")
    title = document.title or ""
    sections = sections_of(text, document.id, splitter) if splitter else []
    whole = stripped(text, 0, len(text))
    is_undivided = not any(_is_part(section, text) for section in sections)
    if is_undivided and whole and whole.end - whole.start <= LONG * max_tokens:
        (tokens,) = yield [content_of(title, text[whole.start : whole.end])]
        if tokens <= max_tokens:
            return _chunks(document, [FittedSection(*whole, 0, title)], sections)
    sections = sections or sections_of(text, document.id, sections_by_heading)
    sections = sections or [Section(0, len(text))]
    sections = [in_context(title, section) for section in sections]
    fitting = yield from fit(text, sections, limit=max_tokens - overlap, alone=alone)
    if overlap:
        fitting = yield from overlap_sections(
            text, fitting, overlap=overlap, limit=max_tokens, alone=alone
        )
    return _chunks(document, fitting, sections)


def _is_part(section: Section, text: str) -> bool:
    """Whether a section is less than the document, or has a heading that is not in its text."""
    start, end = section.start, section.end
    if text[:start].strip() or text[end:].strip():
        return True
    return bool(section.headings) and not text[start:end].lstrip().startswith(section.headings[-1])


def _chunks(
    document: Item, fitting: Sequence[FittedSection], sections: Sequence[Section]
) -> list[Chunk]:
    """The chunks of stretches that fit, which are numbered by their sections."""
    chunks: list[Chunk] = []
    seen: Tally[tuple[str, str]] = Tally()
    line, counted = 1, 0
    for section in fitting:
        text = document.text[section.start : section.end]
        line += document.text.count("\n", counted, section.start)
        counted = section.start
        chunks.append(
            Chunk(
                id=chunk_id(document.id, section.heading, text, seen[section.heading, text]),
                document_id=document.id,
                text=text,
                start=section.start,
                end=section.end,
                heading=section.heading,
                location=_locate(document, section, line if len(fitting) > 1 else None),
                fields=sections[section.section].fields if sections else {},
            )
        )
        seen[section.heading, text] += 1
    return chunks


def _locate(document: Item, section: FittedSection, line: int | None) -> str:
    page = page_at(document.fields, section.start)
    where = document.id
    if page is not None:
        last = page_at(document.fields, section.end - 1)
        where += f", p. {page}" if page == last else f", p. {page}-{last}"
    elif line is not None and has_lines_of_file(document.fields):
        where += f":{line}"
    return f"{where}, {section.heading}" if section.heading else where
