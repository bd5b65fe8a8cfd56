"""Evidence beside a pack: which files it is, and whether they speak of the pack as it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from metier.errors import PackError, UsageError
from metier.evaluation.evidence import Evidence, Setting, read_evidence, rules_of
from metier.registry.pack import EVIDENCE, SUFFIXES
from metier.registry.registry import Registry

AGAIN = "Run metier eval sweep again and save it in the place of this file, or remove the file."
"""What to do about evidence of something that is not so any more."""


def evidence_beside(pack: Path) -> list[Path]:
    """Files with evidence of a pack: those in its folder whose names begin with its own.

    `commerce.evidence.yaml` and `commerce.offers.evidence.yaml` are of `commerce.yaml`, but the
    second is of `commerce.offers.yaml` where there is such a pack.
    """
    files = sorted(pack.parent.iterdir())
    found = [one for one in files if one.name.endswith(EVIDENCE)]
    packs = {one.stem for one in files if one.suffix in SUFFIXES and one not in found}
    return [one for one in found if _owner(one.name, packs | {pack.stem}) == pack.stem]


def problems_of(path: Path, domains: Collection[str], registry: Registry) -> Iterator[str]:
    """What is wrong with a file of evidence; nothing where it still holds.

    Args:
        path: the file.
        domains: names; it should be about one of them.
        registry: in which they are as they are now.
    """
    try:
        evidence = read_evidence(path)
    except PackError as error:
        yield error.what
        return
    if evidence.domain not in domains:
        here = " or ".join(map(repr, domains)) or "any that is here"
        yield f"{path.name} is about the domain {evidence.domain!r}, and not about {here}."
        return
    for problem in (*_of_instructions(evidence, registry), *_of_search(evidence, registry)):
        yield f"{path.name}: {problem}"


def _owner(name: str, packs: set[str]) -> str:
    return max((one for one in packs if name.startswith(f"{one}.")), key=len, default="")


def _of_instructions(evidence: Evidence, registry: Registry) -> Iterator[str]:
    """Instructions of the domain that are not there any more, or not as they were measured."""
    measured = {one.instruction: one.digest for one in evidence.settings}
    for name, digest in measured.items():
        if name is None or not name.startswith(f"{evidence.domain}/"):
            continue  # what another domain brings need not be installed here
        try:
            now = registry.resolve(name.partition("@")[0]).instruction
        except UsageError:
            yield f"{name} was measured, and there is no such instruction any more."
            continue
        if now.digest != digest:
            yield f"{name} was measured with another content than {now.full_id} has now."


def _of_search(evidence: Evidence, registry: Registry) -> Iterator[str]:
    """Settings of searches that nothing was measured with."""
    if evidence.kind != "retrieval":
        return
    now = registry.retrieval(evidence.domain)
    own = [one for one in evidence.settings if _is_own(one, evidence)]
    if own and not any((one.weights, one.rules) == (now.weights, rules_of(now)) for one in own):
        yield f"nothing was measured with the searches of today ({now.described()})."


def _is_own(one: Setting, evidence: Evidence) -> bool:
    """Whether the domain's own settings of searches were what a setting began with."""
    return one.instruction is None or one.instruction.startswith(f"{evidence.domain}/")
