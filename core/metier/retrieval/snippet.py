"""Why a passage was found: the words it shares with the query, its best sentence, a snippet."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from metier.retrieval.terms import Analyzer, Term
from metier.texts.sentences import Span, sentences

LENGTH = 240
"""Most characters of a snippet."""

_MOST_WORDS = 8
_LEAD = 40
"""Characters before the first shared word of a snippet."""
_WORD = 24
"""Characters within which a snippet looks for the gap between two words."""

_VISIBLE = re.compile(r"\w")

Similarities = Callable[[Sequence[tuple[int, int]]], Sequence[float]]
"""How well stretches of a passage answer the query, by what the model knows of its tokens."""


_MOST_LINES = 3
_LINE_SHARE = 0.7
"""Share of the best line's score from which on a line of source code answers, too."""


@dataclass(frozen=True, slots=True)
class SnippetLine:
    """A line of source code that answers the query.

    Attributes:
        text: without what it is indented by.
        start: its first character in the passage.
        end: the character after its last.
        matches: stretches of `text` that the query has too, as in `Snippet`.
    """

    text: str
    start: int
    end: int
    matches: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """The part of a passage that answers best, with what it shares with the query.

    Attributes:
        text: as it stands in the passage.
        start: its first character in the passage.
        end: the character after its last.
        matches: stretches of `text` that the query has too: first character and the one after the
            last.
        words: the words of the whole passage that the query has too, each once as it is written,
            the rarest first.
        sentence: the sentence that answers best, of which the snippet may show a part; empty where
            nothing says which. Of source code it is a line.
        lines: of source code the lines that answer best, the best first; empty of prose, and where
            nothing says which.
    """

    text: str
    start: int
    end: int
    matches: tuple[tuple[int, int], ...] = ()
    words: tuple[str, ...] = ()
    sentence: str = ""
    lines: tuple[SnippetLine, ...] = ()

    def moved(self, distance: int) -> Snippet:
        """The same in a text that holds the passage from a character on."""
        lines = (
            replace(line, start=line.start + distance, end=line.end + distance)
            for line in self.lines
        )
        return replace(
            self, start=self.start + distance, end=self.end + distance, lines=tuple(lines)
        )


def snippet(
    terms: Collection[str],
    passage: str,
    analyzer: Analyzer,
    rarity: Callable[[str], float],
    similarities: Similarities | None = None,
) -> Snippet:
    """Find what in a passage answers a query.

    Sentences are compared by the rarity of the terms they share with the query, and where a model
    can tell by their similarity token by token; each in its share of the best sentence's. Source
    code, whose terms are parts of identifiers, is compared line by line.

    Args:
        terms: names of those of the query, which is divided once for all passages.
        passage: not empty.
        analyzer: makes the terms.
        rarity: idf of a term.
        similarities: of stretches of the passage; None where no model can tell.
    """
    shared = [term for term in analyzer.words(passage) if term.name in terms]
    rare = {name: rarity(name) for name in sorted({term.name for term in shared})}
    whole = Span(0, len(passage), passage)
    spans = (_lines(passage) if analyzer.reads_code else sentences(passage)) or [whole]
    rarities = [sum(rare[name] for name in sorted(names)) for names in _inside(shared, spans)]
    like = [0.0] * len(spans)
    if similarities is not None:
        like = list(similarities([(span.start, span.end) for span in spans]))
    scores = [a + b for a, b in zip(_shares(rarities), _shares(like), strict=True)]
    best = spans[max(range(len(spans)), key=scores.__getitem__)]
    stretches = sorted({(term.start, term.end) for term in shared})
    start, end = _stretch(passage, best, stretches)
    written: dict[str, str] = {}
    for term in shared:
        written.setdefault(term.name, passage[term.start : term.end])
    words = dict.fromkeys(written[name] for name in sorted(written, key=lambda n: (-rare[n], n)))
    return Snippet(
        text=passage[start:end],
        start=start,
        end=end,
        matches=_joined((a - start, b - start) for a, b in stretches if start <= a and b <= end),
        words=tuple(words)[:_MOST_WORDS],
        sentence=best.text if any(scores) else "",
        lines=_best_lines(spans, scores, stretches) if analyzer.reads_code else (),
    )


def _lines(passage: str) -> list[Span]:
    """The lines of source code that hold a word, without what they are indented by."""
    spans = []
    start = 0
    for line in passage.split("\n"):
        text = line.strip()
        if _VISIBLE.search(text):
            first = start + line.index(text)
            spans.append(Span(first, first + len(text), text))
        start += len(line) + 1
    return spans


def _best_lines(
    lines: Sequence[Span], scores: Sequence[float], stretches: Sequence[tuple[int, int]]
) -> tuple[SnippetLine, ...]:
    """The lines that answer about as well as the best one, the best first."""
    order = sorted(range(len(lines)), key=lambda number: (-scores[number], number))
    least = max(_LINE_SHARE * scores[order[0]], 1e-9)
    return tuple(
        SnippetLine(
            line.text,
            line.start,
            line.end,
            _joined(
                (start - line.start, end - line.start)
                for start, end in stretches
                if line.start <= start and end <= line.end
            ),
        )
        for line in (lines[number] for number in order[:_MOST_LINES] if scores[number] >= least)
    )


def _inside(terms: Sequence[Term], spans: Sequence[Span]) -> list[set[str]]:
    """The names of the terms that lie wholly in each span."""
    names: list[set[str]] = [set() for _ in spans]
    starts = [span.start for span in spans]
    for term in terms:
        number = bisect_right(starts, term.start) - 1
        if number >= 0 and term.end <= spans[number].end:
            names[number].add(term.name)
    return names


def _shares(scores: Sequence[float]) -> list[float]:
    most = max(scores)
    return [score / most if most > 0 else 0.0 for score in scores]


def _stretch(passage: str, best: Span, matches: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The best sentence with what follows, or of a long one the part with most shared words."""
    start = best.start
    if best.end - best.start > LENGTH:
        inside = [a for a, b in matches if best.start <= a and b <= best.end]
        latest = best.end - LENGTH
        starts = [max(best.start, min(a - _LEAD, latest)) for a in inside] or [best.start]
        start = max(
            starts,
            key=lambda first: bisect_left(inside, first + LENGTH) - bisect_left(inside, first),
        )
        start = _gap(passage, max(best.start, start - _WORD), start) + 1 or start
    end = start + LENGTH
    if end >= len(passage):
        return start, len(passage.rstrip())
    gap = _gap(passage, end - _WORD, end + 1)
    return start, gap if gap > start else end


def _gap(passage: str, start: int, end: int) -> int:
    """The last position of whitespace in a stretch, -1 where there is none."""
    return max(passage.rfind(space, start, end) for space in " \n\t")


def _joined(stretches: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Stretches in order, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in stretches:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
