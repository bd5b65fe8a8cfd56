"""Model servers that compute as they should, and others with a fault that real servers had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from metier.models.embedder import Embedder, Prompt, TokenStateEmbedder
from metier.models.qwen3 import templates
from metier.progress import NoProgress

from .model_server import Service

VectorFault = Literal[
    "length", "equal lengths", "padding", "pooling", "end of texts", "mean", "query prompt"
]


class SoundServer(Service):
    """A server of a model whose vectors tell texts of one meaning from others.

    Its scores are probabilities, made from the cosine of query and document.

    Attributes:
        change_scores: what a fault makes of scores.
        needs_template: whether texts without the template of Qwen3-Reranker get wrong scores.
    """

    name = "minilm"

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder)
        self.change_scores: Callable[[np.ndarray], np.ndarray] = lambda scores: scores
        self.needs_template = False

    def scores(self, query: str, documents: Sequence[str], task: str | None = None) -> list[float]:
        has_template = query.startswith(templates.RERANK_PREFIX)
        if has_template:
            query = query.partition("<Query>: ")[2]
            documents = [
                text.removesuffix(templates.RERANK_SUFFIX).partition(": ")[2] for text in documents
            ]
        vectors = super().vectors([query, *documents])
        scores = 1 / (1 + np.exp(-12 * (vectors[1:] @ vectors[0] - 0.3)))
        if self.needs_template and not has_template:
            scores = 1 - scores
        return [float(score) for score in self.change_scores(scores)]


class FaultyServer(SoundServer):
    """A sound server with a fault in its vectors."""

    def __init__(self, embedder: Embedder, fault: VectorFault) -> None:
        super().__init__(embedder)
        self.fault = fault

    def vectors(self, texts: Sequence[str], dim: int | None = None) -> np.ndarray:
        vectors = super().vectors(texts, dim)
        if self.fault == "length":
            return vectors * np.float32(7.3)
        if self.fault == "pooling":
            return self.last_words(texts)
        if self.fault == "query prompt":
            prompted = super().vectors([f"query: {text}" for text in texts])
            asks = np.array([text.startswith("Instruct:") for text in texts])
            return np.where(asks[:, None], prompted, vectors)
        raise AssertionError(self.fault)

    def last_words(self, texts: Sequence[str]) -> np.ndarray:
        """The unit vector of the last word of each text, before the period."""
        assert isinstance(self.embedder, TokenStateEmbedder)
        begun = [f". {text}" for text in texts]  # no text is without tokens
        states = self.embedder.token_states(begun, prompt=Prompt("document"), progress=NoProgress())
        rows = np.stack([row.vectors[-min(2, len(row.vectors))] for row in states])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class FaultyDecoderServer(Service):
    """A tiny Qwen3 run by transformers as faulty servers do it."""

    name = "Qwen3-Embedding-tiny"

    def __init__(self, embedder: Embedder, folder: Path, fault: VectorFault) -> None:
        from transformers import AutoModel, AutoTokenizer

        super().__init__(embedder)
        self.fault = fault
        self.tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="right")
        self.model = AutoModel.from_pretrained(folder, dtype=torch.float32)

    def vectors(self, texts: Sequence[str], dim: int | None = None) -> np.ndarray:
        read = self.tokenizer(list(texts), padding=True, return_tensors="pt")
        ids, mask = read["input_ids"], read["attention_mask"]
        attended = mask
        if self.fault == "equal lengths" and len(texts) > 1 and bool(mask.all()):
            length = ids.shape[1]  # no token is hidden from those before it
            attended = torch.zeros(len(texts), 1, length, length)
        last = mask.sum(1) - 1
        if self.fault == "padding":
            last = torch.full_like(last, ids.shape[1] - 1)
        if self.fault == "end of texts":
            last = last - 1
        with torch.no_grad():
            states = self.model(ids, attention_mask=attended).last_hidden_state
        if self.fault == "mean":
            pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        else:
            pooled = states[torch.arange(len(texts)), last]
        return torch.nn.functional.normalize(pooled, dim=1).numpy()
