"""Qwen3-Reranker: a score is the probability that the model answers `yes`. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from metier.errors import CheckpointError, InputError, ParameterError
from metier.models.batching import Tokens, run_batches
from metier.models.checkpoint import config_number, read_config
from metier.models.device import Placement, choose_placement
from metier.models.embedder import ModelProfile
from metier.models.family import LoadOptions, ModelSource
from metier.models.fingerprint import fingerprint
from metier.models.kernels.decoder import Decoder, Prefix
from metier.models.kernels.prefix_cache import PrefixCache
from metier.models.layout import read_pooling, transformer_folder
from metier.models.qwen3 import templates
from metier.models.qwen3.checkpoint_checks import (
    answer_ids,
    check_is_reranker,
    check_vocabulary,
    end_of_text_id,
)
from metier.models.reranker import RerankScores
from metier.models.self_check import load_checked
from metier.models.tokens import TextTokenizer
from metier.models.transformers_loading import load_transformer
from metier.models.vectors import not_finite
from metier.models.weights import weights_digest
from metier.progress import Progress
from metier.texts.checks import lone_surrogate

MAX_TOKENS = 8192
"""Longest pair in the model card's code; the config of a checkpoint may allow less."""


class Qwen3Reranker:
    """A causal language model that is asked whether a document answers a query.

    score = softmax(logit_no, logit_yes)[1] = sigmoid((W[yes] - W[no]) . h), with h the state of the
    last token. Only this difference of two rows of the output head is multiplied, in float32.
    """

    def __init__(
        self,
        decoder: Decoder,
        answer: torch.Tensor,
        tokenizer: TextTokenizer,
        profile: ModelProfile,
        placement: Placement,
        *,
        fingerprint: str,
    ) -> None:
        self.profile = profile
        self.fingerprint = fingerprint
        self.device = str(placement.device)
        self.dtype = placement.dtype_name
        self._decoder = decoder
        self._prefixes = PrefixCache(decoder)
        self._answer = answer  # (dim,) float32, W[yes] - W[no]
        self._tokenizer = tokenizer
        self._prefix = tokenizer.encode_control(templates.RERANK_PREFIX)
        self._suffix = tokenizer.encode_control(templates.RERANK_SUFFIX)
        self._placement = placement

    def render(self, query: str, document: str, *, task: str | None) -> str:
        """The whole text the model reads for one pair."""
        return templates.rerank_text(query, document, task)

    def score(
        self, query: str, documents: Sequence[str], *, task: str | None, progress: Progress
    ) -> RerankScores:
        """Score each document against the query.

        A pair over `profile.max_tokens` is cut and marked: the document on its right, and the
        query too where it takes more than half of the space. The template is never cut.

        Raises:
            InputError: a text is not valid Unicode.
            ParameterError: the instruction alone fills the model's input.
            ModelError: the model gave NaN or infinity.
        """
        for name, text in (("query", query), ("instruction", task or "")):
            at = lone_surrogate(text)
            if at is not None:
                raise InputError(f"The {name} holds a lone surrogate at character {at}.")
        pairs = self._tokenize(query, documents, task)
        scores = np.empty((len(pairs), 1), dtype=np.float32)
        for rows in _group_by_query(pairs):
            prefix = self._prefixes.get(pairs[rows[0]].shared)
            scores[rows] = self._scores([pairs[row].rest for row in rows], rows, prefix, progress)
        return RerankScores(
            scores[:, 0], np.array([pair.truncated for pair in pairs], dtype=np.bool_)
        )

    def _tokenize(self, query: str, documents: Sequence[str], task: str | None) -> list[_Pair]:
        # The text is divided after a colon that a space follows. No token can span the pieces, so
        # that the parts which the documents share are tokenized once. The query is tokenized with
        # the field of the document after it, and alone for a query that is cut.
        head, query_field, query_alone, document_field = self._tokenizer.encode(
            [
                templates.rerank_head(task),
                f" {query}{templates.RERANK_DOCUMENT}",
                f" {query}",
                templates.RERANK_DOCUMENT,
            ]
        )
        fixed = len(self._prefix) + len(head) + len(self._suffix)
        space = self.profile.max_tokens - fixed
        if space < 2 * len(document_field) + 2:
            raise ParameterError(
                f"The instruction has {len(head)} tokens and leaves no room for the pair.",
                why=f"The model reads at most {self.profile.max_tokens} tokens.",
                fix="Shorten the instruction: one sentence is what the model was trained on.",
                parameter="instruction",
            )
        instructed = np.concatenate([self._prefix, head])
        pairs: list[_Pair] = []
        for document in self._tokenizer.encode([f" {text}" for text in documents]):
            document_limit = max(space - len(query_field), min(len(document), space // 2))
            pair_query = query_field
            if len(query_field) + document_limit > space:
                start = query_alone[: space - document_limit - len(document_field)]
                pair_query = np.concatenate([start, document_field])
            pairs.append(
                _Pair(
                    (instructed, pair_query),
                    np.concatenate([document[:document_limit], self._suffix]),
                    len(document) > document_limit or pair_query is not query_field,
                )
            )
        return pairs

    def _scores(
        self, rests: Sequence[Tokens], rows: Sequence[int], prefix: Prefix, progress: Progress
    ) -> npt.NDArray[np.float32]:
        """(n, 1) probabilities of pairs under one prefix; `rows` are their indices for errors."""

        def compute(batch: list[Tokens], texts: list[int]) -> npt.NDArray[np.float32]:
            last = self._decoder.pooled(batch, prefix).float()
            scores: npt.NDArray[np.float32] = torch.sigmoid(last @ self._answer).cpu().numpy()
            bad = np.flatnonzero(~np.isfinite(scores))
            if len(bad):
                raise not_finite("score", texts[int(bad[0])])
            return scores[:, None]

        budget = self._placement.budget(padded=False)
        return run_batches(
            rests,
            compute,
            width=1,
            budget=budget,
            prefix=prefix.length,
            names=rows,
            progress=progress,
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A query and a document as tokens: the part shared with other documents, and the rest."""

    shared: tuple[Tokens, Tokens]
    rest: Tokens
    truncated: bool


def _group_by_query(pairs: Sequence[_Pair]) -> list[list[int]]:
    """Rows with the same query tokens: one group, unless the query is cut in some pairs."""
    rows: dict[bytes, list[int]] = {}
    for row, pair in enumerate(pairs):
        rows.setdefault(pair.shared[1].tobytes(), []).append(row)
    return list(rows.values())


def load_qwen3_reranker(source: ModelSource, options: LoadOptions) -> Qwen3Reranker:
    """Load a Qwen3 causal language model as a reranker.

    Raises:
        CheckpointError: the folder is an embedder, or its files do not fit each other.
        ParameterError: the device or dtype asked for is not there.
    """
    from transformers import Qwen3ForCausalLM

    root = source.require_folder()
    _check_kind(root)
    folder = transformer_folder(root)
    config = read_config(folder)
    placement = choose_placement(options)
    tokenizer = TextTokenizer.load(folder)
    check_is_reranker(folder, tokenizer, end_of_text_id(tokenizer, folder))
    yes, no = answer_ids(tokenizer, folder)
    check_vocabulary(tokenizer, config_number(config, "vocab_size", folder), folder)

    def load(on: Placement) -> tuple[Decoder, torch.Tensor]:
        model = load_transformer(Qwen3ForCausalLM, folder, on, attention="sdpa")
        # Where head and input embeddings are not tied, only the head knows the answers.
        head = model.get_parameter("lm_head.weight")
        answer = head[yes].float() - head[no].float()
        return Decoder(model.get_submodule("model"), on), answer

    (decoder, answer), placement = load_checked(
        placement, load, lambda loaded: loaded[0].agreement()
    )
    weights = weights_digest(folder)
    profile = ModelProfile(
        id=source.spec,
        family="qwen3",
        revision=source.revision or weights[:16],
        dim=1,
        mrl=False,
        min_dim=1,
        max_tokens=min(MAX_TOKENS, config_number(config, "max_position_embeddings", folder)),
        instruction_aware=True,
    )
    identity = fingerprint(
        folder,
        weights,
        tokenizer,
        arithmetic=templates.ARITHMETIC,
        template=templates.VERSION,
        head="yes-no",
        max_tokens=profile.max_tokens,
    )
    return Qwen3Reranker(decoder, answer, tokenizer, profile, placement, fingerprint=identity)


def _check_kind(folder: Path) -> None:
    if read_pooling(folder) is not None:
        raise CheckpointError(
            f"'{folder}' is an embedding model and cannot rerank.",
            why="Its modules.json pools tokens into a vector; its yes and no are untrained.",
            fix="Give a reranker, e.g. Qwen/Qwen3-Reranker-0.6B.",
        )
    architectures = read_config(transformer_folder(folder)).get("architectures") or []
    if "Qwen3ForSequenceClassification" in architectures:
        raise CheckpointError(
            f"'{folder}' is a conversion of a reranker to sequence classification.",
            why="Its language model head, which metier reads yes and no from, was taken off.",
            fix="Give the original checkpoint, e.g. Qwen/Qwen3-Reranker-0.6B.",
        )
