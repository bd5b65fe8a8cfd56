"""How often `legal/nda-check` decides as people do, on a file of ContractNLI.

`python -m benchmarks.nda_check --data dev.json`: accuracy of the three outcomes, F1 of each, and
how often the statement that decided is one that people cite. The file is that of Koreeda and
Manning (2021), https://stanfordnlp.github.io/contract-nli. Half of its agreements, by a hash of
their ids, are for settings, and the other half is reported. With `--paragraphs FILE`, the same for
single paragraphs, a JSON line each: `text`, `part` and `outcomes` by hypothesis.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from metier_legal.hypotheses.report import AgreementFindings

_IDS = MappingProxyType({
    "nda-1": "explicit-identification", "nda-2": "technical-information-only",
    "nda-3": "verbal-information", "nda-4": "limited-use", "nda-5": "sharing-with-employees",
    "nda-7": "sharing-with-third-parties", "nda-8": "notice-of-compelled-disclosure",
    "nda-10": "confidentiality-of-agreement", "nda-11": "no-reverse-engineering",
    "nda-12": "independent-development", "nda-13": "acquisition-from-third-parties",
    "nda-15": "no-license", "nda-16": "return-of-information", "nda-17": "permitted-copies",
    "nda-18": "no-solicitation", "nda-19": "survival", "nda-20": "retention-after-return",
})  # fmt: skip
_OUTCOMES = MappingProxyType({
    "Entailment": "ENTAILED", "Contradiction": "CONTRADICTED", "NotMentioned": "NOT MENTIONED",
})  # fmt: skip
_NAMES = tuple(_OUTCOMES.values())


@dataclass(frozen=True, slots=True)
class LabeledAgreement:
    """An agreement with the outcomes that people gave.

    Attributes:
        id: of it.
        text: the whole of it.
        part: `settings` or `report`.
        outcomes: by hypothesis.
        spans: start and end of what people cite, by hypothesis.
    """

    id: str
    text: str
    part: str
    outcomes: dict[str, str]
    spans: dict[str, list[tuple[int, int]]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nda_check", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="a file of ContractNLI, such as dev.json")
    source.add_argument("--paragraphs", type=Path, help="labeled paragraphs, a JSON line each")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--part", choices=("settings", "report"), help="both, if not given")
    parser.add_argument("--by-hypothesis", action="store_true", help="a row for each, too")
    arguments = parser.parse_args()
    if arguments.data is not None:
        agreements = list(_contract_nli(json.loads(arguments.data.read_text(encoding="utf-8"))))
    else:
        lines = arguments.paragraphs.read_text(encoding="utf-8").splitlines()
        agreements = [_paragraph(number, json.loads(line)) for number, line in enumerate(lines)]
    parts = [arguments.part] if arguments.part else ["settings", "report"]
    chosen = [agreement for agreement in agreements if agreement.part in parts]
    checked = _check(chosen, arguments.model)
    console = Console(width=130)
    for part in parts:
        pairs = [
            (agreement, of_it)
            for agreement, of_it in zip(chosen, checked, strict=True)
            if agreement.part == part
        ]
        console.print(_summary(f"{part}: {len(pairs)} texts", pairs))
        if arguments.by_hypothesis:
            console.print(_by_hypothesis(part, pairs))


def _contract_nli(data: dict[str, Any]) -> Iterator[LabeledAgreement]:
    for document in data["documents"]:
        annotations = document["annotation_sets"][0]["annotations"]
        yield LabeledAgreement(
            id=str(document["id"]),
            text=document["text"],
            part=_part_of(str(document["id"])),
            outcomes={_IDS[key]: _OUTCOMES[of["choice"]] for key, of in annotations.items()},
            spans={
                _IDS[key]: [tuple(document["spans"][span]) for span in of["spans"]]
                for key, of in annotations.items()
            },
        )


def _paragraph(number: int, row: dict[str, Any]) -> LabeledAgreement:
    outcomes = {name: row["outcomes"].get(name, "NOT MENTIONED") for name in _IDS.values()}
    return LabeledAgreement(f"paragraph {number + 1}", row["text"], row["part"], outcomes, {})


def _part_of(name: str) -> str:
    """The half of an agreement, the same in every run."""
    return "report" if int(hashlib.sha1(name.encode()).hexdigest(), 16) % 2 else "settings"


def _check(agreements: Sequence[LabeledAgreement], model: str) -> list[AgreementFindings]:
    import metier
    from metier.plugin import Item
    from metier_legal.hypotheses.checker import HypothesisChecker
    from metier_legal.hypotheses.shipped import shipped_hypotheses
    from metier_legal.structure import read_contract

    rt = metier.Runtime(model=model, cache=True)
    checker = HypothesisChecker(rt, shipped_hypotheses())
    return checker.check(
        [read_contract(Item(agreement.id, agreement.text)) for agreement in agreements]
    )


Pairs = Sequence[tuple[LabeledAgreement, "AgreementFindings"]]


def _summary(title: str, pairs: Pairs) -> Table:
    told = [
        (agreement.outcomes[finding.hypothesis], finding.outcome)
        for agreement, checked in pairs
        for finding in checked.findings
    ]
    table = Table("measure", "value", title=title, title_justify="left")
    table.add_row("decisions", str(len(told)))
    table.add_row("accuracy", f"{_share(label == outcome for label, outcome in told):.3f}")
    always = max(_share(label == name for label, _ in told) for name in _NAMES)
    table.add_row("accuracy of the most frequent outcome alone", f"{always:.3f}")
    mentioned = [(label != "NOT MENTIONED", outcome != "NOT MENTIONED") for label, outcome in told]
    table.add_row("accuracy of mentioned or not", f"{_share(a == b for a, b in mentioned):.3f}")
    for name in _NAMES:
        labeled = sum(label == name for label, _ in told)
        table.add_row(f"F1 of {name} ({labeled})", f"{_f1(told, name):.3f}")
    cited = list(_cited(pairs))
    if cited:
        table.add_row(
            f"evidence that people cite, where both find some ({len(cited)})",
            f"{_share(cited):.3f}",
        )
    return table


def _by_hypothesis(part: str, pairs: Pairs) -> Table:
    columns = (
        "hypothesis",
        "accuracy",
        *(f"{label[:3]} as {outcome[:3]}" for label in _NAMES for outcome in _NAMES),
    )
    table = Table(*columns, title=part, title_justify="left")
    for number, finding in enumerate(pairs[0][1].findings):
        told = [
            (agreement.outcomes[finding.hypothesis], checked.findings[number].outcome)
            for agreement, checked in pairs
        ]
        cells = [str(told.count((label, outcome))) for label in _NAMES for outcome in _NAMES]
        accuracy = _share(label == outcome for label, outcome in told)
        table.add_row(finding.hypothesis, f"{accuracy:.2f}", *cells)
    return table


def _cited(pairs: Pairs) -> Iterator[bool]:
    """Whether the statement that decided overlaps one that people cite, where there are both."""
    for agreement, checked in pairs:
        for finding in checked.findings:
            spans = agreement.spans.get(finding.hypothesis)
            if spans and finding.best is not None:
                best = finding.best
                yield any(best.start < end and start < best.end for start, end in spans)


def _share(values: Any) -> float:
    known = list(values)
    return sum(map(bool, known)) / len(known) if known else float("nan")


def _f1(told: Sequence[tuple[str, str]], name: str) -> float:
    both = sum(label == outcome == name for label, outcome in told)
    either = sum((label == name) + (outcome == name) for label, outcome in told)
    return 2 * both / either if either else float("nan")


if __name__ == "__main__":
    main()
