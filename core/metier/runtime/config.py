"""The configuration of a Runtime, as one value."""

from __future__ import annotations

import pickle  # noqa: TID251 - nothing is unpickled here
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from metier.errors import ParameterError, UsageError
from metier.settings import (
    check_dtype,
    configured,
    device_parts,
    warn_of_unknown_variables,
)

if TYPE_CHECKING:
    from metier.caching.vector_cache import VectorCache
    from metier.datafiles.remote import Remote
    from metier.models.embedder import Embedder
    from metier.models.reranker import Reranker


@dataclass(frozen=True)
class RuntimeConfig:
    """What a Runtime is made of: `Runtime.from_config(config)`. It can be pickled.

    `Runtime.config` has the values of environment variables filled in, so a Runtime that is made
    from it elsewhere uses the same models.

    Attributes:
        model: `embedded`, a Hugging Face id (`org/name`, `org/name@revision`), a local folder, the
            address of a model server (`https://...`, `https://...#MODEL`), a profile of
            `metier.toml`, a `Remote`, or an `Embedder`. None takes METIER_MODEL, else
            Qwen/Qwen3-Embedding-0.6B.
        reranker: an id, a folder, an address, a profile, a `Remote` or a `Reranker`; False for
            none. None takes METIER_RERANKER, else there is none.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`. None takes METIER_DEVICE, else `auto`.
        dtype: `auto`, `float32`, `bfloat16`, `float16`, `int8`. None takes METIER_DTYPE, else
            `auto`.
        cache: True to keep vectors on disk between runs, False not to; a folder or a `VectorCache`
            to keep them there. None takes METIER_CACHE, else keeps nothing.
        plugins: `all`, or the names of plugins that may be active; applied before any code is
            loaded. For `all` METIER_PLUGINS decides, else `metier.toml`.
        block_plugins: names that may not be active, besides those that METIER_BLOCK_PLUGINS and
            `metier.toml` block.
        strict: True to fail where a plugin cannot be used. None takes METIER_STRICT, else
            `metier.toml`, else False.
        packs: paths of instruction packs, the strongest last; those of `metier.toml` and of the
            user's folder are there without being named, and weaker.

    Raises:
        UsageError: `packs` is one path.
    """

    model: str | Path | Remote | Embedder | None = None
    reranker: str | Path | Remote | Reranker | Literal[False] | None = None
    device: str | None = None
    dtype: str | None = None
    cache: VectorCache | str | Path | bool | None = None
    plugins: Literal["all"] | Collection[str] = "all"
    block_plugins: Collection[str] = ()
    strict: bool | None = None
    packs: Sequence[str | Path] = ()

    def __post_init__(self) -> None:
        if isinstance(self.packs, str | Path):
            raise UsageError(
                f"packs={str(self.packs)!r} is one path.", fix="Put it in a list: [path]."
            )
        for name in ("plugins", "block_plugins", "packs"):  # copies, so that it can be hashed
            value = getattr(self, name)
            object.__setattr__(self, name, value if isinstance(value, str) else tuple(value))

    def resolve(self) -> RuntimeConfig:
        """This configuration with the values of environment variables for what is None.

        Plugins, strictness and packs of the project are not filled in; the host reads them.

        Raises:
            ParameterError: there is no such device, METIER_CACHE is neither 0 nor 1, or a variable
                has a value that belongs in another one.
            UnknownNameError: there is no such number format.

        Warns:
            MetierWarning: a variable that begins with `METIER_` is no setting.
        """
        warn_of_unknown_variables()
        device = self.device or configured("device") or "auto"
        dtype = self.dtype or configured("dtype") or "auto"
        device_parts(device, source="device" if self.device else "METIER_DEVICE")
        check_dtype(dtype)
        reranker = self.reranker
        if reranker is None:  # False and not None, which would be another one elsewhere
            reranker = configured("reranker") or False
        return replace(
            self,
            model=configured("model") if self.model is None else self.model,
            reranker=reranker,
            device=device,
            dtype=dtype,
            cache=_configured_cache() if self.cache is None else self.cache,
        )

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # frozen; models and caches that were given as objects are shared

    def __getstate__(self) -> dict[str, Any]:
        state = dict(vars(self))
        for role in ("model", "reranker"):
            if not isinstance(state[role], str | Path | bool | None):
                _require_picklable(role, state[role])
        return state


def _configured_cache() -> bool:
    value = configured("cache")
    if value not in (None, "0", "1"):
        raise ParameterError(
            f"METIER_CACHE={value!r} is neither 0 nor 1.",
            why="A folder belongs in METIER_CACHE_DIR, and a size in METIER_CACHE_SIZE.",
            fix="Set METIER_CACHE=1 to keep vectors between runs, or METIER_CACHE=0 not to.",
            parameter="cache",
        )
    return value == "1"


class _Discard:
    """A file that keeps nothing."""

    def write(self, data: object) -> int:
        return 0


def _require_picklable(role: str, model: object) -> None:
    try:
        pickle.Pickler(_Discard(), protocol=pickle.HIGHEST_PROTOCOL).dump(model)
    except Exception as error:  # whatever the class of the model raises
        raise ParameterError(
            f"The {role} was given as an object that cannot be pickled.",
            why=f"{type(model).__name__}: {error}",
            fix="Give its name or its folder.",
        ) from error
