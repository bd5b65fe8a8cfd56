"""Labels as people give them: as a field of examples, or each with a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from metier.close_names import did_you_mean
from metier.errors import InputError, ParameterError
from metier.registry.entry_changes import folded_title
from metier.results.own_columns import own_names
from metier.texts.rows import id_as_string
from metier.texts.texts import Texts

UNDECIDED = "undecided"
"""What results call texts without a label."""


def labels_of(examples: Texts, field: str, *, parameter: str = "label_field") -> list[str]:
    """The label of each example.

    Args:
        examples: rows with a label.
        field: that holds it.
        parameter: of the workflow that names the field, for the message.

    Raises:
        InputError: an example has no label.
    """
    labels = [id_as_string(example.fields.get(field)) for example in examples]
    missing = [example.id for example, label in zip(examples, labels, strict=True) if label is None]
    if missing:
        fields = own_names(example.fields for example in examples)
        raise InputError(
            f"{len(missing)} of {len(examples)} examples have no {field!r}: "
            f"{', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}.",
            why=(None if field in fields else did_you_mean(field, fields))
            or f"Their fields are: {', '.join(fields) or 'none'}.",
            fix=f"Name the field with ${parameter}, and give every example a label.",
            parameters={parameter: ...},
        )
    return [label for label in labels if label is not None]


def named_labels(
    labels: Iterable[str], known: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """The name of each label and the text that is compared, which is all of it.

    Args:
        labels: each a name, or `name: description`.
        known: texts that are compared of names that stand alone.

    Raises:
        ParameterError: a name is given twice, however it is capitalized, or is what results call
            texts without a label.
    """
    named: dict[str, str] = {}
    firsts: dict[str, str] = {}
    for label in labels:
        name = label.partition(":")[0].strip() or label
        first = firsts.setdefault(folded_title(name), name)
        if name in named:
            raise ParameterError(f"The label {name!r} is given twice.", parameter="labels")
        if first != name:
            raise ParameterError(
                f"The labels {first!r} and {name!r} differ in capitals only.",
                fix="Leave one of them out.",
                parameter="labels",
            )
        if folded_title(name) == UNDECIDED:
            raise ParameterError(
                f"{name!r} cannot be a label: results call texts that have none so.",
                fix="Use another name for it, such as 'unclear'.",
                parameter="labels",
            )
        named[name] = known.get(label, label)
    return named
