"""The pipeline of a domain that is measured: its workflow for the task, and the instruction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metier.errors import ParameterError, UnknownNameError, UsageError
from metier.evaluation.tasks import TASK_OF, Task
from metier.results.result import Result
from metier.steps.batch_result import BatchResult
from metier.steps.classifying import ClassificationReport
from metier.steps.cluster_report import ClusterReport
from metier.steps.flag_report import FlagReport
from metier.steps.head_results import HeadResult
from metier.steps.prediction_report import PredictionReport
from metier.steps.searching import SearchResult
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.engine.long_texts import LongTextMode
    from metier.registry.instruction import Instruction
    from metier.runtime.runtime import Runtime
    from metier.workflows.contract import Workflow

_RESULT_OF: dict[Task, type[Result]] = {
    "retrieval": SearchResult,
    "clustering": ClusterReport,
    "classification": ClassificationReport,
    "flagging": FlagReport,
}

EXAMPLES = "examples"
"""The parameter of a classifying workflow that takes labeled rows to learn from."""

LABELS = "labels"
"""The parameter of a classifying workflow that takes labels to choose from."""

_LEARNED: tuple[Task, ...] = ("classification", "flagging")
"""What a workflow that fits a head is measured for, where it is named."""

GENERIC = "core"
"""The domain whose workflows take the instructions of any other."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is measured.

    Attributes:
        task: of which kind.
        domain: whose pipeline.
        workflow: that does the task in the domain; None where it has none and the generic one,
            which any domain's instructions run through, stands in.
        instruction: texts are embedded under; None where the workflow has several, as flagging has.
        long_texts: how texts longer than the model reads are read; None for the default.
        may_learn: whether a workflow that may learn from examples does.
    """

    task: Task
    domain: str
    workflow: Workflow[Any] | None
    instruction: Instruction | None
    long_texts: LongTextMode | None = None
    may_learn: bool = True

    @property
    def name(self) -> str:
        """Id of the workflow that is measured."""
        return self.workflow.id if self.workflow is not None else generic(self.task)

    @property
    def is_generic(self) -> bool:
        """Whether the workflow of any domain does it."""
        return self.name == generic(self.task)

    @property
    def learns_from_examples(self) -> bool:
        """Whether it is measured on texts held out of the examples that it learns from."""
        chosen = self.workflow
        if self.fits_head:
            return True
        is_able = self.is_generic or (chosen is not None and _takes_examples(chosen))
        return is_able and self.may_learn and self.task == "classification"

    @property
    def fits_head(self) -> bool:
        """Whether the workflow gives a fitted head, or the scores of one."""
        return self.workflow is not None and _fits_head(self.workflow)

    @property
    def min_texts(self) -> int:
        """Number of examples that a term has to occur in, of a workflow that learns from them."""
        from metier.heads.head_options import HeadOptions

        return HeadOptions().min_texts if self.fits_head else 1

    @property
    def takes_dim(self) -> bool:
        """Whether the workflow can be told a vector size."""
        return self.workflow is None or self.takes("dim")

    def takes(self, name: str) -> bool:
        """Whether the workflow has a parameter of that name."""
        chosen = self.workflow
        return chosen is not None and any(known.name == name for known in chosen.parameters)

    @property
    def searched_as(self) -> str:
        """The domain whose settings searches take: that of the instruction, as in a workflow."""
        own = self.instruction.domain if self.instruction is not None else ""
        return own or self.domain

    def runs_as_it_is(self, rt: Runtime) -> bool:
        """Whether the workflow, called with texts alone, runs under the instruction."""
        if self.workflow is None:
            return False
        if self.instruction is None:
            return True
        declared = self.workflow.instruction
        return declared is not None and (
            rt.instructions.resolve(declared).instruction == self.instruction
        )

    def run(self, rt: Runtime, texts: Texts, dim: int | None, labels: Sequence[str] = ()) -> Any:
        """The workflow's result for texts.

        Args:
            rt: the Runtime.
            texts: to run it on.
            dim: vector size; None for the default.
            labels: to choose from, of a workflow that can be told labels.

        Raises:
            UsageError: there is no workflow, or it needs more than texts.
        """
        if self.workflow is None:
            raise UsageError(
                f"The domain {self.domain!r} has no workflow for {self.task}.",
                fix="Measure a domain that brings one, or name a workflow: $workflow",
                parameters={"workflow": ...},
            )
        try:
            options: dict[str, Any] = {"dim": dim, "long_texts": self.long_texts}
            if labels and self.takes(LABELS):
                options[LABELS] = tuple(labels)
            return self.workflow(
                rt, texts, **{name: value for name, value in options.items() if value is not None}
            )
        except ParameterError as error:
            raise UsageError(
                f"{self.workflow.id} needs more than texts, or does not take these options.",
                why=error.what,
                fix="Measure a domain whose workflow needs nothing else, or name a workflow: "
                "$workflow",
                parameters={"workflow": ...},
            ) from error


_VERB: dict[Task, str] = {
    "retrieval": "search",
    "clustering": "cluster",
    "classification": "classify",
    "flagging": "flag",
}


FIT = f"{GENERIC}/fit"
"""The workflow that fits a head to any labels, under any domain's instructions."""


