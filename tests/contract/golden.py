"""The golden record: the numbers that metier gives for fixed inputs, to compare later code with.

    python -m tests.contract.golden write FILE
    python -m tests.contract.golden compare FILE [--exact]

A record holds one JSON value for each case. Everything is computed in float32 on one CPU thread,
without a cache, through the public interface. Between kinds of CPU the last bits differ, so
`compare` allows small differences; `--exact` allows none, for two versions of the code on one
machine.

Functions that read result objects stand together under "Reading results". When a public name
changes, they and the calls are adapted, and the record stays as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import threadpoolctl
from tests.contract import golden_inputs as inputs

import metier
from metier.cli.main import main as run_command
from metier.registry.retrieval_settings import RetrievalSettings
from metier.testing import checkpoints

GOLDEN = Path(__file__).with_name("golden.json")

TOLERANCE = 2e-4
"""Largest difference of two floats. Scores of flags are rounded to 4 decimals, so that the least
difference of two of them is 1e-4. All others were within 1e-5 with AVX-512, AVX2 and without."""

EXACT_ONLY = ("sha256", "coordinates")
"""Values compared with `--exact` only: hashes of vectors, and the map of a grouping, which turns
with the last bits of the vectors."""

Case = tuple[str, Any]


class Models:
    """The Runtimes of a record, and a folder for them.

    Attributes:
        plain: the embedded model.
        embedded: the embedded model and a tiny Qwen3 reranker.
        qwen3: a tiny Qwen3 embedding model and the same reranker.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        qwen3 = checkpoints.write_qwen3_embedder(folder / "qwen3", max_positions=256)
        reranker = checkpoints.write_qwen3_reranker(folder / "reranker")
        self.plain = self._runtime("embedded", None)
        self.embedded = self._runtime("embedded", reranker)
        self.qwen3 = self._runtime(qwen3, reranker)

    def _runtime(self, model: str | Path, reranker: Path | None) -> metier.Runtime:
        return metier.Runtime(
            model, reranker, device="cpu", dtype="float32", cache=False, progress=False
        )


# --- Reading results ------------------------------------------------------------------------------


def vectors(array: Any) -> dict[str, Any]:
    """Shape and hash of vectors, and the first four and last two numbers of each."""
    rows = np.ascontiguousarray(array, dtype="<f4")
    ends = np.concatenate([rows[:, :4], rows[:, -2:]], axis=1)
    return {
        "shape": list(rows.shape),
        "sha256": hashlib.sha256(rows.tobytes()).hexdigest(),
        "ends": [[float(number) for number in row] for row in ends],
    }


def reranked(results: Sequence[Any]) -> dict[str, Any]:
    """Position and score of each document, best first."""
    return {"hits": [[result.index, result.score] for result in results]}


def index_hits(hits: Sequence[Any]) -> dict[str, Any]:
    """Hits of an index, best first: document, span, chunk id, score, stage scores, snippet."""
    return {
        "hits": [
            [
                hit.document_id,
                [hit.start, hit.end],
                hit.id,
                hit.score,
                dict(sorted(hit.scores.items())),
                [hit.snippet.start, hit.snippet.end, hit.snippet.sentence, *hit.snippet.words],
            ]
            for hit in hits
        ]
    }


def workflow_hits(result: Any) -> dict[str, Any]:
    """Hits of a search workflow, best first: passage, score, scores, sentence and words."""
    return {
        "searched": result.searched,
        "hits": [
            [
                hit.id,
                hit.score,
                dict(sorted(hit.scores.items())),
                [hit.snippet.sentence, *hit.snippet.words],
            ]
            for hit in result.hits
        ],
    }


def flags(report: Any) -> dict[str, Any]:
    """Scores of each text by risk; where one is flagged, the sentence that says why."""
    return {
        item.id: {
            score.risk: [
                score.score,
                score.flagged,
                [score.evidence.start, score.evidence.end] if score.flagged else None,
            ]
            for score in sorted(item.scores, key=lambda score: score.risk)
        }
        for item in report.items
    }


def groups(report: Any) -> dict[str, Any]:
    """Groups with size, central text and keywords; label, strength and coordinates of each text."""
    return {
        "groups": [
            [group.label, group.size, group.central_id, list(group.keywords)]
            for group in report.clusters
        ],
        "outliers": [member.id for member in report.outliers],
        "members": {member.id: [member.label, member.strength] for member in report.members},
        "coordinates": [[member.x, member.y] for member in report.members],
    }


