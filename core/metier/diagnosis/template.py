"""Checks of the rendered texts, asked of the model and compared with those of the model cards.

Written out here and not taken from the code that renders them: a change there has to show.
"""

from __future__ import annotations

from metier.diagnosis.check import Check
from metier.diagnosis.probes import PROBES
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker

_TASK = "Given a question, retrieve the passage that answers it"
_FIX = "What renders this text differs from the model card; vectors and scores will be worse."
_RERANKED = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and "
    'the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
    "<|im_start|>user\n<Instruct>: {task}\n<Query>: {query}\n<Document>: {document}<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n"
)


def embedder_template_checks(embedder: Embedder) -> list[Check]:
    """The prompts of a Qwen3 embedder."""
    query = embedder.prompt(_TASK, "query")
    document = embedder.prompt(None, "document")
    return [
        _compared(
            "query prompt",
            [(query.render(text), f"Instruct: {_TASK}\nQuery:{text}") for text in PROBES],
        ),
        _compared("document prompt", [(document.render(text), text) for text in PROBES]),
    ]


def reranker_template_checks(reranker: Reranker) -> list[Check]:
    """The whole text of a Qwen3 reranker."""
    return [
        _compared(
            "reranker prompt",
            [
                (
                    reranker.render("a query", text, task=_TASK),
                    _RERANKED.format(task=_TASK, query="a query", document=text),
                )
                for text in PROBES
            ],
        )
    ]


def _compared(name: str, pairs: list[tuple[str, str]]) -> Check:
    different = [(found, wanted) for found, wanted in pairs if found != wanted]
    if not different:
        return Check(name, "template", "pass", f"{len(pairs)} texts as in the model card")
    found, wanted = different[0]
    return Check(name, "template", "fail", f"{found!r} is not {wanted!r}", _FIX)
