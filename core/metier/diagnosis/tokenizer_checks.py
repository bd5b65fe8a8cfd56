"""Checks of a model's tokenizer and of the texts it reads. Imports torch.

The expected texts are written out here and not taken from the code that renders them, so that a
change there is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from metier.diagnosis.checks import PROBES, SPELLED_TOKENS, Check, Status, make_check, severity
from metier.models.catalog import CatalogMatch
from metier.models.embedder import Embedder
from metier.models.qwen3 import templates
from metier.models.qwen3.checkpoint_checks import END_OF_TEXT_ID, answer_ids, cuts_before_colon
from metier.models.qwen3.qwen3_embedder import Qwen3Embedder
from metier.models.reranker import Reranker
from metier.models.tokens import TextTokenizer
from metier.progress import NoProgress

_TASK = "Given a question, retrieve the passage that answers it"
_DEFAULT_TASK = "Given a web search query, retrieve relevant passages that answer the query"
_FIX = "What renders this text differs from the model card; vectors and scores will be worse."
_RERANKED = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and "
    'the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
    "<|im_start|>user\n<Instruct>: {task}\n<Query>: {query}\n<Document>: {document}<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n"
)


_TRAINED_FURTHER = "A model trained further may have another default task; a released one has not."

Pairs = list[tuple[str, str]]
"""(rendered, expected) texts."""


def embedder_template_checks(embedder: Embedder, recognized: CatalogMatch | None) -> list[Check]:
    """The prompts of a Qwen3 embedder; for a released one also the prompt without a task."""
    document = embedder.prompt(None, "document")
    checks = [
        _comparison("query prompt", _queries(embedder, _TASK, _TASK)),
        _comparison("document prompt", [(document.render(text), text) for text in PROBES]),
    ]
    if recognized is not None:
        default = _queries(embedder, None, _DEFAULT_TASK)
        checks.append(_default("default query prompt", default, recognized))
    return checks


def reranker_template_checks(reranker: Reranker, recognized: CatalogMatch | None) -> list[Check]:
    """The whole text of a Qwen3 reranker; for a released one also the text without a task."""
    checks = [_comparison("reranker prompt", _pairs(reranker, _TASK, _TASK))]
    if recognized is not None:
        default = _pairs(reranker, None, _DEFAULT_TASK)
        checks.append(_default("default reranker prompt", default, recognized))
    return checks


def _queries(embedder: Embedder, task: str | None, expected_task: str) -> Pairs:
    prompt = embedder.prompt(task, "query")
    return [(prompt.render(text), f"Instruct: {expected_task}\nQuery:{text}") for text in PROBES]


def _pairs(reranker: Reranker, task: str | None, expected_task: str) -> Pairs:
    return [
        (
            reranker.render("a query", text, task=task),
            _RERANKED.format(task=expected_task, query="a query", document=text),
        )
        for text in PROBES
    ]


def _default(name: str, pairs: Pairs, recognized: CatalogMatch) -> Check:
    otherwise = severity(recognized)
    fix = _FIX if otherwise == "fail" else _TRAINED_FURTHER
    return _comparison(name, pairs, fix=fix, otherwise=otherwise)


def _comparison(name: str, pairs: Pairs, *, fix: str = _FIX, otherwise: Status = "fail") -> Check:
    different = [(rendered, expected) for rendered, expected in pairs if rendered != expected]
    detail = f"{len(pairs)} texts as in the model card"
    if different:
        rendered, expected = different[0]
        detail = f"{rendered!r} is not {expected!r}"
    return make_check(name, "template", not different, detail, fix=fix, otherwise=otherwise)


YES_ID, NO_ID = 9693, 2152
"""Ids of `yes` and `no` in the vocabulary of every released Qwen3 model."""

_COPY = "Copy tokenizer.json and tokenizer_config.json again from the model's own repository."


def embedder_tokenizer_checks(embedder: Embedder, folder: Path) -> list[Check]:
    """How texts end and where prompts are cut.

    Args:
        embedder: the model.
        folder: of its transformer.
    """
    tokenizer = TextTokenizer.load(folder)
    separate = cuts_before_colon(tokenizer)
    return [
        _closing_token(embedder, tokenizer),
        _closing_template(tokenizer),
        make_check(
            "prompt boundary",
            "tokenizer",
            separate,
            "no token spans the colon of 'Query:'"
            if separate
            else "a token spans the colon of 'Query:', which Qwen's own tokenizer never does",
            fix=_COPY,
        ),
    ]


def reranker_tokenizer_checks(folder: Path) -> list[Check]:
    """The pieces that a reranker's text is tokenized in, and the answers it is asked for."""
    tokenizer = TextTokenizer.load(folder)
    return [_pieces(tokenizer), _answers(tokenizer, folder)]


