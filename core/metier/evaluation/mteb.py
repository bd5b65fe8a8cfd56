"""Adapters for mteb: a Runtime as its model, a folder of labeled data as its task.

Nothing is downloaded:

import mteb
from metier.evaluation.mteb import MtebModel, MtebTask

mteb.evaluate(MtebModel(rt, "legal/clause-search"), MtebTask("contracts"), cache=None)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.errors import MissingExtraError, UsageError, warn_caller
from metier.evaluation.folder_evaluation import name_of
from metier.evaluation.labeled_data import Collection, read_folder, with_text
from metier.evaluation.search_task import search_to
from metier.folders import expand_home
from metier.indexing.conditions import field
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
_DOCUMENT = "document_id"
"""Field of indexed documents that holds their id, so that a search can be limited to some."""

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
        """Take the documents that the next search is in.

        A document without text is its title.

        Warns:
            MetierWarning: documents that have neither are left out.
        """
        rows = [with_text({**row, _DOCUMENT: str(row["id"])}) for row in corpus]
        filled = [row for row in rows if str(row.get("text") or "").strip()]
        if len(filled) < len(rows):
            warn_caller(
                f"{len(rows) - len(filled)} of {len(rows)} documents have neither text nor title, "
                "and no search finds them."
            )
        self._index = self._rt.index(
            Documents.of(filled, source="the corpus"),
            instruction=self._instruction,
            domain=self._domain,
            dim=self._dim,
        )

    def search(
        self,
        queries: Iterable[Mapping[str, Any]],
        *,
        top_k: int,
        top_ranked: Mapping[str, Sequence[str]] | None = None,
        **_: Any,
    ) -> dict[str, dict[str, float]]:
        """Documents with scores by query; the scores fall by one, so that no two are equal.

        Args:
            queries: each with its `id` and `text`, and perhaps an `instruction` of its own, which
                is read after the text, as mteb does for every model.
            top_k: number of documents for each query.
            top_ranked: ids of the only documents to rank, by query: a task of reranking. None for
                the whole corpus.
        """
        if self._index is None:
            raise UsageError("Nothing is indexed.", fix="Call index first, as mteb does.")
        texts = {row["id"]: _query_text(row) for row in queries}
        if top_ranked is None:
            hits, _seconds = search_to(
                self._index, list(texts.values()), top_k, rerank=self._rerank
            )
            ranked = [[hit.document_id for hit in of_query] for of_query in hits]
        else:
            ranked = [
                self._ranked(text, list(top_ranked.get(name, ())))[:top_k]
                for name, text in texts.items()
            ]
        return {
            name: {document: float(-rank) for rank, document in enumerate(of_query)}
            for name, of_query in zip(texts, ranked, strict=True)
        }

    def _ranked(self, text: str, documents: list[str]) -> list[str]:
        """All of these documents, the best first; those that no search finds come last."""
        if not documents or self._index is None:
            return []
        (hits,), _seconds = search_to(
            self._index,
            [text],
            len(documents),
            rerank=self._rerank,
            where=field(_DOCUMENT).is_in(documents),
        )
        return list(dict.fromkeys([*(hit.document_id for hit in hits), *documents]))

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


def _query_text(row: Mapping[str, Any]) -> str:
    """The text that mteb gives a model for a query; turns of a conversation are joined."""
    text, instruction = row["text"], row.get("instruction")
    if isinstance(text, list):
        turns = [
            f"{turn['role']}: {turn['content']}" if isinstance(turn, Mapping) else str(turn)
            for turn in text
        ]
        return " ".join(part for part in (instruction, "; ".join(turns)) if part)
    return f"{text} {instruction}" if instruction else str(text)


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
