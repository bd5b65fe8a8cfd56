"""Settings from environment variables, and the names of devices and number formats."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from metier.close_names import close_names, suggest
from metier.errors import ParameterError, UnknownNameError, warn_caller

DEFAULT_MODEL = "Qwen/Qwen3-Embedding-0.6B"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that applies where the call names none.

    Attributes:
        name: as the Runtime's parameter; of storage, what is kept there.
        variable: environment variable that sets it.
        default: where the variable is unset or empty; None for none, or where `meaning` says it.
        meaning: what it takes and does, for the reference.
    """

    name: str
    variable: str
    default: str | None
    meaning: str


SETTINGS = (
    Setting(
        "model",
        "METIER_MODEL",
        DEFAULT_MODEL,
        "Embedding model: `embedded`, a hub id, a folder, or the profile or address of a "
        "model server.",
    ),
    Setting(
        "reranker",
        "METIER_RERANKER",
        None,
        "Reranker: a hub id, a folder, or the profile or address of a model server.",
    ),
    Setting("device", "METIER_DEVICE", "auto", "`auto`, `cpu`, `cuda`, `cuda:1` or `mps`."),
    Setting("dtype", "METIER_DTYPE", "auto", "`auto`, `float32`, `bfloat16`, `float16` or `int8`."),
    Setting(
        "cache",
        "METIER_CACHE",
        None,
        "`1` to keep vectors between runs, `0` not to. Unset, the command line "
        "keeps them and Python does not.",
    ),
    Setting(
        "plugins",
        "METIER_PLUGINS",
        None,
        "Plugins that may be active: names with commas, `all` or `none`. Unset, `metier.toml` "
        "says, else all of them.",
    ),
    Setting(
        "block_plugins",
        "METIER_BLOCK_PLUGINS",
        None,
        "Plugins that may not be active, names with commas; besides those that `metier.toml` "
        "blocks.",
    ),
    Setting(
        "strict",
        "METIER_STRICT",
        None,
        "`1` to fail where a plugin cannot be used, `0` not to. Unset, `metier.toml` says, else "
        "not to.",
    ),
)
"""Defaults of the Runtime's parameters."""

STORAGE_SETTINGS = (
    Setting(
        "cache_dir",
        "METIER_CACHE_DIR",
        None,
        "Folder of the vector cache. Unset, `metier/vectors` in the user's cache folder.",
    ),
    Setting(
        "cache_size",
        "METIER_CACHE_SIZE",
        "2GB",
        "Size of the vector cache above which the vectors not used for longest are dropped, such "
        "as `500MB`.",
    ),
    Setting(
        "home",
        "METIER_HOME",
        None,
        "Folder for the first results of each model, which later checks compare with. Unset, "
        "`metier` in the user's data folder.",
    ),
)
"""Where metier keeps files between runs, and how many; of the process, not of a Runtime."""

HUB_SETTINGS = (
    Setting(
        "hub",
        "METIER_HUB",
        "huggingface",
        "`huggingface` or `modelscope`: the hub of models that are named without one, such as "
        "`Qwen/Qwen3-Embedding-0.6B`.",
    ),
)
"""Where models come from, for every Runtime in the process."""

GUARD_SETTINGS = (
    Setting(
        "guard",
        "METIER_GUARD",
        "mask",
        "`mask` or `strict`: whether a guard masks identifiers in texts that are about to leave "
        "the machine, or refuses the texts.",
    ),
)
"""What guards do, of every Runtime in the process."""

DISPLAY_SETTINGS = (
    Setting(
        "links",
        "METIER_LINKS",
        "file",
        "What opens a position in a file that a terminal or a page links to: an editor such as "
        "`vscode`, `cursor`, `zed`, `idea`, `pycharm` or `sublime`, `file` for what the terminal "
        "opens, `none` for no links, or an address with `{path}`, `{line}` and `{column}` in it.",
    ),
)
"""How results are shown."""

_ALL_SETTINGS = (
    *SETTINGS,
    *STORAGE_SETTINGS,
    *HUB_SETTINGS,
    *GUARD_SETTINGS,
    *DISPLAY_SETTINGS,
)


