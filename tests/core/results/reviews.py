"""Results whose rows point into documents, for tests of them."""

from __future__ import annotations

from metier.results.document_position import DocumentPosition, MarkTone
from metier.results.result import Result
from metier.results.result_document import DocumentHeading, ResultDocument
from metier.results.table import Column, Excerpt, Table

LEASE = (
    "LEASE OF A PLAYROOM\n\n1. Rent\n\n"
    "The tenant pays 40 marbles \U0001f600 on the first of the month.\n\n"
    "2. Return\n\n2.1 Toys\n\nToys are returned clean, and in the box that they came in.\n"
)
TONES: dict[str, MarkTone] = {"MATCH": "good", "DEVIATION": "warning", "MISSING": "bad"}


def position(document: ResultDocument, quote: str, tone: MarkTone = "neutral") -> DocumentPosition:
    """Where a quote first stands in a document."""
    start = document.text.index(quote)
    return DocumentPosition(document.id, start, start + len(quote), f"at {quote[:12]}", tone)


def lease(id: str = "lease.txt", text: str = LEASE) -> ResultDocument:
    """A document with three headings and two pages."""
    headings = [
        DocumentHeading(title, text.index(title), title.split()[0].count(".") or 1)
        for title in ("1. Rent", "2. Return")
    ]
    inner = DocumentHeading("2.1 Toys", text.index("2.1 Toys"), 2)
    pages = (0, text.index("2. Return"))
    return ResultDocument(id, text, headings=(*headings, inner), page_starts=pages)


class Review(Result):
    """Findings about documents: rows of question, outcome and quote."""

    findings: tuple[tuple[str, str, str], ...] = (
        ("rent", "MATCH", "The tenant pays 40 marbles \U0001f600"),
        ("return of toys", "DEVIATION", "Toys are returned clean"),
        ("deposit", "MISSING", ""),
    )

    def headline(self):
        return f"{len(self.findings)} findings"

    def tables(self):
        columns = (
            Column("question", main=True),
            Column("outcome", "label", tones=TONES),
            "place",
            "quote",
        )
        return [Table("Findings", columns, [self._row(*finding) for finding in self.findings])]

    def rows(self):
        return [{"question": question, "quote": quote} for question, _, quote in self.findings]

    def _row(self, question: str, outcome: str, quote: str) -> tuple[object, ...]:
        (document, *_) = [*self.cited_documents, lease()]
        cell = position(document, quote, TONES[outcome]) if quote else None
        return (question, outcome, cell, Excerpt(quote))
