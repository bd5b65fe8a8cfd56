"""An instruction: one sentence that tells the model what a comparison is for."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from metier.datafiles.data_model import DataModel
from metier.errors import UsageError
from metier.registry.ids import LAST_VERSION, AliasField, Name

Kind = Literal["retrieval", "reranking", "clustering", "classification", "flagging", "similarity"]


def _on_one_line(task: str) -> str:
    # a line break would end the task's line in the prompt templates of model families
    if len(task.splitlines()) > 1:
        raise ValueError("a task stands on one line (in YAML, >- folds several into one)")
    return task


Task = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=8, max_length=600),
    AfterValidator(_on_one_line),
]


class Instruction(DataModel):
    """A named, versioned task instruction.

    The text is the part after `Instruct:`; model families put their own template round it.
    A changed text is a new version: it changes every vector made with it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name = Field(description="Name inside its domain, such as delinquency-risk.")
    version: int = Field(
        default=1, ge=1, le=LAST_VERSION, description="Raised whenever the task text changes."
    )
    task: Task = Field(
        description="What the model should do: one English sentence in the imperative, on one line."
    )
    kind: Kind = Field(description="The kind of work the instruction is for.")
    dim: int | None = Field(
        default=None, ge=8, le=65536, description="Vector size that is enough for this task."
    )
    sides: Literal["query", "both"] = Field(
        default="query",
        description="query: documents stay bare; both: symmetric tasks instruct both sides.",
    )
    rerank: bool | None = Field(
        default=None,
        description="Whether searches under it use the reranker, if there is one. Left out: yes.",
    )
    aliases: tuple[AliasField, ...] = Field(
        default=(), description="Other names in the same domain that mean this instruction."
    )
    domain: str = Field(
        default="",
        exclude=True,
        description="Filled in from the file the instruction stands in.",
    )

    @property
    def full_id(self) -> str:
        """`domain/name@version`; `name@version` for one made in code without a domain."""
        domain = f"{self.domain}/" if self.domain else ""
        return f"{domain}{self.id}@{self.version}"

    @property
    def digest(self) -> str:
        """Content hash: 16 hex characters of everything that changes what the model does.

        Names, and whether a reranker follows, change no vector and are no part of it.
        """
        content = {"task": self.task, "kind": self.kind, "sides": self.sides, "dim": self.dim}
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @classmethod
    def ad_hoc(cls, task: str) -> Instruction | None:
        """The instruction `ad-hoc@1` of a task in words; None where a text may be meant as an id.

        A task in words has at least three words, of which the first has neither `/` nor `@`.

        Raises:
            UsageError: the task is too long, or not on one line.
        """
        words = [word for word in task.split() if any(map(str.isalnum, word))]
        if len(words) < 3 or "/" in words[0] or "@" in words[0]:
            return None
        try:
            return cls.model_validate({"id": "ad-hoc", "task": task, "kind": "retrieval"})
        except ValidationError as error:
            raise UsageError(
                "The instruction given in words cannot be used.",
                why=error.errors()[0]["msg"],
                fix="Write the task as one sentence of 8 to 600 characters on one line.",
            ) from error

    def task_for(self, side: Literal["query", "document"]) -> str | None:
        """The task text for one side; None where that side stays bare."""
        return self.task if side == "query" or self.sides == "both" else None