def generic(task: Task) -> str:
    """The workflow that any domain's instructions run through."""
    return f"{GENERIC}/{_VERB[task]}"


def choose_pipeline(
    rt: Runtime,
    task: Task,
    domain: str,
    *,
    workflow: str | None = None,
    instruction: str | Instruction | None = None,
) -> Pipeline:
    """The domain's default pipeline for a task, or the one that is asked for.

    Without an instruction it is that of the domain's workflow for the task, else the domain's
    first instruction of a kind that is measured so.

    Raises:
        UsageError: there is no such domain, workflow or instruction, the workflow does another
            task, or the domain has no instruction for it.
    """
    if domain not in rt.domains:
        raise UnknownNameError("domain", domain, rt.domains)
    chosen = _workflow(rt, task, domain, workflow, instruction)
    if task == "flagging" and not (chosen is not None and _fits_head(chosen)):
        if instruction is not None:
            raise UsageError(
                "Flagging is measured under the instructions that its taxonomy names.",
                fix="Leave $instruction out.",
                parameters={"instruction": ...},
            )
        return Pipeline(task, domain, chosen, None)
    named = instruction or (chosen.instruction if chosen is not None else None)
    # what classifies runs as it is, also where it names no instruction
    runs_alone = task == "classification" and chosen is not None
    own = [] if runs_alone else instructions_for(rt, task, domain)
    if named is not None or own:
        first = rt.instructions.resolve(named).instruction if named is not None else own[0]
        return Pipeline(task, domain, chosen, first)
    if chosen is not None:
        return Pipeline(task, domain, chosen, None)
    kinds = sorted({declared.kind for declared in rt.domains[domain].instructions})
    raise UsageError(
        f"The domain {domain!r} has neither a workflow nor an instruction for {task}.",
        why=f"Its instructions are for: {', '.join(kinds) or 'nothing'}.",
        fix="Name one with $instruction, or measure the generic pipeline: $domain.",
        parameters={"instruction": ..., "domain": GENERIC},
    )


def instructions_for(rt: Runtime, task: Task, domain: str) -> list[Instruction]:
    """The domain's instructions of a kind that is measured so, in its order, as they resolve."""
    declared = rt.domains[domain].instructions
    names = dict.fromkeys(
        instruction.id for instruction in declared if TASK_OF[instruction.kind] == task
    )
    return [rt.instructions.resolve(f"{domain}/{name}").instruction for name in names]


def _workflow(
    rt: Runtime,
    task: Task,
    domain: str,
    name: str | None,
    instruction: str | Instruction | None,
) -> Workflow[Any] | None:
    """The workflow that is named, else the domain's for the task and the instruction.

    Of several the first is taken, in the order in which the domain declares their instructions.
    Where those that learn from examples read another instruction, the generic one does the same.
    """
    if name is not None:
        named = rt.plugins.load_workflow(name)
        if not (_does(named, task) or (task in _LEARNED and _fits_head(named))):
            more = f", or a {HeadResult.__name__}" if task in _LEARNED else ""
            raise UsageError(
                f"The workflow {name} is not for {task}.",
                why=f"A workflow for {task} gives a {_RESULT_OF[task].__name__}{more}.",
                fix="Name another, or leave $workflow out.",
                parameters={"workflow": ...},
            )
        return named
    own = [id for id in sorted(rt.workflows) if id.startswith(f"{domain}/")]
    able = [workflow for workflow in map(rt.plugins.load_workflow, own) if _does(workflow, task)]
    declared = [f"{domain}/{known.id}" for known in rt.domains[domain].instructions]
    able.sort(key=lambda workflow: _position(workflow, declared))
    if instruction is None or not able:
        return able[0] if able else None
    wanted = rt.instructions.resolve(instruction).instruction
    for workflow in able:
        reads = workflow.instruction
        if reads is not None and rt.instructions.resolve(reads).instruction == wanted:
            return workflow
    return None if task == "classification" and _takes_examples(able[0]) else able[0]


def _takes_examples(workflow: Workflow[Any]) -> bool:
    return any(parameter.name == EXAMPLES for parameter in workflow.parameters)


def _position(workflow: Workflow[Any], instructions: list[str]) -> int:
    """Where the instruction of a workflow stands among those of its domain."""
    reads = (workflow.instruction or "").partition("@")[0]
    return instructions.index(reads) if reads in instructions else len(instructions)


def _does(workflow: Workflow[Any], task: Task) -> bool:
    """Whether a workflow gives the result of a task; a search may have a result of its own for one
    query, and gives a `BatchResult` for several."""
    kinds = (_RESULT_OF[task], BatchResult) if task == "retrieval" else (_RESULT_OF[task],)
    return any(issubclass(result, kinds) for result in workflow.result_types)


def _fits_head(workflow: Workflow[Any]) -> bool:
    """Whether a workflow gives a head, or what one says of texts that has learned from others."""
    inputs = [parameter for parameter in workflow.parameters if parameter.is_input]
    return any(
        issubclass(result, HeadResult) or (issubclass(result, PredictionReport) and len(inputs) > 1)
        for result in workflow.result_types
    )
