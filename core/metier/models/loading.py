"""From the name of a model to the model: find it, and load it with the family that runs it.

Families that know names of their own are asked first (`ModelFamily.locate`), then the built-in
lookup (`metier.models.model_lookup`), whose folders go to the first family that recognizes them. No
torch in here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from metier.datafiles.remote import Remote
from metier.errors import CheckpointError, UsageError
from metier.models.builtin_families import REMOTE
from metier.models.checkpoint import read_config
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions, ModelFamily, ModelSource
from metier.models.hubs.hub_models import is_on_hub_site
from metier.models.layout import MODULES, transformer_folder
from metier.models.model_lookup import Role, find_model
from metier.models.reranker import Reranker

Model = TypeVar("Model", Embedder, Reranker)
Loader = Callable[[ModelSource, LoadOptions], Model]

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://")
"""How an address begins. A scheme has two letters or more: `C://models` is a folder."""


def load_embedder(
    spec: str | Remote, options: LoadOptions, families: Sequence[ModelFamily]
) -> Embedder:
    """Load the embedder a user named, with the first family that runs it.

    Raises:
        As `find_source`.
        CheckpointError: the folder is damaged, or no family runs it.
        UsageError: the family that the name belongs to has no embedders.
        ParameterError: the device or dtype asked for is not there.
    """
    loaders = [(family, family.load_embedder) for family in families]
    return _load(spec, "embedder", options, loaders)


def load_reranker(
    spec: str | Remote, options: LoadOptions, families: Sequence[ModelFamily]
) -> Reranker:
    """Load the reranker a user named, with the first family that runs it.

    Raises:
        As `load_embedder`; UsageError also for the embedded model, which cannot rerank.
    """
    loaders = [(family, family.load_reranker) for family in families]
    return _load(spec, "reranker", options, loaders)


def find_source(
    spec: str | Remote, role: Role, families: Sequence[ModelFamily]
) -> tuple[ModelSource, ModelFamily | None]:
    """Find a model by its name, and the family that the name belongs to.

    Args:
        spec: what the user wrote, or the profile of a server.
        role: what the model is wanted for.
        families: in the order they are asked.

    Returns:
        The source, and the family that located it; None where the built-in lookup found the model,
        which any family may run that recognizes its folder.

    Raises:
        UsageError: `spec` is an address that no family locates.
        UsageError, ModelNotFoundError, CheckpointError, MissingExtraError: as `find_model`.
    """
    if isinstance(spec, Remote):
        # the built-in family, which is asked after those of plugins
        owner = next(family for family in reversed(families) if family.name == REMOTE)
        label = spec.rerank_label if role == "reranker" else spec.label
        return ModelSource(label, server=spec), owner
    for family in families:
        source = None if family.locate is None else family.locate(spec)
        if source is not None:
            return source, family
    address = _ADDRESS.match(spec)
    if address is not None and not is_on_hub_site(spec):
        raise _unknown_address(spec, address["scheme"], families)
    return find_model(spec, role=role), None


def _load(
    spec: str | Remote,
    role: Role,
    options: LoadOptions,
    loaders: Sequence[tuple[ModelFamily, Loader[Model] | None]],
) -> Model:
    source, owner = find_source(spec, role, [family for family, _ in loaders])
    for family, load in loaders:
        if owner is None:
            runs = load is not None and family.recognizes is not None and family.recognizes(source)
        else:
            runs = family is owner
        if runs and load is not None:
            return load(source, options)
    if owner is not None:
        raise UsageError(
            f"The model family {owner.name!r} runs '{source.spec}' and has no {role}s.",
            fix=f"Name another model as {role}.",
        )
    raise _not_recognized(source, role, [family for family, load in loaders if load is not None])


def _unknown_address(spec: str, scheme: str, families: Sequence[ModelFamily]) -> UsageError:
    locating = [family.name for family in families if family.locate is not None]
    return UsageError(
        f"No model family runs the address '{spec}'.",
        why=f"Families: {', '.join(family.name for family in families)}. With addresses or names "
        f"of their own: {', '.join(locating) or 'none'}.",
        fix=f"Install the plugin that brings a family for {scheme}://, or name a folder or a model "
        "of a hub.",
    )


def _not_recognized(
    source: ModelSource, role: Role, families: Sequence[ModelFamily]
) -> CheckpointError:
    folder = source.require_folder()
    model_type = read_config(transformer_folder(folder))["model_type"]
    known = "; ".join(f"{family.name} ({family.summary})" for family in families) or "none"
    why = f"Families with an {role}: {known}." if role == "embedder" else f"Families: {known}."
    if role == "embedder" and not (folder / MODULES).is_file():
        why += (
            f" The folder has no {MODULES}, so how it pools tokens into a vector is unknown, and "
            "the wrong pooling gives vectors that look right and are not."
        )
    return CheckpointError(
        f"No model family runs '{source.spec}' as {role}: it is of type {model_type!r}.",
        why=why,
        fix="Use the sentence-transformers version of the model, or install a plugin that brings "
        "its family.",
    )
