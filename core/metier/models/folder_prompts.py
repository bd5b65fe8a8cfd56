"""Which prompt a sentence-transformers folder puts on each side, and where a task goes in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from metier.models.prompt import Prompt, Side

DOCUMENT_NAMES = ("document", "passage", "corpus")
"""Names a folder may give its document prompt, first found first: as `encode_document` does."""

# `Instruct: <task>` up to the line break before `Query:`; E5-instruct and GTE write it so.
_INSTRUCT = re.compile(r"(?P<before>.*?Instruct:[ ]?)(?P<task>.*?)(?P<after>\n+Query:\s*)", re.S)


class FolderPrompts:
    """The prompts of one folder.

    Args:
        prompts: named prompts, the text as it goes before the input.
        default: prompt of a side that has none of its own.
    """

    def __init__(self, prompts: Mapping[str, str], default: str = "") -> None:
        named = (prompts[name] for name in DOCUMENT_NAMES if name in prompts)
        self._document = next(named, default)
        self._query = prompts.get("query", default)
        self._instruct = _INSTRUCT.fullmatch(self._query)

    @property
    def instruction_aware(self) -> bool:
        """Whether the query prompt holds a task in the form of instruction-trained models."""
        return self._instruct is not None

    def prompt(self, task: str | None, side: Side) -> Prompt:
        """The prompt of a side. A task replaces the default one, where the model reads tasks."""
        if task is None or self._instruct is None:
            prefix = self._query if side == "query" else self._document
            default_task = self._instruct["task"] if self._instruct else None
            return Prompt(side, prefix, default_task if side == "query" else None)
        return Prompt(side, self._instruct["before"] + task + self._instruct["after"], task)
