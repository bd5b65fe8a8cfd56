"""A model family: one way of running models, found through the plugin hooks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from metier.datafiles.remote import Remote
from metier.errors import ModelError, PluginError
from metier.models.embedder import Embedder
from metier.models.reranker import Reranker


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model as the user named it, and where it is.

    Attributes:
        spec: what the user wrote: `embedded`, a hub id, a folder, an address.
        folder: local folder with config, tokenizer and safetensors weights; None for a model that
            has no files on this machine.
        server: the profile of a model server; None for a model that has none.
        revision: hub commit, or the version that a family gives; None where only the weights tell.
    """

    spec: str
    folder: Path | None = None
    revision: str | None = None
    server: Remote | None = None

    def require_folder(self) -> Path:
        """The folder of the model.

        Raises:
            ModelError: it has none.
        """
        if self.folder is None:
            raise ModelError(
                f"The model '{self.spec}' has no folder on this machine.",
                fix="Name a folder or a model of the Hugging Face hub.",
            )
        return self.folder

    def require_server(self) -> Remote:
        """The profile of the server that runs the model.

        Raises:
            ModelError: it has none.
        """
        if self.server is None:
            raise ModelError(
                f"The model '{self.spec}' has no server.",
                fix="Name the address of a server, or a profile of metier.toml.",
            )
        return self.server


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to run a model.

    Attributes:
        device, dtype: as the user gave them (`auto`, `cpu`, `float32`).
        before_send: the guards: texts and where they go -> the texts that may leave the machine.
            A family that sends texts anywhere calls it with every text. None where there are none.
        guard_stamp: changes with the guards and their settings. Such a family puts it into the
            `stamp` of its profile, so that cached vectors are those of guarded texts.
    """

    device: str = "auto"
    dtype: str = "auto"
    before_send: Callable[[Sequence[str], str], Sequence[str]] | None = None
    guard_stamp: str = ""


_OLD_KEYWORD = "recognises"


def _accept_old_keyword(family: type[ModelFamily]) -> type[ModelFamily]:
    """Accept the keyword by which `recognizes` was called once, with a warning."""
    init = family.__init__

    @wraps(init)
    def accept(self: ModelFamily, *arguments: Any, **keywords: Any) -> None:
        if _OLD_KEYWORD in keywords:
            warnings.warn(
                f"ModelFamily({_OLD_KEYWORD}=...) is deprecated: use recognizes=...",
                DeprecationWarning,
                stacklevel=2,
            )
            keywords["recognizes"] = keywords.pop(_OLD_KEYWORD)
        init(self, *arguments, **keywords)

    setattr(family, "__init__", accept)  # noqa: B010 (a plain assignment to a method is refused)
    return family


@_accept_old_keyword
@dataclass(frozen=True, slots=True)
class ModelFamily:
    """A kind of model and how to load it.

    A family takes part in one of two ways, or in both: `locate` claims the names of models that
    only this family knows, and `recognizes` claims folders.

    Attributes:
        name: short and unique (`qwen3`).
        summary: one sentence for listings.
        recognizes: whether this family runs the checkpoint in a folder. It is called with sources
            that have a folder, and reads JSON files only. None where the family runs no folders.
        load_embedder: None where the family has no embedders.
        load_reranker: None where the family has no rerankers.
        locate: the source of a model named by `spec`, such as an address or the name of a profile;
            None where the name is not this family's. Every family is asked before metier looks for
            a folder or a hub model, and the first that returns a source loads the model. It is
            called whenever a model is loaded or checked, so it only reads the name and does not
            connect to anything. None where the family has no names of its own.

    `recognizes`, `locate` and the loaders are called only when a model is loaded or checked, and
    import what they need then.

    Raises:
        PluginError: the family has neither `recognizes` nor `locate`.
    """

    name: str
    summary: str
    recognizes: Callable[[ModelSource], bool] | None = None
    load_embedder: Callable[[ModelSource, LoadOptions], Embedder] | None = None
    load_reranker: Callable[[ModelSource, LoadOptions], Reranker] | None = None
    locate: Callable[[str], ModelSource | None] | None = None

    def __post_init__(self) -> None:
        if self.recognizes is None and self.locate is None:
            raise PluginError(
                f"The model family {self.name!r} has neither recognizes= nor locate=.",
                why="Without one of them it is never chosen for a model.",
            )
