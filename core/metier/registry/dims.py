"""The vector size of a call: that of the call, else of the instruction, the domain, the model."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metier.errors import DimError

if TYPE_CHECKING:
    from metier.models.embedder import ModelProfile


@dataclass(frozen=True, slots=True)
class DimChoice:
    """The vector size used and why.

    Attributes:
        dim: what is used.
        declared: the size that `source` names; None where it is the model.
        source: `call`, `instruction`, `domain` or `model`.
        reason: one sentence for people.
        caution: set where the size costs quality the caller should know of.
    """

    dim: int
    declared: int | None
    source: str
    reason: str
    caution: str | None = None


def choose_dim(
    profile: ModelProfile,
    *,
    requested: int | None,
    instruction_dim: int | None = None,
    domain_dim: int | None = None,
) -> DimChoice:
    """Decide the vector size of a call.

    A size requested in the call is used, or refused if the model cannot give it. A size declared by
    an instruction or a domain is a default: models with Matryoshka training use it (at most their
    own size), others keep their full size.

    Raises:
        DimError: `requested` is above the model's size or not positive.
    """
    if requested is not None:
        return _requested(profile, _whole_number(requested))
    for source, declared in (("instruction", instruction_dim), ("domain", domain_dim)):
        if declared is not None:
            return _declared(profile, source, declared)
    return DimChoice(
        profile.dim, None, "model", "neither the call, the instruction nor the domain sets a size"
    )


def _whole_number(requested: Any) -> int:
    try:
        # numpy's whole numbers count, True does not
        dim = 0 if isinstance(requested, bool) else operator.index(requested)
    except TypeError:
        dim = 0
    if dim < 1:
        raise DimError(
            "$dim is not a positive whole number.", parameter="dim", parameters={"dim": requested}
        )
    return dim


def _requested(profile: ModelProfile, requested: int) -> DimChoice:
    if requested > profile.dim:
        raise DimError(
            f"$dim is more than {profile.id!r} has: its vectors have {profile.dim} dimensions.",
            fix=f"Ask for at most {profile.dim}, or for no size of your own.",
            parameter="dim",
            parameters={"dim": requested},
        )
    caution = None
    if requested < profile.dim and not profile.mrl:
        caution = (
            f"{profile.id!r} was not trained for shorter vectors (no MRL): its first {requested} "
            f"of {profile.dim} dimensions are used because the call asks for them; expect lower "
            "quality."
        )
    elif requested < profile.min_dim:
        caution = (
            f"{profile.id!r} is trained for {profile.min_dim} dimensions or more: expect lower "
            f"quality with {requested}."
        )
    return DimChoice(requested, requested, "call", "asked for in the call", caution)


def _declared(profile: ModelProfile, source: str, declared: int) -> DimChoice:
    if declared > profile.dim:
        reason = f"the {source} declares {declared}, clamped to the model's {profile.dim}"
        return DimChoice(profile.dim, declared, source, reason)
    if not profile.mrl and declared < profile.dim:
        reason = (
            f"the {source} declares {declared}, but {profile.id!r} has no MRL: its full "
            f"{profile.dim} are used (ask for {declared} to cut all the same)"
        )
        return DimChoice(profile.dim, declared, source, reason)
    if declared < profile.min_dim:
        reason = (
            f"the {source} declares {declared}, raised to the {profile.min_dim} the model is "
            "trained for"
        )
        return DimChoice(profile.min_dim, declared, source, reason)
    return DimChoice(declared, declared, source, f"declared by the {source}")
