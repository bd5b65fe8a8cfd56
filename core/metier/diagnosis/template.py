"""Checks of the rendered texts, asked of the model and compared with those of the model cards.

Written out here and not taken from the code that renders them: a change there has to show.
"""

from __future__ import annotations

from metier.diagnosis.check import Check, Status, judged, severity
from metier.diagnosis.probes import PROBES
from metier.models.catalogue import Recognised
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker

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
"""Texts as they are rendered, each with what it should be."""


def embedder_template_checks(embedder: Embedder, recognised: Recognised | None) -> list[Check]:
    """The prompts of a Qwen3 embedder; of a released one also that of no task."""
    document = embedder.prompt(None, "document")
    checks = [
        _compared("query prompt", _queries(embedder, _TASK, _TASK)),
        _compared("document prompt", [(document.render(text), text) for text in PROBES]),
    ]
    if recognised is not None:
        default = _queries(embedder, None, _DEFAULT_TASK)
        checks.append(_default("default query prompt", default, recognised))
    return checks


def reranker_template_checks(reranker: Reranker, recognised: Recognised | None) -> list[Check]:
    """The whole text of a Qwen3 reranker; of a released one also that of no task."""
    checks = [_compared("reranker prompt", _pairs(reranker, _TASK, _TASK))]
    if recognised is not None:
        default = _pairs(reranker, None, _DEFAULT_TASK)
        checks.append(_default("default reranker prompt", default, recognised))
    return checks


def _queries(embedder: Embedder, task: str | None, written: str) -> Pairs:
    prompt = embedder.prompt(task, "query")
    return [(prompt.render(text), f"Instruct: {written}\nQuery:{text}") for text in PROBES]


def _pairs(reranker: Reranker, task: str | None, written: str) -> Pairs:
    return [
        (
            reranker.render("a query", text, task=task),
            _RERANKED.format(task=written, query="a query", document=text),
        )
        for text in PROBES
    ]


def _default(name: str, pairs: Pairs, recognised: Recognised) -> Check:
    otherwise = severity(recognised)
    fix = _FIX if otherwise == "fail" else _TRAINED_FURTHER
    return _compared(name, pairs, fix=fix, otherwise=otherwise)


def _compared(name: str, pairs: Pairs, *, fix: str = _FIX, otherwise: Status = "fail") -> Check:
    different = next(((found, wanted) for found, wanted in pairs if found != wanted), None)
    seen = f"{len(pairs)} texts as in the model card"
    if different is not None:
        seen = f"{different[0]!r} is not {different[1]!r}"
    return judged(name, "template", different is None, seen, fix=fix, otherwise=otherwise)
