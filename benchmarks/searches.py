"""Search quality by stage, on test collections with judged documents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.options import Options
from benchmarks.rows import Row
from metier.evaluation.labeled_data import read_collection
from metier.evaluation.pipeline import choose_pipeline
from metier.evaluation.search_task import build, measure_search
from metier.evaluation.tasks import LEADING

if TYPE_CHECKING:
    from metier.registry.retrieval_settings import RetrievalSettings

CASE = "searches"

PACK = Path("examples/packs/commerce.yaml")

_ALONE: dict[str, dict[str, Any]] = {
    "vectors alone": {"dense": 1.0, "lexical": 0.0},
    "terms alone": {"dense": 0.0, "lexical": 1.0},
}

_OTHER_STAGES_OFF: dict[str, Any] = {
    "interaction": 0.0,
    "heading": 0.0,
    "feedback": 0.0,
    "aspect": 0.0,
    "aspects": (),
}


def searches_case(options: Options) -> list[Row]:
    """nDCG@10 of the embedded model by vectors, by terms, and with the settings of the domain."""
    from metier import Runtime

    rt = Runtime("embedded", device=options.device, packs=[PACK], progress=False)
    rows: list[Row] = []
    for argument in options.folders:
        searched, _, folder = argument.partition("=")
        if not folder:
            raise SystemExit(
                f"{CASE}: name the domain to search {argument} with, as in legal={argument}"
            )
        domain, _, instruction = searched.partition("/")
        collection = read_collection(Path(folder))
        pipeline = choose_pipeline(
            rt, "retrieval", domain or "core", instruction=searched if instruction else None
        )
        name = Path(folder).resolve().name
        size = f"{len(collection.queries)} queries, {len(collection.documents)} documents"
        sys.stderr.write(f"{CASE}: {name}, {size}\n")
        index = build(rt, collection, pipeline)
        for what, settings in _settings(rt.instructions.retrieval(pipeline.searched_as)).items():
            outcome = measure_search(
                index,
                collection,
                settings,
                instruction=pipeline.instruction,
                rerank=False,
                progress=rt.engine.progress,
            )
            figure = outcome.metrics[LEADING["retrieval"]]
            rows.append(Row(CASE, f"{name}: nDCG@10, {what}", figure, detail=size))
    return rows


def _settings(own: RetrievalSettings) -> dict[str, RetrievalSettings]:
    """A first stage alone each, with the domain's terms, and all stages with its weights."""
    alone = {
        what: own.model_copy(update={**_OTHER_STAGES_OFF, **weights})
        for what, weights in _ALONE.items()
    }
    return {**alone, "as the domain declares": own}
