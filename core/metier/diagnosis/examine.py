"""All checks of a Runtime's machine and models. Loads the models it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from metier.datafiles.project_file import FILE_NAME, find_project
from metier.diagnosis.checks import Check, Diagnosis, Group
from metier.diagnosis.recorded_values import data_home
from metier.errors import MetierError, MissingExtraError, ModelError, ModelNotFoundError
from metier.models.catalog import BYTES, CatalogMatch, named, recognize
from metier.models.embedder import Embedder
from metier.models.family import ModelSource
from metier.models.layout import transformer_folder
from metier.models.model_lookup import Role, find_model
from metier.models.reranker import Reranker

if TYPE_CHECKING:
    from metier.runtime.runtime import Runtime

Model = TypeVar("Model", Embedder, Reranker)

BOTH: tuple[Role, ...] = ("embedder", "reranker")


def examine(
    runtime: Runtime,
    *,
    required: Collection[Role] = BOTH,
    record: bool = False,
) -> Diagnosis:
    """Check the machine, and the models of a Runtime.

    Args:
        runtime: whose embedder and reranker are checked; they are loaded if they were not, and
            nothing is read from its cache of vectors or kept there.
        required: models that have to be there. Another one that cannot be had is a `skip`, and is
            not downloaded for a check.
        record: take the results of models without published ones as right from here on.

    Raises:
        ModelNotFoundError, MissingExtraError: a required model cannot be had.
        UsageError: a name, device or dtype that cannot be.
    """
    from metier.diagnosis.machine_checks import machine_checks
    from metier.models.device import cpu_capabilities
    from metier.models.machine import describe_machine

    asked = runtime.asked
    machine = describe_machine(asked.options)  # before the models take of its memory
    running: dict[Role, str] = {}
    checks: list[Check] = []
    embedder, found = _loaded(
        "embedder", lambda: _computing(runtime.embedder), asked.embedder, "embedder" in required
    )
    checks += found
    if embedder is not None:
        running |= _format(embedder, asked.embedder, "embedder")
        checks += _of_embedder(embedder, record)
    reranker, found = _loaded(
        "reranker", lambda: runtime.reranker, asked.reranker, "reranker" in required
    )
    checks += found
    if reranker is not None:
        running |= _format(reranker, asked.reranker, "reranker")
        checks += _of_reranker(reranker, record)
    project = Check("project file", "machine", "pass", _project_file())
    return Diagnosis((*machine_checks(machine, cpu_capabilities(), running), project, *checks))


def _project_file() -> str:
    path = find_project()
    return f"no {FILE_NAME}" if path is None else str(path.absolute())


def _computing(embedder: Embedder) -> Embedder:
    """The embedder itself: one that remembers would be checked on what it gave before."""
    from metier.caching.cached_embedder import CachedEmbedder

    return embedder.inner if isinstance(embedder, CachedEmbedder) else embedder


def _format(model: Embedder | Reranker, spec: str | None, role: Role) -> dict[Role, str]:
    """The number format of a Qwen3 model that the Runtime loaded; one it was given has its own."""
    return {role: model.dtype} if spec is not None and model.profile.family == "qwen3" else {}


def _loaded(
    role: Role, load: Callable[[], Model | None], spec: str | None, required: bool
) -> tuple[Model | None, list[Check]]:
    """A model and what there is to say of its loading; no check where none was asked for."""
    name = f"{role} loads"
    if not required and spec and _would_be_downloaded(spec):
        why = f"{spec} is not on this machine, and is not downloaded unasked"
        fix = f"To download and check it: metier doctor --{_OPTIONS[role]} {spec}"
        return None, [Check(name, "model", "skip", why, fix)]
    try:
        model = load()
    except (ModelNotFoundError, MissingExtraError) as error:
        if required:
            raise
        return None, [Check(name, "model", "skip", _in_a_line(error), error.fix)]
    except ModelError as error:
        return None, [Check(name, "model", "fail", _in_a_line(error), error.fix)]
    return model, [] if model is None else [Check(name, "model", "pass", _facts(model, role))]


_OPTIONS: dict[Role, str] = {"embedder": "model", "reranker": "reranker"}


def _would_be_downloaded(spec: str) -> bool:
    """Whether a name is of a hub model that the local cache lacks."""
    repo, _, revision = spec.partition("@")
    if repo.count("/") != 1 or repo.startswith((".", "/", "~")) or Path(spec).is_dir():
        return False
    from huggingface_hub import try_to_load_from_cache

    kept = try_to_load_from_cache(repo, "config.json", revision=revision or None)
    return not isinstance(kept, str)


def _facts(model: Embedder | Reranker, role: Role) -> str:
    from metier.models.memory import in_gb, size_of

    said = f"{model.profile.id} as {model.profile.family} in {model.dtype} on {model.device}"
    source = _source(model, role)
    if source is None:
        return said
    parameters = size_of(transformer_folder(source.folder)).parameters
    said += f"; {parameters / 1e6:,.1f} million numbers"
    if model.dtype not in BYTES or model.dtype == "int8":  # of these, not all weights have one size
        return said
    return f"{said}, {in_gb(parameters * BYTES[model.dtype])}"


def _source(model: Embedder | Reranker, role: Role) -> ModelSource | None:
    """The folder a model came from, None where its profile names none that is still there."""
    try:
        return find_model(model.profile.id, role=role)
    except MetierError:
        return None


def _called(model: Embedder | Reranker, source: ModelSource | None) -> str:
    """The name of a model, the same from every working directory."""
    if source is None or source.revision is not None:  # another program's, or the hub's
        return model.profile.id
    return str(source.folder.resolve())


def _recognized(
    model: Embedder | Reranker, source: ModelSource | None, role: Role
) -> CatalogMatch | None:
    if source is not None:
        return recognize(source, role)
    known = named(model.profile.id)
    return None if known is None or known.role != role else CatalogMatch(known, "id")


def _of_embedder(embedder: Embedder, record: bool) -> Iterator[Check]:
    from metier.diagnosis.number_checks import embedder_number_checks
    from metier.diagnosis.published_values import published_vector_checks
    from metier.diagnosis.recorded_values import recorded_vector_check
    from metier.diagnosis.tokenizer_checks import (
        embedder_template_checks,
        embedder_tokenizer_checks,
    )

    source = _source(embedder, "embedder")
    known = _recognized(embedder, source, "embedder")
    if embedder.profile.family == "qwen3" or known is not None:
        if source is not None:
            folder = transformer_folder(source.folder)
            yield from _kept("tokenizer", lambda: embedder_tokenizer_checks(embedder, folder))
        yield from _kept("template", lambda: embedder_template_checks(embedder, known))
    yield from _kept("numbers", lambda: embedder_number_checks(embedder))
    yield from _kept(
        "golden",
        lambda: _golden(
            [] if known is None else published_vector_checks(embedder, known),
            lambda: recorded_vector_check(
                embedder, data_home(), called=_called(embedder, source), record=record
            ),
        ),
    )


def _of_reranker(reranker: Reranker, record: bool) -> Iterator[Check]:
    from metier.diagnosis.number_checks import reranker_number_checks
    from metier.diagnosis.published_values import published_score_checks
    from metier.diagnosis.recorded_values import recorded_score_check
    from metier.diagnosis.tokenizer_checks import (
        reranker_template_checks,
        reranker_tokenizer_checks,
    )

    source = _source(reranker, "reranker")
    known = _recognized(reranker, source, "reranker")
    if reranker.profile.family == "qwen3" or known is not None:
        if source is not None:
            folder = transformer_folder(source.folder)
            yield from _kept("tokenizer", lambda: reranker_tokenizer_checks(folder))
        yield from _kept("template", lambda: reranker_template_checks(reranker, known))
    yield from _kept("numbers", lambda: reranker_number_checks(reranker, known))
    yield from _kept(
        "golden",
        lambda: _golden(
            [] if known is None else published_score_checks(reranker, known),
            lambda: recorded_score_check(
                reranker, data_home(), called=_called(reranker, source), record=record
            ),
        ),
    )


def _golden(published: list[Check], recorded: Callable[[], Check]) -> list[Check]:
    """Published results decide; a record where there are none, or for what may be a fine-tune."""
    if not published or any(check.status == "warn" for check in published):
        return [*published, recorded()]
    return published


def _kept(group: Group, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """The checks of one group; a model that fails at them is one of its own."""
    try:
        return list(look())
    except MetierError as error:
        return [Check(f"{group} checks", group, "fail", _in_a_line(error), error.fix)]


def _in_a_line(error: MetierError) -> str:
    return " ".join(part for part in (error.what, error.why) if part)
