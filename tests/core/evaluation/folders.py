"""Small folders of labeled data, written by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from metier import Runtime
from metier.evaluation.evidence import write_evidence
from metier.evaluation.grid import Axes
from metier.evaluation.settings_sweep import sweep
from metier.testing import FakeEmbedder

DOCUMENTS = {
    "apple": "An apple tree bears red fruit in autumn.",
    "anchor": "The anchor holds the ship in the harbour.",
    "bread": "Bread rises when yeast feeds on sugar.",
    "bridge": "The bridge carries the road over the river.",
    "candle": "A candle gives light until the wax is gone.",
    "cloud": "A dark cloud brings rain to the valley.",
    "drum": "The drum keeps the beat of the march.",
    "engine": "The engine burns fuel and turns the wheels.",
    "forest": "Deer hide in the forest at noon.",
    "glass": "Sand melts into glass in a hot furnace.",
    "honey": "Bees store honey in cells of wax.",
    "island": "Boats reach the island at high tide.",
}

QUERIES = {
    "q1": "fruit of a tree in autumn",
    "q2": "what holds a ship in the harbour",
    "q3": "why bread rises with yeast",
    "q4": "road over the river",
    "q5": "light of a candle",
    "q6": "dark cloud and rain",
    "q7": "beat of the march",
    "q8": "what turns the wheels",
    "q9": "where deer hide at noon",
    "q10": "sand in a hot furnace",
    "q11": "what bees store",
    "q12": "boats at high tide",
}
"""Each asks for the document at the same place, in some of its words."""

TEXTS = {
    "sport": [
        "The team scored a goal in the match.",
        "A goal in the last minute won the match.",
        "The match ended without a goal for the team.",
        "The keeper saved a goal and the team won the match.",
        "Two teams met in the match and no goal fell.",
        "The trainer of the team praised the goal.",
        "A red card changed the match for the team.",
        "The stadium was full for the match.",
    ],
    "kitchen": [
        "Stir the soup in the pot and add salt.",
        "Add salt to the soup before it boils.",
        "The pot of soup stands on the stove.",
        "Salt the soup and stir the pot again.",
        "A lid keeps the soup in the pot warm.",
        "The cook tasted the soup and added salt.",
        "Boil the pot of soup for an hour.",
        "Serve the soup from the pot with bread.",
    ],
}


PACK = """\
schema: 1
domain: sea
title: Seafaring
retrieval: {lexical: 0.5, terms: words}
instructions:
  - {id: ask, task: Find what answers a question, kind: retrieval, dim: 64}
"""


def jsonl(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_collection(
    folder: Path,
    *,
    documents: Mapping[str, str] = DOCUMENTS,
    queries: Mapping[str, str] = QUERIES,
    judgments: str | None = None,
) -> Path:
    """A test collection; unless told otherwise, each query is answered by one document."""
    folder.mkdir(parents=True, exist_ok=True)
    jsonl(folder / "corpus.jsonl", [{"_id": key, "text": text} for key, text in documents.items()])
    jsonl(folder / "queries.jsonl", [{"_id": key, "text": text} for key, text in queries.items()])
    if judgments is None:
        pairs = zip(queries, documents, strict=False)
        judgments = "query-id\tcorpus-id\tscore\n" + "".join(f"{q}\t{d}\t1\n" for q, d in pairs)
    (folder / "qrels.tsv").write_text(judgments)
    return folder


def write_labeled(folder: Path, texts: Mapping[str, Sequence[str]] = TEXTS) -> Path:
    """Texts with labels, those of the labels in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"id": f"{label}-{number}", "text": text, "label": label}
        for label, every in texts.items()
        for number, text in enumerate(every)
    ]
    jsonl(folder / "items.jsonl", rows)
    return folder


def write_backed_pack(folder: Path) -> Path:
    """A pack, and beside it evidence for the weights 0.25 and 0.5 of lexical search."""
    path = folder / "sea.yaml"
    path.write_text(PACK)
    rt = Runtime(FakeEmbedder(), cache=False, plugins=[], packs=[path], progress=False)
    axes = Axes(dims=[64], weights={"lexical": [0.25]})
    swept = sweep(rt, write_collection(folder / "ships"), "sea", axes=axes, resamples=100)
    write_evidence(swept.evidence, folder / "sea.evidence.yaml")
    return path
