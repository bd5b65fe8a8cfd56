"""The Runtime of an adapter, and the same as plain data for what frameworks save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from metier.close_names import did_you_mean
from metier.datafiles.remote import Remote
from metier.errors import ParameterError
from metier.runtime.config import RuntimeConfig
from metier.runtime.runtime import Runtime

RuntimeSource = Runtime | RuntimeConfig | Mapping[str, Any] | str | Path | Remote | None
"""A Runtime, its configuration, also as plain data, or the model of a new one."""


def runtime_of(source: Any) -> Runtime:
    """The Runtime that an adapter uses.

    Args:
        source: as `RuntimeSource`; None for the default model.

    Raises:
        ParameterError: the source is of another kind, or a key of it is unknown.
        UsageError: as `Runtime`.
    """
    if isinstance(source, Runtime):
        return source
    if isinstance(source, Mapping):
        source = _config_of(source)
    if isinstance(source, RuntimeConfig):
        return Runtime.from_config(source)
    if source is None or isinstance(source, str | Path | Remote):
        return Runtime(source)
    raise ParameterError(
        f"rt is of type {type(source).__name__}.",
        fix="Give a Runtime, or the model of one: 'embedded', a Hugging Face id, a folder.",
        parameter="rt",
    )


def data_of(rt: Runtime) -> dict[str, Any]:
    """The configuration of a Runtime as data for JSON and YAML, of which `runtime_of` makes one.

    Raises:
        ParameterError: a model or a cache was given as an object.
    """
    data = {}
    for field in fields(RuntimeConfig):
        value = getattr(rt.config, field.name)
        if value != field.default:
            data[field.name] = _plain(field.name, value)
    return data


def _plain(name: str, value: object) -> Any:
    if isinstance(value, Remote):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(name, item) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    raise ParameterError(
        f"The {name} of the Runtime was given as an object, which cannot be written as data.",
        fix="Give its name or its folder.",
        parameter=name,
    )


def _config_of(data: Mapping[str, Any]) -> RuntimeConfig:
    known = [field.name for field in fields(RuntimeConfig)]
    for name in data:
        if name not in known:
            raise ParameterError(
                f"A Runtime has no parameter {name!r}.",
                why=did_you_mean(name, known, limit=3) or None,
                parameter="rt",
            )
    values: dict[str, Any] = {
        name: Remote(**value) if isinstance(value, Mapping) else value
        for name, value in data.items()
    }
    return RuntimeConfig(**values)
