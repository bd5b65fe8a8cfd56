"""Python and JSON name the same things, in every result that is shipped."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel
from tests.core.evaluation.folders import PACK, write_collection

from metier import Runtime, apply_head, fit_head
from metier.evaluation.grid import Axes
from metier.evaluation.settings_sweep import sweep
from metier.redaction.identifiers import Identifiers
from metier.registry.taxonomy import Taxonomy
from metier.results.group import ResultGroup
from metier.results.record import RunRecord
from metier.results.result import Result
from metier.steps.classifying import classify_by_labels
from metier.steps.clustering import cluster_texts, group_texts
from metier.steps.drift import BatchFlags, BatchScores, compare_batches
from metier.steps.flagging import flag_texts
from metier.steps.head_results import HeadResult
from metier.steps.kept_groups import assign_texts
from metier.steps.matching import match_texts
from metier.steps.prediction_report import PredictionReport
from metier.steps.query_batches import search_queries
from metier.steps.redacting import redact_texts
from metier.steps.searching import Passage, search_passages
from metier.steps.similar_cases import find_similar_cases
from metier.testing import FakeEmbedder
from metier.texts.texts import Texts

SHELVES = ("top", "middle", "bottom")
TOYS = [
    {"id": f"t{number}", "text": text, "shelf": SHELVES[number % 3], "torn": number < 4}
    for number, text in enumerate(
        [f"A {color} teddy bear with soft fur" for color in ("brown", "white", "red", "golden")]
        + [f"A {kind} train that runs on steel rails" for kind in ("fast", "slow", "long", "toy")]
    )
]
TAXONOMY = {
    "risks": [
        {
            "id": "torn",
            "title": "Torn",
            "instruction": "core/text-flagging",
            "signs": ["The arm is torn.", "It is broken."],
        }
    ],
    "neutral": ["It is blue.", "It is new.", "It is large.", "It is made of wood.", "It is old."],
}


@pytest.fixture(scope="module")
def results(rt, tmp_path_factory) -> dict[str, Result]:
    """One of each class, by the name of the class."""
    toys = Texts.of(TOYS)
    passages = [Passage(toy["id"], toy["text"], document=toy["shelf"]) for toy in TOYS]
    task: dict[str, Any] = {"instruction": "core/passage-search", "top_k": 2}
    labels = {"bear": "a teddy bear", "train": "a train"}
    taxonomy = Taxonomy.model_validate(TAXONOMY, strict=False)
    known = group_texts(rt, toys, instruction="core/text-grouping").clustering()
    found = [
        flag_texts(rt, toys, taxonomy, threshold=0.0, labels="torn"),
        cluster_texts(rt, toys, instruction="core/text-grouping"),
        assign_texts(rt, known, toys),
        classify_by_labels(rt, toys, labels, instruction="core/text-classification"),
        search_passages(rt, "a bear", passages, **task),
        search_queries(rt, toys, passages, **task),
        find_similar_cases(
            rt, toys, toys, [toy["shelf"] for toy in TOYS], instruction="core/text-matching"
        ),
        match_texts(rt, toys, toys, instruction="core/text-matching", top_k=1),
        redact_texts(toys, identifiers=Identifiers(), noun="toys"),
        drifted(rt),
        *learned(rt),
        swept(tmp_path_factory.mktemp("sweep")),
    ]
    of_workflows = [result.model_copy(update={"record": RunRecord(workflow="toys/sort")})
                    for result in found]  # fmt: skip
    group = ResultGroup(parts={type(result).__name__: result for result in of_workflows})
    return {type(result).__name__: result for result in [*of_workflows, group]}


def learned(rt) -> list[Result]:
    kinds = ["bear" if "bear" in toy["text"] else "train" for toy in TOYS]
    examples = Texts.of([{**toy, "id": f"{toy['id']}-{n}"} for n in range(3) for toy in TOYS])
    head = fit_head(rt, examples, kinds * 3, instruction="core/text-classification")
    prediction = apply_head(rt, head, examples)
    return [
        HeadResult.of(head, noun="toys"),
        PredictionReport.of(head, prediction, examples, noun="toys"),
    ]


def drifted(rt) -> Result:
    batch = Texts.of([{**toy, "id": f"{toy['id']}-{n}"} for toy in TOYS for n in range(3)])
    count = len(batch)
    scores = {"age": BatchScores([0.5] * count, [0.4] * count)}
    flags = {"torn": BatchFlags([False] * count, [True] * count)}
    return compare_batches(
        rt, batch, batch, instruction="core/text-classification", scores=scores, flags=flags
    )


def swept(folder) -> Result:
    pack = folder / "sea.yaml"
    pack.write_text(PACK)
    rt = Runtime(FakeEmbedder(), plugins=[], packs=[pack], progress=False)
    axes = Axes(weights={"lexical": [0.25]})
    return sweep(rt, write_collection(folder / "data"), "sea", axes=axes, resamples=100)


def shipped(base: type[Result] = Result) -> set[str]:
    below = {
        name
        for subclass in base.__subclasses__()
        for name in shipped(subclass)
        if subclass.__module__.startswith("metier.")
    }
    return below | ({base.__name__} if base is not Result else set())


def differences(value: Any, plain: Any, where: str) -> Iterator[str]:
    """Where names in JSON are not those of attributes of a result, or the other way round."""
    if isinstance(value, BaseModel) or dataclasses.is_dataclass(value):
        names = attributes(value)
        if names != plain.keys():
            yield f"{where}: {sorted(names ^ plain.keys())}"
        for name in names & plain.keys():
            yield from differences(getattr(value, name), plain[name], f"{where}.{name}")
    elif isinstance(value, Mapping):
        for key in value:
            yield from differences(value[key], plain[str(key)], f"{where}[{key!r}]")
    elif isinstance(value, list | tuple):
        assert len(value) == len(plain), where
        for position, part in enumerate(value):
            yield from differences(part, plain[position], f"{where}[{position}]")


def attributes(value: Any) -> set[str]:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name for name in fields if not fields[name].exclude} | {
            *type(value).model_computed_fields
        }
    return {field.name for field in dataclasses.fields(value)}


def test_there_is_an_example_of_every_result_that_is_shipped(results):
    assert shipped() == set(results)


def test_json_has_the_names_of_python_at_every_depth(results):
    found = [
        difference
        for name, result in results.items()
        for difference in differences(result, json.loads(result.to_json()), name)
    ]
    assert found == []


def test_flags_are_called_flags_in_both(results):
    flagged = results["FlagReport"].flagged[0]
    plain = json.loads(results["FlagReport"].to_json())
    (same,) = [item for item in plain["items"] if item["id"] == flagged.id]
    assert same["flags"][0]["risk"] == flagged.flags[0].risk
    assert same["flags"][0]["evidence"]["sentence"] == flagged.flags[0].evidence.sentence


# columns that hold what an attribute of this name does, or that are made of several
COLUMNS = {
    "FlagReport": (
        {
            *("evidence", "start", "end", "risk", "score", "flagged", "sign", "contrast"),
            *("status", "words", "probability", "ruled_out"),
        },
        {"sign_similarity", "contrast_similarity"},
    ),
    "ClusterReport": (
        {"label", "keywords", "strength", "x", "y", "distance"},
        {"second_label", "second_name", "second_probability"},
    ),
    "ClassificationReport": ({"label", "score"}, {"score of bear", "score of train"}),
    "SearchResult": (
        {"rank", "location", "score", "snippet", "words", "sentence"},
        {"cosine", "rerank"},
    ),
}
"""By class: columns of `rows()` named as attributes, and those that have names of their own."""


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_rows_are_named_as_the_attributes_they_hold(results, name):
    result = results[name]
    named, others = COLUMNS[name]
    known = set(names_below(result))
    assert named <= known
    own = {"id", "text", "shelf", "torn"}
    assert set(result.rows()[0]) - own == named | others


def names_below(value: Any) -> Iterator[str]:
    """Names of all attributes of a result, at every depth."""
    if isinstance(value, BaseModel) or dataclasses.is_dataclass(value):
        for name in attributes(value):
            yield name
            yield from names_below(getattr(value, name))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from names_below(part)
