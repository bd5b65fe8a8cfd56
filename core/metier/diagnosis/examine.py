"""All checks of the machine and of a Runtime's models, which are loaded for it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from metier.datafiles.project_file import FILE_NAME, find_project
from metier.diagnosis.checks import Check, Diagnosis, Group, Remedy
from metier.diagnosis.recorded_values import data_home
from metier.errors import (
    MetierError,
    MetierWarning,
    MissingExtraError,
    ModelError,
    ModelNotFoundError,
)
from metier.models.catalog import BYTES, CatalogMatch, recognize, released_model
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions, ModelFamily, ModelSource
from metier.models.layout import transformer_folder
from metier.models.loading import find_source
from metier.models.model_lookup import Role, is_downloaded, parse_hub_id
from metier.models.remote.remote_embedder import RemoteEmbedder
from metier.models.remote.remote_reranker import RemoteReranker
from metier.models.reranker import Reranker
from metier.runtime.runtime import Runtime

Model = TypeVar("Model", Embedder, Reranker)

BOTH: tuple[Role, ...] = ("embedder", "reranker")


@dataclass(frozen=True, slots=True)
class _Request:
    """A model to examine.

    Attributes:
        role: `embedder` or `reranker`.
        spec: its name; None where there is no model, or the Runtime was given a model object.
        required: whether it has to be available.
        families: model families, in the order they are asked.
        options: how it is loaded.
        record: whether its results are taken as right from now on.
    """

    role: Role
    spec: str | None
    required: bool
    families: Sequence[ModelFamily]
    options: LoadOptions
    record: bool


def examine(
    runtime: Runtime,
    *,
    required: Collection[Role] = BOTH,
    record: bool = False,
) -> Diagnosis:
    """Check the machine, and the models of a Runtime.

    Args:
        runtime: whose embedder and reranker are checked. They are loaded if they were not, and its
            cache of vectors is neither read nor written.
        required: models that have to be available. Any other model that is not available is a
            `skip`, and is not downloaded.
        record: take the results of models without published ones as right from now on.

    Raises:
        ModelNotFoundError, MissingExtraError: a required model is not available.
        UsageError: an unknown name, device or dtype.
    """
    from metier.caching.cached_embedder import uncached
    from metier.diagnosis.machine_checks import machine_checks
    from metier.models.device import cpu_capabilities
    from metier.models.machine import describe_machine

    models = runtime.engine.models
    families = runtime.plugins.model_families()
    options = models.options
    machine = describe_machine(options)  # before the models take of its memory
    embedder_checks, embedder_dtype = _examine_model(
        _Request(
            "embedder", models.embedder_name, "embedder" in required, families, options, record
        ),
        lambda: uncached(runtime.embedder),
        _embedder_checks,
    )
    reranker_checks, reranker_dtype = _examine_model(
        _Request(
            "reranker", models.reranker_name, "reranker" in required, families, options, record
        ),
        lambda: runtime.reranker,
        _reranker_checks,
    )
    return Diagnosis(
        (
            *machine_checks(machine, cpu_capabilities(), embedder_dtype | reranker_dtype),
            Check("project file", "machine", "pass", _project_file()),
            *embedder_checks,
            *reranker_checks,
        )
    )


def _project_file() -> str:
    path = find_project()
    return f"no {FILE_NAME}" if path is None else str(path.absolute())


def _examine_model(
    request: _Request,
    load: Callable[[], Model | None],
    look: Callable[[Model, ModelSource | None, _Request], Iterable[Check]],
) -> tuple[list[Check], dict[Role, str]]:
    """The checks of a model, and the number format of a Qwen3 model that the Runtime loaded.

    A model object that the Runtime was given has a format of its own, and is left out.
    """
    model, failures = _load(request, load)
    if model is None:
        return failures, {}
    source = _source(model, request)
    loads = Check(f"{request.role} loads", "model", "pass", _facts(model, source))
    loaded_qwen3 = request.spec is not None and model.profile.family == "qwen3"
    dtype = {request.role: model.dtype} if loaded_qwen3 else {}
    checks = [loads]
    checks.extend(look(model, source, request))
    return checks, dtype


def _load(request: _Request, load: Callable[[], Model | None]) -> tuple[Model | None, list[Check]]:
    """The model, or else what there is to say of its loading; nothing where there is no model."""
    name = f"{request.role} loads"
    if not request.required and request.spec and _needs_download(request.spec, request.families):
        why = f"{request.spec} is not on this machine, and is downloaded only where it is required"
        remedy: Remedy = "require embedder" if request.role == "embedder" else "require reranker"
        return None, [Check(name, "model", "skip", why, f"Require the {request.role}.", remedy)]
    try:
        with warnings.catch_warnings():
            # the checks of a server say the same, with the numbers of every answer
            warnings.filterwarnings("ignore", "The model server", MetierWarning)
            return load(), []
    except (ModelNotFoundError, MissingExtraError) as error:
        if request.required:
            raise
        return None, [Check(name, "model", "skip", _in_a_line(error), error.fix)]
    except ModelError as error:
        return None, [Check(name, "model", "fail", _in_a_line(error), error.fix)]


def _needs_download(spec: str, families: Sequence[ModelFamily]) -> bool:
    """Whether a name is of a hub model that the local cache lacks."""
    if any(family.locate is not None and family.locate(spec) for family in families):
        return False
    hub_id = parse_hub_id(spec)
    return hub_id is not None and not is_downloaded(hub_id)


def _source(model: Embedder | Reranker, request: _Request) -> ModelSource | None:
    """Where a model came from, None where its name leads to nothing (any more)."""
    try:
        spec = request.spec or model.profile.id
        return find_source(spec, request.role, request.families)[0]
    except MetierError:
        return None


def _facts(model: Embedder | Reranker, source: ModelSource | None) -> str:
    from metier.models.memory import in_gb, size_of

    if isinstance(model, RemoteEmbedder | RemoteReranker):
        return f"{model.profile.id}: {model.model.name} at {model.model.url}"
    facts = f"{model.profile.id} as {model.profile.family} in {model.dtype} on {model.device}"
    if source is None:
        return facts
    if source.folder is None:
        return f"{facts}; it has no folder, so its size is not known"
    parameters = size_of(transformer_folder(source.folder)).parameters
    facts += f"; {parameters / 1e6:,.1f} million parameters"
    if model.dtype not in BYTES or model.dtype == "int8":  # not all weights have one size in int8
        return facts
    return f"{facts}, {in_gb(parameters * BYTES[model.dtype])}"


def _name_of(model: Embedder | Reranker, source: ModelSource | None) -> str:
    """The name of a model, the same from every working directory."""
    if source is None or source.folder is None or source.revision is not None:
        return model.profile.id
    return str(source.folder.resolve())


def _recognized(
    model: Embedder | Reranker, source: ModelSource | None, role: Role
) -> CatalogMatch | None:
    """The released model that this is, by its folder or, without one, by its id."""
    if source is not None and source.folder is not None:
        return recognize(source, role)
    known = released_model(model.profile.id)
    return None if known is None or known.role != role else CatalogMatch(known, "id")


def _embedder_checks(
    embedder: Embedder, source: ModelSource | None, request: _Request
) -> Iterator[Check]:
    from metier.diagnosis.number_checks import embedder_number_checks
    from metier.diagnosis.published_values import published_vector_checks
    from metier.diagnosis.recorded_values import recorded_vector_check
    from metier.diagnosis.server_checks import server_vector_checks
    from metier.diagnosis.tokenizer_checks import (
        embedder_template_checks,
        embedder_tokenizer_checks,
    )

    released = _recognized(embedder, source, "embedder")
    yield from _file_checks(source, "embedder")
    if isinstance(embedder, RemoteEmbedder):
        server = embedder
        yield from _checked(
            "server", lambda: server_vector_checks(server, request.options, request.families)
        )
    if embedder.profile.family == "qwen3" or released is not None:
        if source is not None and source.folder is not None:
            folder = transformer_folder(source.folder)
            yield from _checked("tokenizer", lambda: embedder_tokenizer_checks(embedder, folder))
        yield from _checked("template", lambda: embedder_template_checks(embedder, released))
    yield from _checked("numbers", lambda: embedder_number_checks(embedder))
    yield from _checked(
        "golden",
        lambda: _golden(
            [] if released is None else published_vector_checks(embedder, released),
            lambda: recorded_vector_check(
                embedder, data_home(), name=_name_of(embedder, source), record=request.record
            ),
        ),
    )


def _reranker_checks(
    reranker: Reranker, source: ModelSource | None, request: _Request
) -> Iterator[Check]:
    from metier.diagnosis.number_checks import reranker_number_checks
    from metier.diagnosis.published_values import published_score_checks
    from metier.diagnosis.recorded_values import recorded_score_check
    from metier.diagnosis.server_checks import server_score_checks
    from metier.diagnosis.tokenizer_checks import (
        reranker_template_checks,
        reranker_tokenizer_checks,
    )

    released = _recognized(reranker, source, "reranker")
    yield from _file_checks(source, "reranker")
    if isinstance(reranker, RemoteReranker):
        server = reranker
        yield from _checked(
            "server", lambda: server_score_checks(server, request.options, request.families)
        )
    if reranker.profile.family == "qwen3" or released is not None:
        if source is not None and source.folder is not None:
            folder = transformer_folder(source.folder)
            yield from _checked("tokenizer", lambda: reranker_tokenizer_checks(folder))
        yield from _checked("template", lambda: reranker_template_checks(reranker, released))
    yield from _checked("numbers", lambda: reranker_number_checks(reranker, released))
    yield from _checked(
        "golden",
        lambda: _golden(
            [] if released is None else published_score_checks(reranker, released),
            lambda: recorded_score_check(
                reranker, data_home(), name=_name_of(reranker, source), record=request.record
            ),
        ),
    )


def _file_checks(source: ModelSource | None, role: Role) -> list[Check]:
    """What is left out for a model that has no files here; nothing for one that has."""
    if source is None or source.folder is not None:
        return []
    why = (
        f"{source.spec} has no folder on this machine, so there are no weights, no tokenizer files "
        "and no need of memory to check"
    )
    return [Check(f"{role} files", "model", "skip", why)]


def _golden(published: list[Check], recorded: Callable[[], Check]) -> list[Check]:
    """Published results; without them, or for a possible fine-tune, also a recorded result."""
    if not published or any(check.status == "warn" for check in published):
        return [*published, recorded()]
    return published


def _checked(group: Group, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """The checks of one group; an error of the model is a failed check of its own."""
    try:
        return list(look())
    except MetierError as error:
        return [Check(f"{group} checks", group, "fail", _in_a_line(error), error.fix)]


def _in_a_line(error: MetierError) -> str:
    return " ".join(part for part in (error.what, error.why) if part)
