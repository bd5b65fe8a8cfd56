"""The manifest of an index: what it was made with, and whether it may be opened with something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from metier.errors import InputError, UsageError
from metier.registry.provenance import Provenance
from metier.retrieval.funnel import Funnel

SCHEMA = 1
"""Raised when what a store holds changes so that older versions of metier cannot read it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with.

    Attributes:
        provenance: model, dim and instruction of the vectors.
        revision: of the model.
        domain: whose settings its searches take.
        chunking: how documents are cut.
        terms: how texts become terms for lexical search.
        schema: of what the store holds.
        funnel: how a shortlist is made; None for an index too small for one.
    """

    provenance: Provenance
    revision: str
    domain: str
    chunking: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA
    funnel: Funnel | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Manifest:
        """The manifest of plain data.

        Raises:
            InputError: it is none, or of a newer version of metier.
        """
        try:
            schema = int(content["schema"])
            if schema <= SCHEMA:
                known = dict(content)
                if "mark" in known:  # as it was called before
                    known["provenance"] = known.pop("mark")
                known["provenance"] = Provenance(**known["provenance"])
                funnel = known.get("funnel")
                known["funnel"] = None if funnel is None else Funnel.from_dict(funnel)
                return cls(**known)
        except (KeyError, TypeError, ValueError):
            raise InputError(
                "The manifest of the index is of a form that this metier does not know.",
                why="Another version of metier wrote it, or it is damaged.",
                fix="Use that version, or build the index again with $rebuild.",
                parameters={"rebuild": True},
            ) from None
        raise InputError(
            f"The index has schema {schema}, and this metier reads up to {SCHEMA}.",
            why="A newer version of metier wrote it.",
            fix="Update metier, or build the index again with $rebuild.",
            parameters={"rebuild": True},
        )


def require_same(there: Manifest, wanted: Manifest, place: str) -> None:
    """Refuse to open an index with something else than it was made with.

    Args:
        there: of the index.
        wanted: of the call.
        place: of the index, for the message.

    Raises:
        UsageError: they differ; the message spells out in what.
    """
    differences = _differences(there, wanted)
    if differences:
        raise UsageError(
            f"The index at {place} was made with something else than it is opened with.",
            why="\n".join(f"{name}: {one}, now {other}" for name, one, other in differences),
            fix="Open it with what it was made with, or build it again with $rebuild. "
            "Another instruction for queries alone may be given to a search.",
            code="index-mismatch",
            parameters={"rebuild": True},
        )


def _differences(there: Manifest, wanted: Manifest) -> list[tuple[str, str, str]]:
    one, other = there.provenance, wanted.provenance
    pairs = [
        (
            "model",
            f"{one.model} (fingerprint {one.fingerprint}, revision {there.revision})",
            f"{other.model} (fingerprint {other.fingerprint}, revision {wanted.revision})",
            one.fingerprint == other.fingerprint,
        ),
        ("dim", str(one.dim), str(other.dim), one.dim == other.dim),
        ("instruction", one.instruction_label, other.instruction_label, one.digest == other.digest),
        ("domain", there.domain, wanted.domain, there.domain == wanted.domain),
    ]
    for kind in ("chunking", "terms"):
        before, now = getattr(there, kind), getattr(wanted, kind)
        for name in sorted({*before, *now}):
            one_value, other_value = before.get(name), now.get(name)
            same = one_value == other_value
            pairs.append((f"{kind}, {name}", _said(one_value), _said(other_value), same))
    return [(name, before, now) for name, before, now, same in pairs if not same]


def _said(value: object) -> str:
    return "none" if value in (None, "") else str(value)
