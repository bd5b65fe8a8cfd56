"""How many duties of invented sentences are read right: `python -m benchmarks.duties`."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from metier.plugin import Item
from metier_legal.duties.duty import Duty
from metier_legal.duties.reading import read_duties
from metier_legal.structure import read_contract

SENTENCES = Path(__file__).with_name("duty_sentences.yaml")
PARTS = ("looked_at", "kept_apart")
_SAME_TIME = 0.6
"""Share of words that two times have in common from which on they are the same."""


def main() -> None:
    """Print precision and recall of modality, party and time for each half of the sentences."""
    contracts = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))["contracts"]
    for part in PARTS:
        counts: Counter[str] = Counter()
        for contract in contracts:
            for text, *expected in contract[part]:
                counts += compare(duties_of(contract["opening"].strip(), text), expected)
        for name, both, total in (
            ("modality", "modality", "duties"),
            ("modality and party", "party", "duties"),
            ("time", "time", "times"),
        ):
            precision = counts[both] / counts[f"read {total}"]
            recall = counts[both] / counts[f"expected {total}"]
            figures = f"precision {precision:.2f}, recall {recall:.2f}"
            sys.stdout.write(f"{part}, {name}: {figures} of {counts[f'expected {total}']}\n")


def duties_of(opening: str, text: str) -> list[Duty]:
    """The duties of a sentence in a contract with this opening."""
    before = f"{opening}\n\n1. Terms\n\n" if opening else ""
    contract = read_contract(Item("contract", before + text))
    return [duty for duty in read_duties(contract) if duty.end > len(before)]


def compare(duties: list[Duty], expected: list[list[Any]]) -> Counter[str]:
    """Counts of what is right: each expected duty with the first of its modality."""
    counts = Counter(
        {
            "read duties": len(duties),
            "expected duties": len(expected),
            "read times": sum(bool(duty.texts("due")) for duty in duties),
            "expected times": sum(bool(due) for _, _, due in expected),
        }
    )
    left = list(duties)
    for party, modality, due in expected:
        duty = next((duty for duty in left if duty.modality == modality), None)
        if duty is None:
            continue
        left.remove(duty)
        counts["modality"] += 1
        counts["party"] += duty.party == party
        counts["time"] += is_same_time(due, duty.texts("due"))
    return counts


def is_same_time(expected: str, words: str) -> bool:
    """Whether two times have most of their words in common."""
    left, right = (set(re.findall(r"\w+", text.lower())) for text in (expected, words))
    return bool(left and right) and len(left & right) / len(left | right) >= _SAME_TIME


if __name__ == "__main__":
    main()