def classes(report: Any) -> dict[str, Any]:
    """Label of each text and its scores by label; accuracy on examples that were held out."""
    return {
        "accuracy": report.accuracy,
        "labels": {item.id: item.label for item in report.items},
        "scores": {
            item.id: {score.label: score.score for score in sorted(item.scores, key=str)}
            for item in report.items
        },
    }


def explained_search(explanation: Any) -> list[Any]:
    """What a search compares: vector size, dimensions compared, rotated, shortlist, reranked."""
    return [
        explanation.dim,
        explanation.compared,
        explanation.rotated,
        explanation.shortlist,
        explanation.rerank,
    ]


def explained_text(explanation: Any) -> list[Any]:
    """What the model reads of a text: the rendered text, its tokens, whether cut, vector size."""
    return [explanation.rendered, explanation.tokens, explanation.truncated, explanation.dim]


# --- Cases ----------------------------------------------------------------------------------------


def embeddings(models: Models) -> Iterator[Case]:
    """Vectors of documents and queries, of a stream, in shorter sizes, and reranker scores."""
    for name, rt in (("embedded", models.embedded), ("qwen3", models.qwen3)):
        texts = list(inputs.TEXTS)
        yield f"{name}: documents", vectors(rt.embed_documents(texts))
        yield f"{name}: queries", vectors(rt.embed_queries(texts))
        for instruction in inputs.INSTRUCTIONS:
            yield (
                f"{name}: queries, {instruction}",
                vectors(rt.embed_queries(texts, instruction=instruction)),
            )
            yield (
                f"{name}: documents, {instruction}, dim 32",
                vectors(rt.embed_documents(texts, instruction=instruction, dim=32)),
            )
            yield (
                f"{name}: explained, {instruction}",
                [explained_text(rt.explain(instruction, text)) for text in texts],
            )
        parts = list(rt.stream_documents(iter(texts), window=3))
        yield f"{name}: stream", vectors(np.concatenate(parts))
    for instruction in (None, *inputs.INSTRUCTIONS):
        ranked = models.qwen3.rerank(inputs.TEXTS[0], inputs.TEXTS, instruction=instruction)
        yield f"reranker: {instruction}", reranked(ranked)


def searches(models: Models) -> Iterator[Case]:
    """Hits of every domain with its own settings and with all stages, in memory and on disk."""
    for domain, search in inputs.searches().items():
        rt = models.qwen3 if search.model == "qwen3" else models.embedded
        documents = search.documents(rt)
        options = {"instruction": search.instruction, "domain": search.domain}
        memory = rt.index(documents, **options)
        disk = rt.index(documents, at=models.folder / "indexes" / domain, **options)
        for kind, index in (("memory", memory), ("disk", disk)):
            yield from _searched(f"{domain}, {kind}", index, search)


def _searched(name: str, index: metier.Index, search: inputs.Search) -> Iterator[Case]:
    all_stages = RetrievalSettings(**search.all_stages)
    variants: dict[str, dict[str, Any]] = {
        "where": {"where": search.condition},
        "dim 8": {"dim": 8},
        "all stages": {"retrieval": all_stages},
    }
    query, *others = search.queries
    yield f"{name}: {query}, reranked", index_hits(index.search(query, top_k=5, rerank=True))
    for variant, options in variants.items():
        hits = index.search(query, top_k=5, rerank=False, **options)
        yield f"{name}: {query}, {variant}", index_hits(hits)
    found = index.search_many(others, top_k=5, rerank=False)
    for other, hits in zip(others, found, strict=True):
        yield f"{name}: {other}", index_hits(hits)
    explained = [index.explain(), index.explain(dim=8, rerank=False)]
    yield f"{name}: explained", [explained_search(each) for each in explained]


def workflows(models: Models) -> Iterator[Case]:
    """Flags, groups, labels and hits of the workflows on the shipped samples."""
    rt = models.plain
    read: dict[str, Callable[[Any], Any]] = {
        "flag": flags,
        "group": groups,
        "classify": classes,
        "search": workflow_hits,
    }
    for name, run in inputs.runs().items():
        yield name, read[run.kind](rt.run(run.workflow, *run.inputs(), **run.parameters))


