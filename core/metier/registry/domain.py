"""`Domain`: the schema that `domain.yaml` and instruction packs share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from metier.datafiles.data_model import INSIDE, DataModel
from metier.datafiles.loader import SchemaVersion
from metier.registry.checklist import ChecklistChanges
from metier.registry.ids import Name
from metier.registry.instruction import Instruction
from metier.registry.retrieval_settings import RetrievalSettings
from metier.registry.taxonomy import TaxonomyChanges

CALL_PATTERN = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"

OF_PLUGINS = ("workflows", "splitter", "evaluation", "conformance")
"""Keys that name code or files of a package, which a pack cannot have."""

Call = Annotated[str, StringConstraints(pattern=CALL_PATTERN)]
"""A function of a plugin's package: `module:function`."""

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=12, max_length=300)]
"""Why something is as it is, for people."""

_Repeat = tuple[int, str]
"""Index of an entry in the list of its key, and the name that it repeats."""

ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$")]


class WorkflowSpec(DataModel):
    """A workflow as its domain announces it; its code is imported on first run."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Name = Field(description="Name inside its domain, such as flag-loans.")
    call: Call = Field(description="module:function. Only an installed plugin may carry this key.")
    summary: str = Field(min_length=8, max_length=300, description="One line for listings.")
    demo: dict[ParameterName, str] = Field(
        default_factory=dict,
        description="Parameters for the demo, as text. For an input or a path: a file or "
        "folder in the plugin's package. Without any the workflow is no part of the demo.",
    )


class EvaluationSet(DataModel):
    """Labeled texts of a plugin's own, on which the size of its vectors is measured."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    instruction: Name = Field(description="Instruction of this domain that the texts are for.")
    folder: str = Field(
        min_length=1,
        description="Folder in the plugin's package: corpus.jsonl, queries.jsonl and qrels.tsv for "
        "an instruction that searches, items.jsonl with a label each for any other.",
    )


class Conformance(DataModel):
    """What a plugin says of the checks of `metier plugins check`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    excuses: dict[Name, Reason] = Field(
        default_factory=dict,
        description="Names of checks that the plugin cannot pass, each with the reason.",
    )


class Safety(DataModel):
    """What a domain's workflows are for and not for; printed with their results."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    intended_use: str = Field(description="Who may use the results for what.")
    not_for: str = Field(description="Uses the authors rule out.")
    data_handling: str = Field(description="What happens to the texts.")


class Domain(DataModel):
    """Everything a trade brings, apart from code."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    schema_version: SchemaVersion = Field(alias="schema", description="Version of this schema.")
    domain: Name = Field(description="The prefix of every id in this file.")
    title: str = Field(min_length=3, max_length=80, description="Name for people.")
    default_dim: int | None = Field(
        default=None, ge=8, le=65536, description="Vector size where an instruction names none."
    )
    instructions: tuple[Instruction, ...] = Field(
        default=(), description="The tasks the model is given, each under a name."
    )
    retrieval: RetrievalSettings | None = Field(
        default=None,
        description="How searches rank. Left out: as the settings' own defaults say.",
    )
    extends: Name | None = Field(
        default=None,
        description="Domain whose instructions a pack builds on. Only in an instruction pack.",
    )
    overrides: tuple[Name, ...] = Field(
        default=(),
        description="Instructions of the extended domain that the pack replaces, each by name. "
        "Only in an instruction pack.",
    )
    taxonomy: TaxonomyChanges | None = Field(
        default=None,
        description="Risks that the flagging workflows of the domain look for beside their own, or "
        "otherwise, or no longer. Only in an instruction pack.",
    )
    checklist: ChecklistChanges | None = Field(
        default=None,
        description="Questions that the reviewing workflows of the domain ask beside their own, or "
        "otherwise, or no longer, and the positions that you take. Only in an instruction pack.",
    )
    hypotheses: ChecklistChanges | None = Field(
        default=None,
        description="Hypotheses that the workflows of the domain which check documents against "
        "some set beside their own, or otherwise, or no longer: examples entail them, contrasts "
        "contradict them. Only in an instruction pack.",
    )
    workflows: tuple[WorkflowSpec, ...] = Field(
        default=(), description="What people run. Not allowed in an instruction pack."
    )
    splitter: Call | None = Field(
        default=None,
        description="module:function, which divides the documents of indexes of this domain into "
        "what belongs together, such as clauses. Only an installed plugin may carry this key.",
    )
    safety: Safety | None = Field(
        default=None,
        description="What results are for and not for, printed with each. Needed where people are "
        "judged.",
    )
    evaluation: tuple[EvaluationSet, ...] = Field(
        default=(),
        description="What the vector sizes are measured on. Not allowed in an instruction pack.",
    )
    conformance: Conformance = Field(
        default=Conformance(),
        description="Which checks of a plugin are excused. Not allowed in an instruction pack.",
    )

    @field_validator("instructions")
    @classmethod
    def _adopt(
        cls, instructions: tuple[Instruction, ...], info: ValidationInfo
    ) -> tuple[Instruction, ...]:
        domain = info.data.get("domain", "")  # missing where it is itself invalid
        for instruction in instructions:
            if instruction.domain not in ("", domain):
                raise ValueError(f"{instruction.full_id} is of another domain than {domain!r}")
        return tuple(
            instruction.model_copy(update={"domain": domain}) for instruction in instructions
        )

    @model_validator(mode="after")
    def _refuse_repeated_names(self) -> Self:
        versions = _repeats(
            f"{instruction.id}@{instruction.version}" for instruction in self.instructions
        )
        _refuse_repeats("instruction", "instructions", versions)
        _refuse_repeats("alias", "instructions", self._repeated_aliases())
        _refuse_repeats(
            "workflow", "workflows", _repeats(workflow.id for workflow in self.workflows)
        )
        return self

    def _repeated_aliases(self) -> list[_Repeat]:
        """Aliases that are the id of an instruction, or that an earlier one has in any version."""
        names = {instruction.id for instruction in self.instructions}
        owners: dict[str, str] = {}
        return [
            (index, alias.name)
            for index, instruction in enumerate(self.instructions)
            for alias in instruction.aliases
            if alias.name in names
            or owners.setdefault(alias.name, instruction.id) != instruction.id
        ]


def _repeats(names: Iterable[str]) -> list[_Repeat]:
    """Names that an earlier entry has, too."""
    first: dict[str, int] = {}
    return [
        (index, name) for index, name in enumerate(names) if first.setdefault(name, index) != index
    ]


def _refuse_repeats(kind: str, key: str, repeated: Sequence[_Repeat]) -> None:
    if repeated:
        names = ", ".join(sorted({name for _, name in repeated}))
        raise PydanticCustomError(
            "repeated",
            "{kind} {names} is defined more than once",
            {"kind": kind, "names": names, INSIDE: (key, repeated[0][0])},
        )
