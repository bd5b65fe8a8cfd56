"""Evidence: what a sweep found, as a file to keep beside a pack."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from metier.datafiles.loader import SchemaVersion, load_data
from metier.errors import PackError, UsageError
from metier.evaluation.tasks import Task
from metier.registry.pack import EVIDENCE, SUFFIXES
from metier.registry.registry import Registry
from metier.registry.retrieval_settings import RetrievalSettings
from metier.results.files import write_files
from metier.retrieval.stages.table import describe_stages

Verdict = Literal["better", "worse", "not told apart"]


class Difference(BaseModel):
    """A difference of two scores, and the interval that holds 95 % of its resamples."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """What may be said of it: nothing where the interval holds 0."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "not told apart"

    def __str__(self) -> str:
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


class Setting(BaseModel):
    """How a pipeline was set, and how it did on the development half.

    Attributes:
        instruction: id with version; None where a taxonomy names several.
        digest: content hash of the instruction.
        dim: vector size.
        weights: of each stage of a search; None for what is no search.
        rules: hash of what else decides a search: its terms, language, emphasis, aspects,
            fields that queries name, and words that ask.
        rerank: whether a reranker ordered the nearest.
        score: the leading metric.
        against_default: how much better than the default setting.
        bytes_per_vector: 4 for each dimension.
        seconds: a search took, its query's vector at hand if there is a cache; None for tasks
            whose settings all take the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    instruction: str | None
    digest: str | None
    dim: int
    weights: dict[str, float] | None
    rules: str | None
    rerank: bool
    score: float
    against_default: Difference
    bytes_per_vector: int
    seconds: float | None

    def __str__(self) -> str:
        weights = [f"{name} {weight:g}" for name, weight in (self.weights or {}).items() if weight]
        named = [self.instruction] if self.instruction is not None else []
        return ", ".join([*named, f"dim {self.dim}", *weights, *["reranked"] * self.rerank])


class Confirmation(BaseModel):
    """How the recommended setting did on the half that had no part in the choice.

    Attributes:
        cases: queries or texts of that half.
        score: of the recommended setting.
        default_score: of the default setting.
        against_default: their difference.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    cases: int
    score: float
    default_score: float
    against_default: Difference


class Evidence(BaseModel):
    """What a sweep found: figures, ids and hashes, and no text.

    Attributes:
        schema_version: of this form.
        task: name of the folder.
        kind: what was measured.
        metric: the leading metric.
        domain: whose pipeline.
        workflow: id.
        model: of the vectors.
        fingerprint: of its weights.
        dtype: number format it ran in.
        reranker: id; None where there was none.
        metier: version.
        seed: of folds and resamples.
        resamples: of the bootstrap.
        within: what the recommendation may lose against the best setting to be smaller or faster.
        cases: queries or texts of the development half.
        settings: those that were tried; the first is the domain's default.
        recommended: index of the recommended one in `settings`.
        confirmation: how it did on the other half.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    schema_version: SchemaVersion = Field(default=1, alias="schema")
    task: str
    kind: Task
    metric: str
    domain: str
    workflow: str
    model: str
    fingerprint: str
    dtype: str
    reranker: str | None
    metier: str
    seed: int
    resamples: int
    within: float
    cases: int
    settings: tuple[Setting, ...] = Field(min_length=1)
    recommended: int = Field(ge=0)
    confirmation: Confirmation

    @model_validator(mode="after")
    def _require_a_recommendation(self) -> Self:
        if self.recommended >= len(self.settings):
            raise ValueError(f"recommended is {self.recommended} of {len(self.settings)} settings")
        return self

    @property
    def default(self) -> Setting:
        """The domain's default setting."""
        return self.settings[0]

    @property
    def best(self) -> Setting:
        """The recommended setting."""
        return self.settings[self.recommended]


def read_evidence(path: str | Path) -> Evidence:
    """Read the evidence that a sweep saved.

    Raises:
        PackError: it cannot be read, or is no evidence; the message says what is wrong where.
    """
    return load_data(Path(path), Evidence)


def write_evidence(evidence: Evidence, path: Path) -> Path:
    """Write evidence as YAML that `read_evidence` reads back, whole or not at all.

    Raises:
        UsageError: the name does not end in .evidence.yaml, or the file cannot be written.
    """
    import yaml

    require_evidence_file(path)
    content = evidence.model_dump(mode="json", by_alias=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return write_files(path.parent, {path.name: text})[0]


def require_evidence_file(path: Path) -> None:
    """Refuse a name that evidence cannot have, before the work is done rather than after.

    Raises:
        UsageError: it does not end in .evidence.yaml.
    """
    if not path.name.endswith(EVIDENCE):
        raise UsageError(
            f"{path.name!r} is no name for evidence.",
            why=f"It lies beside packs, and by the end of its name, {EVIDENCE}, it is told from "
            "them.",
            fix=f"Name it {path.name.partition('.')[0]}{EVIDENCE}.",
        )


_LATER_RULES = ("named_fields", "requests", "close_look")


def rules_of(settings: RetrievalSettings) -> str:
    """Content hash, 16 hex characters, of what decides a search besides weights and reranker."""
    known = {*settings.weights, "stages", "rerank", "evidence"}
    # what came later counts only where it is used, so that earlier evidence holds
    later = {name: RetrievalSettings.model_fields[name].default for name in _LATER_RULES}
    known |= {name for name, default in later.items() if getattr(settings, name) == default}
    canonical = json.dumps(settings.model_dump(mode="json", exclude=known), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


AGAIN = "Run the sweep again and save it over this file, or remove the file."
"""What to do about evidence of something that is not so any more."""


def evidence_beside(pack: Path) -> list[Path]:
    """Files with evidence of a pack: those in its folder whose names begin with its own.

    `commerce.evidence.yaml` and `commerce.offers.evidence.yaml` are of `commerce.yaml`, but the
    second is of `commerce.offers.yaml` where there is such a pack.
    """
    files = sorted(pack.parent.iterdir())
    evidence = [file for file in files if file.name.endswith(EVIDENCE)]
    packs = {file.stem for file in files if file.suffix in SUFFIXES and file not in evidence}
    return [file for file in evidence if _owner(file.name, packs | {pack.stem}) == pack.stem]


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
    return max((pack for pack in packs if name.startswith(f"{pack}.")), key=len, default="")


def _of_instructions(evidence: Evidence, registry: Registry) -> Iterator[str]:
    """Instructions of the domain that are not there any more, or not as they were measured."""
    measured = {setting.instruction: setting.digest for setting in evidence.settings}
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
    own = [setting for setting in evidence.settings if _is_own(setting, evidence)]
    current = (_counting(now.weights), rules_of(now))
    measured = [(_counting(setting.weights or {}), setting.rules) for setting in own]
    if own and current not in measured:
        yield f"nothing was measured with the searches of today ({describe_stages(now)})."


def _counting(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights above 0: a stage that is not there counts as one without weight."""
    return {name: weight for name, weight in weights.items() if weight}


def _is_own(setting: Setting, evidence: Evidence) -> bool:
    """Whether a setting was derived from the domain's own settings of searches."""
    return setting.instruction is None or setting.instruction.startswith(f"{evidence.domain}/")
