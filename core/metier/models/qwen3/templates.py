"""The exact texts Qwen3-Embedding and Qwen3-Reranker read: the one place that renders them.

Source: the model cards and github.com/QwenLM/Qwen3-Embedding. A single character more, such as a
space after `Query:`, changes the vectors.
"""

from __future__ import annotations

import re

from metier.models.embedder import Prompt, Side

VERSION = "qwen3-1"
"""Part of every fingerprint; raise it with any change of a template."""

ARITHMETIC = 1
"""Part of every fingerprint of this family. Raise it with a change of the code, such as a fault
that is mended, after which a model gives vectors or scores that differ by more than rounding: what
was computed before is then neither compared nor taken from the cache."""

DEFAULT_TASK = "Given a web search query, retrieve relevant passages that answer the query"
"""The task of both models where none is given."""

END_OF_TEXT = "<|endoftext|>"
"""The token an embedding is read from. Not the tokenizer's eos_token, which is `<|im_end|>`."""

RERANK_PREFIX = (
    "<|im_start|>system\n"
    "Judge whether the Document meets the requirements based on the Query and the Instruct "
    'provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
    "<|im_start|>user\n"
)
RERANK_SUFFIX = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
RERANK_DOCUMENT = "\n<Document>:"


def embedding_prompt(task: str | None, side: Side, *, default_task: str = DEFAULT_TASK) -> Prompt:
    """The prompt of one side.

    A query always has a task, the default one if none is given. A document has none unless it is
    given: that is for symmetric tasks, where both sides are instructed alike.
    """
    if side == "document" and task is None:
        return Prompt(side)
    task = default_task if task is None else task
    return Prompt(side, f"Instruct: {task}\nQuery:", task)


def shared_part(prefix: str) -> tuple[str, str]:
    """Divide a prompt into what all its inputs share as tokens, and what belongs to the input.

    The cut is before the colon of `Query:`. Qwen's pre-tokenizer joins a colon to what follows it
    (`:What`, `://`) but never to the letters before it, so no token spans the cut.
    """
    return (prefix[:-1], ":") if prefix.endswith("\nQuery:") else ("", prefix)


def task_in(prompt: str) -> str | None:
    """The task in a query prompt of this template, None where it is another template."""
    found = re.fullmatch(r"Instruct: (.*)\nQuery:", prompt, re.DOTALL)
    return found[1] if found else None


def rerank_head(task: str | None) -> str:
    """The body of a reranker's input up to the query; the query follows after a space."""
    return f"<Instruct>: {DEFAULT_TASK if task is None else task}\n<Query>:"


def rerank_text(query: str, document: str, task: str | None) -> str:
    """The whole text the reranker reads for one pair.

    Single line breaks between the fields, as in the model card's transformers code; the card's
    vLLM example has two.
    """
    body = f"{rerank_head(task)} {query}{RERANK_DOCUMENT} {document}"
    return RERANK_PREFIX + body + RERANK_SUFFIX
