"""Provenance: what a set of vectors was made with, and whether two sets can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.errors import UsageError

if TYPE_CHECKING:
    from metier.models.embedder import Embedder
    from metier.registry.instruction import Instruction


@dataclass(frozen=True, slots=True)
class Provenance:
    """What decides the space that vectors lie in.

    Attributes:
        model: id of the model, for people.
        fingerprint: of the model.
        dim: vector size.
        instruction: full id; None where there was none.
        digest: content hash of the instruction; None where there was none.
        both_sides: whether the model reads the instruction before documents, too.
    """

    model: str
    fingerprint: str
    dim: int
    instruction: str | None = None
    digest: str | None = None
    both_sides: bool = False

    @classmethod
    def of(cls, embedder: Embedder, dim: int, instruction: Instruction | None = None) -> Provenance:
        """The provenance of vectors that an embedder makes.

        Args:
            embedder: the model; one that does not follow instructions reads none of them.
            dim: vector size.
            instruction: None for none.
        """
        profile, fingerprint = embedder.profile, embedder.fingerprint
        if instruction is None:
            return cls(profile.id, fingerprint, dim)
        both = profile.instruction_aware and instruction.sides == "both"
        return cls(profile.id, fingerprint, dim, instruction.full_id, instruction.digest, both)

    @property
    def instruction_label(self) -> str:
        """Instruction and content hash, for messages; `none` where there was none."""
        return f"{self.instruction} (content {self.digest})" if self.instruction else "none"


def require_comparable(
    first: Provenance,
    second: Provenance,
    *,
    names: tuple[str, str] = ("the first", "the second"),
) -> None:
    """Refuse two sets of vectors whose products would mean nothing.

    Instructions for queries leave documents as they are, so two of them may differ; where one
    stands before documents, the content of both has to be the same.

    Args:
        first: provenance of a set.
        second: provenance of the set it would be compared with.
        names: what the two sets are, for the message.

    Raises:
        UsageError: they differ; the message lists the differences.
    """
    differences = []
    if first.fingerprint != second.fingerprint:
        differences.append(
            f"model: {first.model!r} (fingerprint {first.fingerprint}) and {second.model!r} "
            f"(fingerprint {second.fingerprint})"
        )
    if first.dim != second.dim:
        differences.append(f"dim: {first.dim} and {second.dim}")
    if (first.both_sides or second.both_sides) and first.digest != second.digest:
        differences.append(f"instruction: {first.instruction_label} and {second.instruction_label}")
    if differences:
        raise UsageError(
            f"The vectors of {names[0]} and of {names[1]} cannot be compared.",
            why="They differ in\n" + "\n".join(f"  {difference}" for difference in differences),
            fix="Embed both with the same model, dim and instruction, or compare bare numbers that "
            "say nothing of their making: numpy.asarray(vectors).",
        )


def require_same(
    own: Provenance | None, other: Provenance | None, *, noun: str, remedy: str
) -> None:
    """Refuse vectors of another model, dim or instruction; those that do not say are accepted.

    Args:
        own: of the vectors that something was learned from.
        other: of the vectors that it is used with.
        noun: what was learned, `head` for example; the code of the error is `head-mismatch`.
        remedy: what else can be done, such as `fit it again`.

    Raises:
        UsageError: they differ; the message lists the differences.
    """
    if own is None or other is None:
        return
    compared = (
        (
            "model",
            f"{own.model} (fingerprint {own.fingerprint})",
            f"{other.model} (fingerprint {other.fingerprint})",
            own.fingerprint == other.fingerprint,
        ),
        ("dim", own.dim, other.dim, own.dim == other.dim),
        (
            "instruction",
            own.instruction_label,
            other.instruction_label,
            own.digest == other.digest,
        ),
    )
    differences = [
        f"  {name}: {before}, now {now}" for name, before, now, is_same in compared if not is_same
    ]
    if differences:
        raise UsageError(
            f"The {noun} has learned from vectors that were made with something else.",
            why="\n".join(["They differ in", *differences]),
            fix=f"Use the model, dim and instruction of the {noun}, or {remedy}.",
            code=f"{noun}-mismatch",
        )