def evaluations(models: Models) -> Iterator[Case]:
    """Figures of `metier eval` on the shipped evaluation sets."""
    common = ["--model", "embedded", "--device", "cpu", "--dtype", "float32", "--no-cache"]
    for folder, domain, options in inputs.EVALUATIONS:
        printed = io.StringIO()
        path = inputs.shipped(domain, "evaluation", folder)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            code = run_command(["eval", str(path), "--domain", domain, *options, *common, "--json"])
        if code != 0:
            raise RuntimeError(f"metier eval {folder} returned {code}")
        yield " ".join([domain, folder, *options]), json.loads(printed.getvalue())["metrics"]


SECTIONS: Mapping[str, Callable[[Models], Iterator[Case]]] = {
    "embeddings": embeddings,
    "searches": searches,
    "workflows": workflows,
    "evaluations": evaluations,
}


def record(section: str, models: Models) -> dict[str, Any]:
    """All cases of a section, computed on one thread, as JSON would give them back."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpoolctl.threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", metier.MetierWarning)
            cases = dict(SECTIONS[section](models))
    finally:
        torch.set_num_threads(threads)
    return json.loads(json.dumps(cases))


# --- Comparing ------------------------------------------------------------------------------------


def differences(expected: Any, actual: Any, *, exact: bool = False, at: str = "") -> Iterator[str]:
    """Where two values differ, each place with both values; nothing if they are equal.

    Unless `exact`, floats may differ by `TOLERANCE`, hashes are passed over, and hits may change
    places where their scores are that close.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in dict.fromkeys([*expected, *actual]):
            where = f"{at} / {name}"
            if name not in expected or name not in actual:
                yield f"{where}: only {'expected' if name in expected else 'found'}"
            elif name == "hits" and not exact:
                yield from _differences_of_hits(expected[name], actual[name], where)
            elif exact or name not in EXACT_ONLY:
                yield from differences(expected[name], actual[name], exact=exact, at=where)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for position, pair in enumerate(zip(expected, actual, strict=True)):
            yield from differences(*pair, exact=exact, at=f"{at} [{position}]")
    elif isinstance(expected, float) and isinstance(actual, float) and not exact:
        if abs(expected - actual) > TOLERANCE:
            yield f"{at}: {expected} expected, {actual} found"
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{at}: {expected!r} expected, {actual!r} found"


def main(arguments: Sequence[str]) -> int:
    """Write a record or compare with one; 1 where they differ."""
    exact = "--exact" in arguments
    command, path = [argument for argument in arguments if argument != "--exact"]
    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith("METIER_")]:
            del os.environ[name]
        os.environ["XDG_CONFIG_HOME"] = folder  # no packs of the user
        models = Models(Path(folder))
        found = {section: record(section, models) for section in SECTIONS}
    if command == "write":
        Path(path).write_text(as_text(found), encoding="utf-8")
        return 0
    known = json.loads(Path(path).read_text(encoding="utf-8"))
    lines = list(differences(known, found, exact=exact))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(f"{len(lines)} differences from {path}\n")
    return 1 if lines else 0


def as_text(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """A record as JSON with one case on each line."""
    parts = []
    for section, cases in sections.items():
        lines = [f"  {_json(name)}: {_json(case)}" for name, case in cases.items()]
        parts.append(f" {_json(section)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _differences_of_hits(expected: list[Any], actual: list[Any], at: str) -> Iterator[str]:
    """Differences of ranked hits, each a list of an id, its facts and a score."""
    if len(expected) != len(actual):
        yield f"{at}: {len(expected)} hits expected, {len(actual)} found"
        return
    found = {hit[0]: hit for hit in actual}
    last = _score(expected[-1]) if expected else 0.0
    for position, (hit, other) in enumerate(zip(expected, actual, strict=True)):
        where = f"{at} [{position}]"
        yield from differences(_score(hit), _score(other), at=f"{where} score")
        if hit[0] in found:
            yield from differences(hit, found[hit[0]], at=f"{where} {hit[0]}")
        elif abs(_score(hit) - last) > TOLERANCE:
            yield f"{where}: {hit[0]} expected, not found"


def _score(hit: list[Any]) -> float:
    return next(part for part in hit if isinstance(part, float))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
