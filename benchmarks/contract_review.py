"""How well legal/review-contract tells which types of clauses a contract has.

python -m benchmarks.contract_review --data FOLDER [--known FOLDER] [--types]

FOLDER is a collection in BEIR layout whose queries ask for one type of clause in one contract and
whose ids end in the name of the type, such as `q-00-cap-on-liability`. Contracts are rebuilt from
the passages of one title, in order. A type counts as present where a query asks for it, and as
absent in any other contract. Collections ask for some of the types of a contract only, so that
types count as absent that are there: precision and F1 come out too low, and probabilities look too
high. `--known` names a collection of clauses by type in the same layout; what of it stands in a
contract counts as present there as well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from metier import Runtime
from metier.heads.inputs import Floats
from metier.plugin import Item
from metier_legal.checklists.shipped import shipped_checklist
from metier_legal.review.matrix import ContractReviews
from metier_legal.review.passages import contract_passages
from metier_legal.review.reviewer import INSTRUCTION
from metier_legal.structure import read_contract

_RECALL = 0.8
_BINS = 10


@dataclass
class LabeledContract:
    """A contract rebuilt from its passages.

    Attributes:
        title: of its passages.
        text: of all of them, one a paragraph.
        spans: start and end of each passage in the text, by its id.
        relevant: ids of the passages that answer, by type of clause.
        known: types that are there although nothing asks for them.
    """

    title: str
    text: str = ""
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    relevant: dict[str, set[str]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def add(self, passage: str, text: str) -> None:
        """Append a passage."""
        self.text += "\n" if self.text else ""
        self.spans[passage] = (len(self.text), len(self.text) + len(text))
        self.text += text

    @property
    def is_chosen_on(self) -> bool:
        """Whether it is of the half that settings are chosen on."""
        return int(hashlib.sha256(self.title.encode()).hexdigest(), 16) % 2 == 0


class Answer(NamedTuple):
    """What is known and what is said of one type in one contract.

    Attributes:
        type: of clause.
        asked: whether a query asks for it.
        known: whether it is there for all that is known.
        confidence: probability that it is there, or any score.
        status: as reviewed.
        hit: whether the quote is in a passage that answers; None where nothing asks.
        chosen_on: as of the contract.
    """

    type: str
    asked: bool
    known: bool
    confidence: float
    status: str
    hit: bool | None
    chosen_on: bool


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="collection in BEIR layout")
    parser.add_argument("--known", type=Path, help="collection of clauses by type")
    parser.add_argument("--types", action="store_true", help="a row for each type as well")
    parser.add_argument("--model", default="embedded")
    arguments = parser.parse_args()
    rt = Runtime(arguments.model, cache=True, progress=False)
    contracts = read_contracts(arguments.data)
    if arguments.known is not None:
        add_known(contracts, arguments.known)
    baseline = list(by_question(rt, contracts))
    reviewed = list(by_review(rt, contracts))
    print("| | half | F1 | precision at recall 0.8 | average precision | hit@1 | ECE | share |")
    print("|---|---|---|---|---|---|---|---|")
    for name, answers in (("cosine to the question", baseline), ("review", reviewed)):
        for half in (True, False):
            for known in (False, True) if arguments.known is not None else (False,):
                print(_row(name, answers, half, known), flush=True)
    if arguments.types:
        for name in sorted({answer.type for answer in reviewed}):
            of_type = [answer for answer in reviewed if answer.type == name]
            print(_row(name, of_type, None, arguments.known is not None), flush=True)


def read_contracts(folder: Path) -> list[LabeledContract]:
    """The contracts of a collection, with the types that its queries ask for."""
    contracts: dict[str, LabeledContract] = {}
    titles = {}
    for row in _rows(folder / "corpus.jsonl"):
        contract = contracts.setdefault(row["title"], LabeledContract(row["title"]))
        contract.add(row["_id"], row["text"])
        titles[row["_id"]] = row["title"]
    for query, passages in _judged(folder).items():
        name = _type_of(query.split("-", 2)[-1])
        if name is not None:
            contract = contracts[titles[next(iter(passages))]]
            contract.relevant.setdefault(name, set()).update(passages)
    return [contract for contract in contracts.values() if contract.relevant]


def add_known(contracts: Sequence[LabeledContract], folder: Path) -> None:
    """Note the types of which a collection of clauses holds a clause of a contract."""
    clauses = {row["_id"]: _letters(row["text"]) for row in _rows(folder / "corpus.jsonl")}
    texts = [_letters(contract.text) for contract in contracts]
    for query, passages in _judged(folder).items():
        name = _type_of(query.split("-", 1)[-1])
        for passage in passages if name is not None else ():
            for contract, text in zip(contracts, texts, strict=True):
                if clauses[passage] in text:
                    contract.known.add(str(name))


def by_review(rt: Runtime, contracts: Sequence[LabeledContract]) -> Iterator[Answer]:
    """The answers of the workflow."""
    items = [Item(contract.title, contract.text) for contract in contracts]
    report: ContractReviews = rt.run("legal/review-contracts", items)
    asked = {name for contract in contracts for name in contract.relevant}
    for contract, of_contract in zip(contracts, report.contracts, strict=True):
        for finding in of_contract.findings:
            if finding.question in asked:
                best = finding.best
                span = (0, 0) if best is None else (best.start, best.end)
                yield _answer(contract, finding.question, finding.confidence, finding.status, span)


def by_question(rt: Runtime, contracts: Sequence[LabeledContract]) -> Iterator[Answer]:
    """The highest cosine of a passage with the question, one threshold for all types."""
    asked = {name for contract in contracts for name in contract.relevant}
    questions = [question for question in shipped_checklist().questions if question.id in asked]
    texts = [f"{question.title}: {question.description}" for question in questions]
    queries = np.asarray(rt.embed_queries(texts, instruction=INSTRUCTION))
    for contract in contracts:
        passages = contract_passages(read_contract(Item(contract.title, contract.text)))
        contents = [passage.content for passage in passages]
        cosines = np.asarray(rt.embed_documents(contents, instruction=INSTRUCTION)) @ queries.T
        for number, question in enumerate(questions):
            best = passages[int(cosines[:, number].argmax())]
            highest = float(cosines[:, number].max())
            yield _answer(contract, question.id, highest, "", (best.start, best.end))


def _answer(
    contract: LabeledContract, name: str, confidence: float, status: str, span: tuple[int, int]
) -> Answer:
    hit = None
    if name in contract.relevant:
        spans = (contract.spans[passage] for passage in contract.relevant[name])
        hit = any(start < span[1] and span[0] < end for start, end in spans)
    is_known = name in contract.relevant or name in contract.known
    return Answer(
        name, name in contract.relevant, is_known, confidence, status, hit, contract.is_chosen_on
    )


def _row(name: str, answers: Sequence[Answer], half: bool | None, known: bool) -> str:
    """A row of the table: figures of one half, the threshold of a bare score of the other."""
    inside = [answer for answer in answers if half in (None, answer.chosen_on)]
    truth = np.array([answer.known if known else answer.asked for answer in inside])
    scores = np.array([answer.confidence for answer in inside])
    is_review = bool(inside[0].status)
    if is_review:
        said = np.array([answer.status == "present" for answer in inside])
    else:
        chosen_on = [answer for answer in answers if answer.chosen_on]
        least = _best_threshold(
            np.array([answer.known if known else answer.asked for answer in chosen_on]),
            np.array([answer.confidence for answer in chosen_on]),
        )
        said = scores >= least
    hits = [answer.hit for answer in inside if answer.hit is not None]
    figures = (
        _f1(truth, said),
        _precision_at(truth, scores),
        _average_precision(truth, scores),
        float(np.mean(hits)) if hits else float("nan"),
        _calibration_error(truth, scores) if is_review else float("nan"),
        float(truth.mean()),
    )
    which = {True: "chosen on", False: "reported", None: "both"}[half]
    labels = "asked or known" if known else "asked"
    cells = " | ".join(f"{figure:.3f}" for figure in figures)
    return f"| {name}, present = {labels} | {which} | {cells} |"


def _f1(truth: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> float:
    both = float((truth & said).sum())
    return 2 * both / max(float(truth.sum() + said.sum()), 1.0)


def _best_threshold(truth: npt.NDArray[np.bool_], scores: Floats) -> float:
    return float(max(np.unique(scores), key=lambda least: _f1(truth, scores >= least)))


def _curve(truth: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    return hits / np.arange(1, len(hits) + 1), hits / max(float(truth.sum()), 1.0)


def _precision_at(truth: npt.NDArray[np.bool_], scores: Floats) -> float:
    precision, recall = _curve(truth, scores)
    reaching = recall >= _RECALL - 1e-9
    return float(precision[reaching].max()) if reaching.any() else float("nan")


def _average_precision(truth: npt.NDArray[np.bool_], scores: Floats) -> float:
    precision, recall = _curve(truth, scores)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def _calibration_error(truth: npt.NDArray[np.bool_], scores: Floats) -> float:
    """Mean distance between probability and share in ten bins, weighted by their size."""
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    return float(
        sum(
            (bins == number).mean()
            * abs(scores[bins == number].mean() - truth[bins == number].mean())
            for number in np.unique(bins)
        )
    )


def _judged(folder: Path) -> Mapping[str, set[str]]:
    """The relevant passages of each query."""
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, passage, grade = line.split("\t")
        if int(grade) > 0:
            relevant[query].add(passage)
    return relevant


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _type_of(name: str) -> str | None:
    """Id of the question that a name is of; None where the checklist has none."""
    question = shipped_checklist().named(name)
    return None if question is None else question.id


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


if __name__ == "__main__":
    main()
