"""What `legal/compare-contracts` finds of random edits of contracts.

`python -m benchmarks.contract_comparison --data FOLDER` reads passages in the layout of a test
collection, joins those of one title to a contract, edits each and prints what was found. Contracts
of even rank are those that settings were chosen on, and the others are kept apart.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.contract_edits import KINDS, Edit, edited
from metier import Item, Runtime
from metier_legal.comparison.comparison_report import ContractComparison
from metier_legal.structure import read_contract

_NEAR = 3
"""Characters by which a difference may miss an edit."""
_LEAST_COVERED = 0.5
"""Share of the characters of an edit that a difference has to cover."""

Spans = list[tuple[int, int]]


class Figures:
    """Counts over contracts."""

    def __init__(self) -> None:
        self.edits: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.moves = 0
        self.findings = self.right = self.references = 0
        self.characters = self.right_characters = 0

    def add(self, result: ContractComparison, edits: Sequence[Edit]) -> list[str]:
        """Count one comparison; what it missed and what it reports without an edit."""
        problems = []
        reported = _reported(result)
        for edit in edits:
            self.edits[edit.kind] += 1
            is_found = all(
                _covered(span, [spans[side] for spans in reported])
                for side, own in enumerate((edit.left, edit.right))
                for span in own
                if span[1] > span[0]
            )
            self.found[edit.kind] += is_found
            if not is_found:
                problems.append(f"missed {edit.kind} {edit.left} {edit.right}")
            elif edit.kind == "clause moved":
                self.moves += any(
                    clause.moved
                    and any(
                        location.start < edit.left[0][1] and edit.left[0][0] < location.end
                        for location in clause.left
                    )
                    for clause in result.clauses
                )
        sides = [[span for edit in edits for span in edit.left],
                 [span for edit in edits for span in edit.right]]  # fmt: skip
        lost = {
            ((item.left_start, item.left_end), (item.right_start, item.right_end))
            for clause in result.clauses
            for item in clause.differences
            if item.kinds == ("reference",) and item.note
        }
        for spans in reported:
            self.findings += 1
            is_right = any(
                start - _NEAR <= last and first <= end + _NEAR
                for (first, last), own in zip(spans, sides, strict=True)
                for start, end in own
            )
            self.right += is_right
            self.references += not is_right and spans in lost
            if not is_right:
                problems.append(f"invented {spans}")
            for (first, last), own in zip(spans, sides, strict=True):
                self.characters += last - first
                self.right_characters += sum(
                    max(0, min(last, end) - max(first, start)) for start, end in own
                )
        return problems

    def row(self, name: str) -> str:
        """A row of the table."""
        total = sum(self.edits.values())
        kinds = " ".join(
            f"{kind} {self.found[kind]}/{self.edits[kind]}" for kind in KINDS if self.edits[kind]
        )
        return (
            f"{name}: edits {total}, recall {sum(self.found.values()) / max(1, total):.3f}, "
            f"findings {self.findings}, precision {self.right / max(1, self.findings):.3f}, "
            f"references that lead elsewhere {self.references}, "
            f"of characters {self.right_characters / max(1, self.characters):.3f}, "
            f"moves as moves {self.moves}\n  {kinds}"
        )


def _reported(result: ContractComparison) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Left and right offsets of what is reported."""
    reported = []
    for clause in result.clauses:
        for difference in clause.differences:
            reported.append(
                (
                    (difference.left_start, difference.left_end),
                    (difference.right_start, difference.right_end),
                )
            )
        if clause.status in ("only left", "only right") or clause.moved:
            left = [(location.start, location.end) for location in clause.left] or [(-9, -9)]
            right = [(location.start, location.end) for location in clause.right] or [(-9, -9)]
            reported.append((left[0], right[0]))
    return reported


def _covered(span: tuple[int, int], reported: Spans) -> bool:
    """Whether most of a stretch is in what is reported."""
    start, end = span
    covered = sum(max(0, min(end, last) - max(start, first)) for first, last in set(reported))
    return covered >= _LEAST_COVERED * (end - start)


def contracts(folder: Path) -> Iterator[tuple[str, str]]:
    """Contracts of a collection: passages of one title, in their order."""
    texts: dict[str, list[str]] = {}
    for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines():
        passage = json.loads(line)
        texts.setdefault(passage["title"], []).append(passage["text"])
    for title, passages in texts.items():
        yield title, "\n\n".join(passages)


def main() -> None:
    """Edit each contract, compare, and print counts for both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--edits", type=int, default=20, help="of each contract")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--show", action="store_true", help="print what was missed or invented")
    options = parser.parse_args()
    rt = Runtime(model=options.model, dtype="float32", progress=False)
    whole = list(contracts(options.data))
    clauses = [
        clause
        for _, text in whole[::5]
        for clause in read_contract(Item("other", text)).clauses
        if 200 < len(clause.text) < 1500
    ]
    halves = Figures(), Figures()
    seconds = 0.0
    for rank, (title, text) in enumerate(whole):
        others = [clause for clause in clauses if clause.text not in text]
        new, edits = edited(text, others, count=options.edits, seed=title)
        started = time.perf_counter()
        result = rt.run(
            "legal/compare-contracts", [{"id": "old", "text": text}], [{"id": "new", "text": new}]
        )
        seconds += time.perf_counter() - started
        problems = halves[rank % 2].add(result, edits)
        if options.show:
            print(title, len(result.clauses), *problems, sep="\n  ")
    print(halves[0].row("chosen on"))
    print(halves[1].row("kept apart"))
    print(f"{len(whole)} contracts, {seconds / len(whole):.2f} s each")


if __name__ == "__main__":
    main()
