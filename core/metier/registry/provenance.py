"""Provenance: what a set of vectors was made with, and whether two sets may be compared."""

from __future__ import annotations

from dataclasses import dataclass

from metier.errors import UsageError
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
        both_sides: whether the instruction stands before documents, too, as the model reads them.
    """

    model: str
    fingerprint: str
    dim: int
    instruction: str | None = None
    digest: str | None = None
    both_sides: bool = False

    @classmethod
    def of(
        cls,
        model: str,
        fingerprint: str,
        dim: int,
        instruction: Instruction | None = None,
        *,
        follows: bool = True,
    ) -> Provenance:
        """The mark of vectors made under an instruction, or under none.

        Args:
            model: its id.
            fingerprint: of the model.
            dim: vector size.
            instruction: None for none.
            follows: whether the model follows instructions; one that does not reads none of them.
        """
        if instruction is None:
            return cls(model, fingerprint, dim)
        both = follows and instruction.sides == "both"
        return cls(model, fingerprint, dim, instruction.full_id, instruction.digest, both)


def require_comparable(
    one: Provenance, other: Provenance, *, names: tuple[str, str] = ("the first", "the second")
) -> None:
    """Refuse two sets of vectors whose products would mean nothing.

    Instructions for queries leave documents as they are, so two of them may differ; where one
    stands before documents, the content of both has to be the same.

    Args:
        one: mark of a set.
        other: mark of the set it would be compared with.
        names: what the two are, for the message.

    Raises:
        UsageError: they differ; the message says in what.
    """
    differences = []
    if one.fingerprint != other.fingerprint:
        differences.append(
            f"model: {one.model!r} (fingerprint {one.fingerprint}) and {other.model!r} "
            f"(fingerprint {other.fingerprint})"
        )
    if one.dim != other.dim:
        differences.append(f"dim: {one.dim} and {other.dim}")
    if (one.both_sides or other.both_sides) and one.digest != other.digest:
        differences.append(f"instruction: {_instruction(one)} and {_instruction(other)}")
    if differences:
        raise UsageError(
            f"The vectors of {names[0]} and of {names[1]} cannot be compared.",
            why="They differ in\n" + "\n".join(f"  {difference}" for difference in differences),
            fix="Embed both with the same model, dim and instruction, or compare bare numbers that "
            "say nothing of their making: numpy.asarray(vectors).",
        )


def _instruction(mark: Provenance) -> str:
    return f"{mark.instruction} (content {mark.digest})" if mark.instruction else "none"