def configured(name: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The value of a setting: from its environment variable, else its default.

    Raises:
        ParameterError: the variable has a value that belongs in another one.
    """
    setting = next(setting for setting in _ALL_SETTINGS if setting.name == name)
    value = (os.environ if environment is None else environment).get(setting.variable)
    if value:
        _require_own_value(setting, value)
    return value or setting.default


def warn_of_unknown_variables(environment: Mapping[str, str] | None = None) -> None:
    """Warn of each variable that begins with `METIER_` and is none of the settings.

    Warns:
        MetierWarning: there are some; close names are suggested.
    """
    known = {setting.name.upper() for setting in _ALL_SETTINGS}
    for variable in sorted(os.environ if environment is None else environment):
        name = variable.removeprefix(_PREFIX)
        if name != variable and name not in known:
            close = [f"{_PREFIX}{other}" for other in close_names(name, known, cutoff=0.6)]
            hint = suggest(close) or f"The settings: {', '.join(sorted(known))}, after {_PREFIX}."
            warn_caller(f"There is no setting {variable}, so it says nothing. {hint}")


_PREFIX = "METIER_"
_SIZE = re.compile(r"\d+(\.\d+)?\s*[kmgt]i?b?", re.IGNORECASE)
_SWITCHES = ("cache", "strict")


def _require_own_value(setting: Setting, value: str) -> None:
    """Raise ParameterError where a value is of a kind that belongs in another variable."""
    kind, name = _kind_of(value, setting.name)
    if name in (None, setting.name):
        return
    other = f"{_PREFIX}{name.upper()}" if name else ""
    raise ParameterError(
        f"{setting.variable}={value!r} is {kind}, and that belongs in {other}.",
        why=f"{setting.variable}: {setting.meaning.replace('`', '')}",
        fix=f"Set {other}={value}, and unset {setting.variable} or give it a value of its own.",
        parameter=setting.name,
    )


def _kind_of(value: str, setting: str) -> tuple[str, str | None]:
    """What a value looks like, and the setting that takes it; none if it may be right.

    Args:
        value: not empty.
        setting: the one whose value it is.
    """
    is_path = value[0] in "/~" or value.startswith(("./", "../", ".\\")) or value[1:3] == ":\\"
    if value in ("0", "1"):
        return "a switch", None if setting in _SWITCHES else _switch_near(setting)
    if value in DTYPES[1:]:
        return "a number format", "dtype"
    if re.fullmatch(r"cpu|mps|cuda(:\d+)?", value):
        return "a device", "device"
    if _SIZE.fullmatch(value):
        return "a size", "cache_size"
    if is_path and setting in ("cache", "cache_size"):
        return "a folder", "cache_dir"
    if is_path and setting in ("device", "dtype"):
        return "a folder", "model"
    if value in ("all", "none") and setting == "strict":
        return "a choice of plugins", "plugins"
    return "", None


def _switch_near(name: str) -> str | None:
    """The switch that is meant where another setting has its value."""
    if name.startswith("cache"):
        return "cache"
    return "strict" if name in ("plugins", "block_plugins") else None


INT8 = "int8"
DTYPES = ("auto", "float32", "bfloat16", "float16", INT8)

_KINDS = ("auto", "cpu", "cuda", "mps")
_OTHER_NAMES = {"gpu": ("cuda", "mps"), "nvidia": ("cuda",), "rocm": ("cuda",), "metal": ("mps",)}
"""Other names of devices, which are not spelled alike."""


def device_parts(name: str, *, source: str = "device") -> tuple[str, int | None]:
    """Kind and index of a device: `cuda:1` is `cuda` and 1; `auto` is a kind, too.

    Args:
        name: of the device.
        source: parameter or variable that holds the name.

    Raises:
        ParameterError: it is not the name of a device.
    """
    kind, colon, index = name.partition(":")
    if kind in _KINDS and (not colon or (index.isdecimal() and kind != "auto")):
        return kind, int(index) if index else None
    raise ParameterError(
        f"{source}={name!r} is not a device.",
        why=suggest(_OTHER_NAMES.get(kind.lower()) or close_names(name.lower(), _KINDS)),
        fix="Use 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'.",
        parameter="device",
    )


def check_dtype(name: str) -> None:
    """Raise UnknownNameError where there is no number format of that name."""
    if name not in DTYPES:
        raise UnknownNameError("number format", name, DTYPES)


def reproducible_dtype(environment: Mapping[str, str] | None = None) -> str:
    """The number format of runs whose results should be the same on every machine.

    METIER_DTYPE if it is set, else float32: what `auto` picks depends on the processor.
    """
    variables = os.environ if environment is None else environment
    return variables.get("METIER_DTYPE") or "float32"
