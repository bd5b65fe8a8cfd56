"""How to repeat a run from its record: inputs, parameters and models."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from metier.cli.inputs import own_option
from metier.cli.options import CommonOptions
from metier.errors import UsageError
from metier.settings import configured

if TYPE_CHECKING:
    from metier.engine.ledger import ModelUse
    from metier.results.record import RunRecord
    from metier.runtime.config import RuntimeConfig
    from metier.texts.texts import Texts
    from metier.workflows.contract import Workflow
    from metier.workflows.parameter import Parameter

_COMMIT = re.compile(r"[0-9a-f]{40}")


def recorded_inputs(
    workflow: Workflow[Any], record: RunRecord, paths: Sequence[str]
) -> dict[str, tuple[Sequence[str], type[Texts]]]:
    """The paths and the class of texts of each input.

    Args:
        workflow: that was run.
        record: names the inputs.
        paths: in the order of the record; all of them where it has one input.

    Raises:
        UsageError: there are more paths than inputs, or fewer.
    """
    names = list(record.inputs)
    groups = [[path] for path in paths]
    if len(names) == 1 and paths:
        groups = [list(paths)]
    if len(groups) != len(names):
        raise UsageError(
            f"The run had {len(names)} inputs, and {len(paths)} are given.",
            why=f"They are, in this order: {', '.join(names) or 'none'}.",
            fix=f"Give the same files again: metier replay RUN.JSON {' '.join(names).upper()}",
        )
    kinds = {parameter.name: parameter.input_kind for parameter in workflow.parameters}
    inputs: dict[str, tuple[Sequence[str], type[Texts]]] = {}
    for name, files in zip(names, groups, strict=True):
        kind = kinds.get(name)
        if kind is None:
            raise _other_version(workflow, record, name)
        inputs[name] = (files, kind)
    return inputs


def recorded_fields(record: RunRecord, reading: Mapping[str, Any]) -> dict[str, Any]:
    """The options of reading that name the fields of the inputs of a run.

    Args:
        record: of the run.
        reading: options of this call, which are stronger.
    """
    fields: dict[str, Any] = {}
    for name, used in record.inputs.items():
        for field, recorded in (("text_field", used.text_field), ("id_field", used.id_field)):
            own = own_option(name, field) if len(record.inputs) > 1 else field
            if recorded is not None and not (reading[own] or reading[field]):
                fields[own] = recorded
    return fields


def recorded_values(
    workflow: Workflow[Any],
    record: RunRecord,
    arguments: Mapping[str, Any],
    flags: Mapping[str, str],
) -> dict[str, Any]:
    """Values of the parameters: from this call, else from the record, which keeps no texts.

    Args:
        workflow: that was run.
        record: of the run.
        arguments: parameters of this call, by name.
        flags: the option of each parameter.

    Raises:
        UsageError: the record does not hold one, and the call does not give it.
    """
    values: dict[str, Any] = {}
    known = {parameter.name for parameter in workflow.parameters}
    for name in record.parameters:
        if name not in known:
            raise _other_version(workflow, record, name)
    missing = []
    for parameter in workflow.parameters:
        name = parameter.name
        if name in record.inputs or (parameter.is_input and name not in arguments):
            continue
        if name in arguments:
            values[name] = parameter.validate(arguments[name], workflow.id)
        elif name in record.parameters and not _is_default(workflow, record, parameter):
            kept = record.parameters[name]
            if _holds_hash(kept):
                missing.append(flags[name])
            else:
                values[name] = parameter.validate(_from_record(parameter, kept), workflow.id)
    if missing:
        raise UsageError(
            f"Give what the record does not hold: {', '.join(missing)}.",
            why="A record keeps a hash of what a person may have written, never the text.",
            fix="Give it as in the run that is replayed.",
        )
    return values


def require_no_other_reranker(record: RunRecord, common: CommonOptions) -> None:
    """Refuse a reranker that only METIER_RERANKER names if the recorded run used none.

    Raises:
        UsageError: METIER_RERANKER is set.
    """
    had = any(use.role == "reranker" for use in record.models)
    if not had and common.reranker is None and configured("reranker"):
        raise UsageError(
            "METIER_RERANKER names a reranker, and the run used none.",
            fix="Unset METIER_RERANKER.",
        )


def as_recorded(config: RuntimeConfig, record: RunRecord) -> RuntimeConfig:
    """A configuration with the models of a record where it names none."""
    uses = {use.role: use for use in record.models}
    first = next(iter(uses.values()), None)
    return replace(
        config,
        model=config.model or _spec(uses.get("embedder")),
        reranker=config.reranker or _spec(uses.get("reranker")),
        device=config.device or (first.device if first else None),
        dtype=config.dtype or (first.dtype if first else None),
    )


def _other_version(workflow: Workflow[Any], record: RunRecord, name: str) -> UsageError:
    return UsageError(
        f"{workflow.id} has no parameter {name!r}, and the run had one.",
        why=f"It was run with {record.provider or 'another version'}.",
        fix="Install the version that made the record.",
    )


def _is_default(workflow: Workflow[Any], record: RunRecord, parameter: Parameter) -> bool:
    from metier.results.record import choices_of, recorded

    if parameter.required:
        return False
    choices = choices_of(parameter.annotation)
    default = recorded(parameter.validate(parameter.default, workflow.id), choices.__contains__)
    return bool(default == record.parameters[parameter.name])


def _holds_hash(kept: Any) -> bool:
    if isinstance(kept, Mapping):
        return any(_holds_hash(part) for pair in kept.items() for part in pair)
    if isinstance(kept, list):
        return any(_holds_hash(item) for item in kept)
    return isinstance(kept, str) and kept.startswith("sha256:")


def _from_record(parameter: Parameter, kept: Any) -> Any:
    """The member of an enum, of which records keep the name; else the value itself."""
    kind = parameter.type
    if isinstance(kind, type) and issubclass(kind, Enum) and kept in kind.__members__:
        return kind[kept]
    return kept


def _spec(use: ModelUse | None) -> str | None:
    """The model to load, pinned to the recorded commit if it is from the hub."""
    if use is None:
        return None
    pinned = _COMMIT.fullmatch(use.revision) and "@" not in use.id
    return f"{use.id}@{use.revision}" if pinned else use.id
