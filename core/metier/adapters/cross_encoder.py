"""A Runtime's reranker with the methods of a CrossEncoder of sentence-transformers.

from metier.adapters import CrossEncoderAdapter

model = CrossEncoderAdapter(metier.Runtime(reranker="Qwen/Qwen3-Reranker-0.6B"))
best = model.rank("how the contract ends", clauses, top_k=3)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from metier.adapters.document_ranker import DocumentRanker
from metier.adapters.encode_options import ModelCardData, tensor
from metier.adapters.runtime_source import RuntimeSource
from metier.errors import ParameterError

if TYPE_CHECKING:
    from metier.registry.instruction import Instruction

Pair = Sequence[str]
"""A query and a document."""


class CrossEncoderAdapter:
    """Scores pairs of a query and a document with the reranker of a Runtime.

    Args:
        rt: a Runtime with a reranker.
        instruction: id or task in words; None for the model's default task.
    """

    num_labels = 1

    def __init__(
        self, rt: RuntimeSource = None, instruction: str | Instruction | None = None
    ) -> None:
        self._ranker = DocumentRanker(rt, instruction)
        self.model_card_data = ModelCardData()

    def predict(
        self,
        inputs: Pair | Sequence[Pair],
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        *,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
    ) -> Any:
        """Probabilities that documents answer queries.

        Args:
            inputs: pairs (query, document), or one pair.
            prompt_name, prompt: an instruction: its id or a task in words.
            batch_size: accepted; batches are made by tokens.
            show_progress_bar: True for a bar, False for none; None as the Runtime.
            convert_to_numpy: whether to return an array and not a list of tensors.
            convert_to_tensor: whether to return one tensor.

        Returns:
            (n,) float32 in [0, 1], or one number for one pair.

        Raises:
            InputError: a text is empty or not valid Unicode.
            ParameterError: an input is no pair.
            UnknownNameError: there is no such instruction.
        """
        is_single = len(inputs) == 2 and all(isinstance(part, str) for part in inputs)
        pairs = _pairs([inputs] if is_single else inputs)
        rows_of: dict[str, list[int]] = {}
        for row, (query, _) in enumerate(pairs):
            rows_of.setdefault(query, []).append(row)
        scores = np.empty(len(pairs), dtype=np.float32)
        for query, positions in rows_of.items():
            ranked = self._ranker.rank(
                query,
                [pairs[row][1] for row in positions],
                instruction=prompt or prompt_name,
                progress=show_progress_bar,
            )
            for document in ranked:
                scores[positions[document.index]] = document.score
        if not convert_to_tensor and convert_to_numpy:
            return scores[0] if is_single else scores
        rows = tensor(scores)
        if is_single:
            return rows[0]
        return rows if convert_to_tensor else list(rows)

    def rank(
        self,
        query: str,
        documents: Sequence[str],
        top_k: int | None = None,
        return_documents: bool = False,
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
    ) -> list[dict[str, Any]]:
        """Documents by how well they answer a query, best first.

        Returns:
            Of each `corpus_id`, its position in the list, `score` and, with `return_documents`,
            `text`. Arguments and errors are those of `predict`.
        """
        ranked = self._ranker.rank(
            query, documents, instruction=prompt or prompt_name, progress=show_progress_bar
        )
        return [
            {"corpus_id": document.index, "score": document.score}
            | ({"text": document.text} if return_documents else {})
            for document in ranked[:top_k]
        ]


def _pairs(inputs: Sequence[Any]) -> list[tuple[str, str]]:
    pairs = []
    for row, pair in enumerate(inputs):
        if isinstance(pair, str) or len(pair) != 2:
            raise ParameterError(
                f"Input {row} is no pair of a query and a document.",
                fix="Give a list of (query, document).",
                parameter="inputs",
            )
        query, document = pair
        pairs.append((query, document))
    return pairs