def _closing_token(embedder: Embedder, tokenizer: TextTokenizer) -> Check:
    """Compare the ids the model reads with those of the tokenizer's file and the closing token."""
    end = tokenizer.id_of(templates.END_OF_TEXT)
    plain = tokenizer.encode(PROBES)
    wrong = _misread(embedder, [[*ids.tolist(), end] for ids in plain])
    if wrong is None and any(np.any(ids == end) for ids in plain):
        wrong = "the tokenizer adds it to plain text"
    if wrong is None and tokenizer.size > END_OF_TEXT_ID and end != END_OF_TEXT_ID:
        wrong = f"a released model has {END_OF_TEXT_ID}"
    token = f"{templates.END_OF_TEXT} ({end})"
    return make_check(
        "closing token",
        "tokenizer",
        wrong is None,
        f"{token} ends {len(PROBES)} texts exactly once" if wrong is None else f"{token}: {wrong}",
        fix=_COPY,
    )


def _misread(embedder: Embedder, expected: list[list[int | None]]) -> str | None:
    """The first difference of the ids a model reads for `PROBES`; None where there is none."""
    prompt = embedder.prompt(None, "document")
    if isinstance(embedder, Qwen3Embedder):  # others only say how many they read
        read = [ids.tolist() for ids in embedder.token_ids(PROBES, prompt=prompt)]
        for text, ids, expected_ids in zip(PROBES, read, expected, strict=True):
            if ids != expected_ids:
                return f"{text!r} is read as {_end_of(ids)}, not as {_end_of(expected_ids)}"
    dim = embedder.profile.dim
    embedded = embedder.embed(PROBES, prompt=prompt, dim=dim, progress=NoProgress())
    for text, count, expected_ids in zip(PROBES, embedded.tokens.tolist(), expected, strict=True):
        if count != len(expected_ids):
            return f"{text!r} is read as {count} tokens, not as {len(expected_ids)}"
    return None


def _end_of(ids: Sequence[int | None]) -> str:
    return f"[... {str(ids[-4:])[1:]}" if len(ids) > 4 else str(ids)


def _closing_template(tokenizer: TextTokenizer) -> Check:
    """What other tools read, which leave the closing token to tokenizer.json."""
    end = tokenizer.id_of(templates.END_OF_TEXT)
    bare, closed = tokenizer.encode(["x"])[0], tokenizer.encode_with_template(["x"], limit=16)
    added = closed.ids[0][len(bare) :].tolist()
    right = added == [end]
    return make_check(
        "tokenizer template",
        "tokenizer",
        right,
        f"tokenizer.json adds {added} to a text" if added else "tokenizer.json adds no token",
        fix=f"metier adds [{end}] itself, but other tools will give other vectors. {_COPY}",
        otherwise="warn",
    )


def _pieces(tokenizer: TextTokenizer) -> Check:
    head = f"{templates.rerank_head(None)} query{templates.RERANK_DOCUMENT}"
    texts = (*PROBES, *SPELLED_TOKENS)
    first = tokenizer.encode([head])[0]
    rest = tokenizer.encode([f" {text}" for text in texts])
    joint = tokenizer.encode([f"{head} {text}" for text in texts])
    control = [
        text
        for text, ids in zip(texts, rest, strict=True)
        if tokenizer.control_ids & set(ids.tolist())
    ]
    spanned = [
        text
        for text, text_ids, joint_ids in zip(texts, rest, joint, strict=True)
        if not np.array_equal(joint_ids, np.concatenate([first, text_ids]))
    ]
    wrong = control or spanned
    detail = f"{len(texts)} texts give no control token, and no token spans a field"
    if wrong:
        what = "a control token inside" if control else "a token that spans two fields"
        detail = f"{what}: {wrong[0]!r}"
    return make_check("reranker pieces", "tokenizer", not wrong, detail, fix=_COPY)


def _answers(tokenizer: TextTokenizer, folder: Path) -> Check:
    yes, no = answer_ids(tokenizer, folder)
    right = tokenizer.size <= END_OF_TEXT_ID or (yes, no) == (YES_ID, NO_ID)
    return make_check(
        "answers",
        "tokenizer",
        right,
        f"yes is {yes}, no is {no}: one token each",
        fix=f"A released model has {YES_ID} and {NO_ID}. {_COPY}",
    )
