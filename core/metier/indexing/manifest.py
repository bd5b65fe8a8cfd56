"""The manifest of an index: its model, instruction and settings, and checks against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from metier.errors import InputError, UsageError
from metier.registry.provenance import Provenance
from metier.retrieval.funnel import Funnel

SCHEMA = 2
"""Version of the contents of a store, increased when older versions cannot read new ones."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The model, instruction and settings of an index.

    Attributes:
        provenance: model, dim and instruction of the vectors.
        revision: revision of the model.
        domain: domain whose settings apply to searches.
        chunking: settings for cutting documents into chunks.
        terms: settings for splitting texts into terms.
        schema: version of the contents of the store.
        build: tells a rebuilt index on disk from the one before; empty for one never rebuilt.
        funnel: how searches make a shortlist; None for an index too small for a funnel.
    """

    provenance: Provenance
    revision: str
    domain: str
    chunking: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA
    funnel: Funnel | None = None
    build: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as a dict that can be written as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Manifest:
        """Make a manifest from its dict.

        Raises:
            InputError: the dict is not a manifest, or a newer version of metier wrote it.
        """
        try:
            schema = int(content["schema"])
            if schema <= SCHEMA:
                values = dict(content)
                if "mark" in values:  # the former name
                    values["provenance"] = values.pop("mark")
                values["provenance"] = Provenance(**values["provenance"])
                funnel = values.get("funnel")
                values["funnel"] = None if funnel is None else Funnel.from_dict(funnel)
                return cls(**values)
        except (KeyError, TypeError, ValueError):
            raise InputError(
                "This version of metier cannot read the manifest of the index.",
                why="Another version of metier wrote it, or it is damaged.",
                fix="Use that version, or build the index again with $rebuild.",
                parameters={"rebuild": True},
            ) from None
        raise InputError(
            f"The index has schema {schema}, and this version of metier reads up to {SCHEMA}.",
            why="A newer version of metier wrote it.",
            fix="Update metier, or build the index again with $rebuild.",
            parameters={"rebuild": True},
        )


def require_same(stored: Manifest, requested: Manifest, path: str) -> None:
    """Check that an index is opened with the model and settings that it was made with.

    Args:
        stored: manifest of the index.
        requested: manifest that the arguments of the call would give.
        path: path of the index, for the message.

    Raises:
        UsageError: the manifests differ; the message lists the differences.
    """
    differences = _differences(stored, requested)
    if differences:
        raise UsageError(
            f"The index at {path} was made with other settings than it is opened with.",
            why="\n".join(f"{name}: {before}, now {now}" for name, before, now in differences),
            fix="Open it with its own settings, or build it again with $rebuild. A search can "
            "take another instruction for its queries.",
            code="index-mismatch",
            parameters={"rebuild": True},
        )


def require_unchanged(stored: Manifest, opened: Manifest, path: str | None) -> None:
    """Check that an index has the model and settings that it had when it was opened.

    Args:
        stored: manifest of the index now.
        opened: its manifest when it was opened.
        path: path of the index, for the message.

    Raises:
        UsageError: it was rebuilt with others meanwhile; the message lists the differences.
    """
    differences = _differences(opened, stored)
    if differences:
        raise UsageError(
            f"The index at {path} was rebuilt with other settings after it was opened.",
            why="\n".join(f"{name}: {before}, now {now}" for name, before, now in differences),
            fix="Open it again, with the model and settings that it has now.",
            code="index-mismatch",
        )


def require_model(stored: Manifest, requested: Manifest, path: str) -> None:
    """Check that an index is opened with the model that it was made with.

    Arguments and error are those of `require_same`, of which it is the part that has to come
    first: whether another model has the dim or reads the chunks of the index says nothing.
    """
    if stored.provenance.fingerprint != requested.provenance.fingerprint:
        require_same(stored, requested, path)


def _differences(stored: Manifest, requested: Manifest) -> list[tuple[str, str, str]]:
    """Return the name, stored value and requested value of each setting that differs."""
    old, new = stored.provenance, requested.provenance
    pairs = [
        (
            "model",
            f"{old.model} (fingerprint {old.fingerprint}, revision {stored.revision})",
            f"{new.model} (fingerprint {new.fingerprint}, revision {requested.revision})",
            old.fingerprint == new.fingerprint,
        ),
        ("instruction", old.instruction_label, new.instruction_label, old.digest == new.digest),
        ("dim", str(old.dim), str(new.dim), old.dim == new.dim),
        ("domain", stored.domain, requested.domain, stored.domain == requested.domain),
    ]
    for kind in ("chunking", "terms"):
        before, now = getattr(stored, kind), getattr(requested, kind)
        for name in sorted({*before, *now}):
            values = before.get(name), now.get(name)
            pairs.append((f"{kind}, {name}", *map(_label, values), values[0] == values[1]))
    return [(name, before, now) for name, before, now, is_equal in pairs if not is_equal]


def _label(value: object) -> str:
    return "none" if value in (None, "") else str(value)
