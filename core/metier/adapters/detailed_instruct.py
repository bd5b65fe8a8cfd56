"""The text that Qwen3-Embedding reads of a query, for code that writes it itself."""

from __future__ import annotations

import re

_INSTRUCTED = re.compile(r"Instruct: ?\S[^\n]*\n+Query:")


def get_detailed_instruct(task_description: str, query: str) -> str:
    """A query with its task, as the model card of Qwen3-Embedding writes it.

    No space follows `Query:`; one more would change the vector. Adapters add no second instruction
    to such a text.
    """
    return f"Instruct: {task_description}\nQuery:{query}"


def has_instruction(text: str) -> bool:
    """Whether a text begins with a task in the form of instruction-trained models."""
    return _INSTRUCTED.match(text) is not None
