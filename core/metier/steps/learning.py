"""Learning labels from examples, and predicting them: the steps of everything with a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from metier.close_names import did_you_mean, known_names
from metier.engine.long_texts import LongTextMode
from metier.errors import InputError, ParameterError
from metier.progress import working
from metier.registry.instruction import Instruction
from metier.registry.provenance import Provenance
from metier.texts.rows import id_as_string
from metier.texts.texts import Texts

if TYPE_CHECKING:
    from metier.heads.head import Head
    from metier.heads.head_options import HeadOptions
    from metier.heads.head_prediction import HeadPrediction
    from metier.heads.inputs import HeadInputs
    from metier.runtime.runtime import Runtime


def fit_head(
    rt: Runtime,
    examples: Texts,
    labels: Sequence[str],
    *,
    instruction: str | Instruction | None,
    columns: Sequence[str] = (),
    group_columns: Sequence[str] = (),
    options: HeadOptions | None = None,
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> Head:
    """Learn labels from examples: from their vectors as queries, their terms and some columns.

    Args:
        rt: the Runtime.
        examples: texts whose label is known.
        labels: the label of each example.
        instruction: id or `Instruction`; None for none.
        columns: fields of the examples to learn from as well.
        group_columns: fields whose groups the report compares, of numbers their quarters; nothing
            is learned from them.
        options: the label that is flagged, the goal of its threshold and more.
        dim: vector size; None for the instruction's default.
        long_texts: of texts longer than the model reads, `pool` takes the mean of the vectors of
            their parts, weighted by tokens, and `cut` the vector of their beginning.

    Raises:
        InputError: no example has such a field, or as `Head.fit`.
        ParameterError: a column is the label, or as `Head.fit`, as is UnknownNameError.
    """
    from metier.heads.column_groups import column_groups
    from metier.heads.head import Head

    known = rt.instructions.resolve(instruction).instruction if instruction is not None else None
    _require_other_columns(examples, labels, columns)
    inputs = head_inputs(
        rt, examples, labels, instruction=known, columns=columns, dim=dim, long_texts=long_texts
    )
    named = columns_of(examples, group_columns)
    groups = {name: column_groups(cells) for name, cells in named.items()}
    with working(rt.engine.progress, "fitting", 1) as bar:
        head = Head.fit(
            inputs, labels, options, groups=groups, instruction=known, long_texts=long_texts
        )
        bar.advance()
    return head


def head_inputs(
    rt: Runtime,
    texts: Texts,
    labels: Sequence[str] = (),
    *,
    instruction: str | Instruction | None,
    columns: Sequence[str] = (),
    dim: int | None = None,
    long_texts: LongTextMode = "pool",
) -> HeadInputs:
    """Return texts as what a head learns and predicts from.

    Args:
        rt: the Runtime.
        texts: to embed as queries.
        labels: of examples, whose names are embedded, too.
        instruction: as for `fit_head`.
        columns: as for `fit_head`.
        dim: as for `fit_head`.
        long_texts: as for `fit_head`.

    Raises:
        InputError: no text has such a field.
    """
    from metier.heads.inputs import HeadInputs

    cells = columns_of(texts, columns)  # before the texts are embedded
    names = [_spelled(label) for label in sorted(set(labels))]
    named = (
        rt.embed_queries(names, instruction=instruction, dim=dim, long_texts=long_texts)
        if names
        else None
    )
    return HeadInputs(
        vectors=rt.embed_queries(texts, instruction=instruction, dim=dim, long_texts=long_texts),
        texts=texts.strings,
        columns=cells or None,
        label_vectors=named,
    )


def apply_head(rt: Runtime, head: Head, texts: Texts) -> HeadPrediction:
    """Predict the labels of texts, embedded as the examples of the head were.

    Raises:
        UsageError: the Runtime has another model than the head has learned with.
        InputError: no text has a column that the head has learned from.
    """
    require_model(rt, head)
    inputs = head_inputs(
        rt,
        texts,
        instruction=head.instruction,
        columns=head.columns,
        dim=head.provenance.dim if head.provenance is not None else None,
        long_texts=head.long_texts,
    )
    return head.predict(inputs)


def require_model(rt: Runtime, head: Head) -> None:
    """Refuse a Runtime with another model than a head has learned with, before it is run.

    Raises:
        UsageError: see above; the message lists the differences.
    """
    if head.provenance is not None:
        own = Provenance.of(rt.embedder, head.provenance.dim, head.instruction)
        head.require_provenance(own)


def columns_of(texts: Texts, names: Sequence[str]) -> dict[str, list[object]]:
    """Return the values of fields by their name, None where a text has none.

    A value inside of a record is named with points: `facts.amount` is `amount` of `facts`.

    Raises:
        InputError: no text has such a field.
    """
    rows = [_flat(item.fields) for item in texts]
    known = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        if name not in known:
            raise InputError(
                f"No text of {texts.source} has the field {name!r}.",
                why=did_you_mean(name, known) or known_names(known) or "They have no fields.",
                fix="Name a field that the texts have, or give them this one.",
                code="field-not-found",
            )
    return {name: [row.get(name) for row in rows] for name in names}


def _flat(fields: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Fields, and those of records in them, by their names with points."""
    flat: dict[str, object] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = value
    return flat


def _require_other_columns(examples: Texts, labels: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a column that is the label: what is to be predicted is not known of new texts."""
    for name, cells in columns_of(examples, columns).items():
        if [id_as_string(cell) for cell in cells] == list(labels):
            raise ParameterError(
                f"The column {name!r} is the label of every example.",
                why="A head that reads it would look perfect, and have learned nothing.",
                fix="Leave it out of the columns ($columns).",
                parameters={"columns": ...},
                parameter="columns",
            )


def _spelled(label: str) -> str:
    """The name of a label as a person would write it: `late_payment` is `late payment`."""
    return " ".join(label.replace("_", " ").replace("-", " ").split()) or label
