"""Adapters for mteb: a Runtime as its model, a folder of labeled data as its task.

Nothing is downloaded:

import mteb
from metier.evaluation.mteb import MtebModel, MtebTask

mteb.evaluate(MtebModel(rt, "legal/clause-search"), MtebTask("contracts"), cache=None)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.errors import MissingExtraError, UsageError
from metier.evaluation.folder_evaluation import name_of
from metier.evaluation.labeled_data import Collection, read_folder
from metier.evaluation.search_task import search_to
from metier.folders import expand_home
from metier.texts.texts import Documents

try:
    from datasets import Dataset
    from mteb.abstasks.retrieval import AbsTaskRetrieval
    from mteb.abstasks.retrieval_dataset_loaders import RetrievalSplitData
    from mteb.abstasks.task_metadata import TaskMetadata
    from mteb.models.model_meta import ModelMeta, ScoringFunction
    from mteb.similarity_functions import cos_sim, pairwise_cos_sim
    from mteb.types import PromptType
except ImportError as error:
    raise MissingExtraError("An adapter for mteb", "eval", "mteb") from error

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from metier.indexing.index import Index
    from metier.registry.instruction import Instruction
    from metier.runtime.runtime import Runtime

_SPLIT = "test"
_OF_DOCUMENTS = ("Clustering",)
"""Kinds of tasks whose texts our workflows embed as documents."""


class MtebModel:
    """A Runtime as a model of mteb.

    Tasks of retrieval are searched as `metier eval` and every workflow search: through an index,
    with all its stages. Other tasks get vectors.

    Args:
        rt: the Runtime.
        instruction: of all queries and texts, id or `Instruction`; None for the model's default.
        domain: whose settings searches take; None for that of the instruction.
        dim: vector size; None for the instruction's default.
        rerank: whether a reranker orders the nearest; None as in a search.
    """

    def __init__(
        self,
        rt: Runtime,
        instruction: str | Instruction | None = None,
        *,
        domain: str | None = None,
        dim: int | None = None,
        rerank: bool | None = None,
    ) -> None:
        self._rt = rt
        self._instruction = instruction
        self._domain = domain
        self._dim = dim
        self._rerank = rerank
        self._index: Index | None = None

    @property
    def mteb_model_meta(self) -> ModelMeta:
        """What mteb writes into its results."""
        profile = self._rt.embedder.profile
        fields = {
            "name": f"metier/{profile.id.rpartition('/')[2]}",
            "revision": self._rt.embedder.fingerprint,
            "embed_dim": self._dim or profile.dim,
            "max_tokens": profile.max_tokens,
            "similarity_fn_name": ScoringFunction.COSINE,
            "use_instructions": profile.instruction_aware,
        }
        return ModelMeta.create_empty(fields)

    def index(self, corpus: Iterable[Mapping[str, Any]], **_: Any) -> None:
        """Take the documents that the next search is in."""
        self._index = self._rt.index(
            Documents.of([dict(row) for row in corpus], source="the corpus"),
            instruction=self._instruction,
            domain=self._domain,
            dim=self._dim,
        )

    def search(
        self, queries: Iterable[Mapping[str, Any]], *, top_k: int, **_: Any
    ) -> dict[str, dict[str, float]]:
        """Documents with scores by query; the scores fall by one, so that no two are equal."""
        if self._index is None:
            raise UsageError("Nothing is indexed.", fix="Call index first, as mteb does.")
        rows = list(queries)
        hits, _seconds = search_to(
            self._index, [row["text"] for row in rows], top_k, rerank=self._rerank
        )
        return {
            row["id"]: {hit.document_id: float(-rank) for rank, hit in enumerate(of_query)}
            for row, of_query in zip(rows, hits, strict=True)
        }

    def encode(
        self,
        inputs: Iterable[Mapping[str, Any]],
        *,
        task_metadata: TaskMetadata,
        prompt_type: PromptType | None = None,
        **_: Any,
    ) -> npt.NDArray[np.float32]:
        """(n, dim) unit rows for the texts of all batches."""
        texts = [text for batch in inputs for text in batch["text"]]
        as_documents = prompt_type == PromptType.document or (
            prompt_type is None and task_metadata.type in _OF_DOCUMENTS
        )
        embed = self._rt.embed_documents if as_documents else self._rt.embed_queries
        return embed(texts, instruction=self._instruction, dim=self._dim)

    def similarity(self, one: Any, other: Any) -> Any:
        """Cosines of every row with every row."""
        return cos_sim(one, other)

    def similarity_pairwise(self, one: Any, other: Any) -> Any:
        """Cosines of rows at the same place."""
        return pairwise_cos_sim(one, other)


class MtebTask(AbsTaskRetrieval):
    """A folder with a test collection as a task of mteb.

    Args:
        folder: corpus.jsonl, queries.jsonl and qrels.tsv.

    Raises:
        UsageError: there is no such folder, or it holds no test collection.
        InputError: the data cannot be used.
    """

    def __init__(self, folder: str | Path) -> None:
        path = expand_home(folder)
        read = read_folder(path)
        if not isinstance(read, Collection):
            raise UsageError(
                f"{str(folder)!r} holds texts with labels, and a task of mteb is a search.",
                fix="Measure it with metier.evaluation.evaluate.",
                code="not-a-collection",
            )
        self.metadata = _metadata(name_of(path))
        super().__init__()
        self.dataset = {"default": {_SPLIT: _split(read)}}
        self.data_loaded = True


def _metadata(name: str) -> TaskMetadata:
    return TaskMetadata(
        name=name,
        description="A test collection on this machine.",
        dataset={"path": name, "revision": "local"},  # never looked up: the data is there
        type="Retrieval",
        category="t2t",
        eval_splits=[_SPLIT],
        eval_langs=["eng-Latn"],  # mteb wants one, and nothing is done with it
        main_score="ndcg_at_10",
    )


def _split(read: Collection) -> RetrievalSplitData:
    documents = [
        {"id": item.id, "title": item.title or "", "text": item.text} for item in read.documents
    ]
    queries = [{"id": name, "text": text} for name, text in read.queries.items()]
    return {
        "corpus": Dataset.from_list(documents),
        "queries": Dataset.from_list(queries),
        "relevant_docs": {name: dict(grades) for name, grades in read.grades.items()},
        "top_ranked": None,
    }
