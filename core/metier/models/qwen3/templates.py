"""The exact texts that Qwen3-Embedding and Qwen3-Reranker read. No other module renders them.

Source: the model cards and github.com/QwenLM/Qwen3-Embedding. A single additional character, such
as a space after `Query:`, changes the vectors.
"""

from __future__ import annotations

import re

from metier.models.embedder import Prompt, Side

VERSION = "qwen3-2"
"""Part of every fingerprint; raise it with any change of a template."""

ARITHMETIC = 1
"""Part of every fingerprint of this family. Raise it with a change of the code, such as a bug fix,
after which vectors or scores differ by more than rounding: earlier vectors are then neither
compared with new ones nor read from the cache."""

DEFAULT_TASK = "Given a web search query, retrieve relevant passages that answer the query"
"""The task of both models where none is given."""

END_OF_TEXT = "<|endoftext|>"
"""The token whose state is the vector. It is not the tokenizer's eos_token, `<|im_end|>`."""

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

    A query always has a task, by default `default_task`. A document has one only if `task` is
    given, for symmetric tasks where both sides have the same instruction.
    """
    if side == "document" and task is None:
        return Prompt(side)
    task = default_task if task is None else task
    return Prompt(side, f"Instruct: {task}\nQuery:", task)


def shared_part(prefix: str) -> tuple[str, str]:
    """Divide a prompt into the part that all inputs share as tokens, and the rest.

    The cut is before the colon of `Query:`. Qwen's pre-tokenizer joins a colon to the text after it
    (`:What`, `://`) but never to the letters before it, so that no token spans the cut.
    """
    return (prefix[:-1], ":") if prefix.endswith("\nQuery:") else ("", prefix)


def task_in(prompt: str) -> str | None:
    """The task in a query prompt of this template, None where it is another template."""
    match = re.fullmatch(r"Instruct: (.*)\nQuery:", prompt, re.DOTALL)
    return match[1] if match else None


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
