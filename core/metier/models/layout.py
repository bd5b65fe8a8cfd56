"""The sentence-transformers folder layout, read from its JSON files alone. No torch in here.

A folder in this layout says how token states become a vector: `modules.json` lists the modules,
each with its own `config.json`. Both forms of a pooling config are read: the booleans
`pooling_mode_mean_tokens` of all versions up to 5, and the name `pooling_mode` of version 6.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from metier.errors import CheckpointError

T = TypeVar("T")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        CheckpointError: the file cannot be read, is not JSON, or holds something else.
    """
    return _read(path, dict, "object")


def read_json_list(path: Path) -> list[Any]:
    """The list in a JSON file. Raises CheckpointError as `read_json` does."""
    return _read(path, list, "list")


def read_json_if_there(path: Path) -> dict[str, Any]:
    """As `read_json`; the empty object where the file is missing."""
    return read_json(path) if path.is_file() else {}


def _read(path: Path, kind: type[T], kind_name: str) -> T:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        nested = isinstance(error, RecursionError)
        raise CheckpointError(
            f"'{path}' cannot be read as json.",
            why="It is nested too deeply." if nested else str(error),
            fix="Download or copy the file again: it is usually cut off or was edited by hand.",
        ) from error
    if not isinstance(value, kind):
        raise CheckpointError(
            f"'{path}' should hold a json {kind_name} and holds a {type(value).__name__}.",
            fix="Download or copy the file again.",
        )
    return value


MODULES = "modules.json"
POOLINGS = {"mean": "mean", "cls": "cls", "lasttoken": "last"}
"""Names of pooling modes, from those of sentence-transformers to those of metier."""

_LEGACY_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_TRANSFORMER_CONFIGS = tuple(
    f"sentence_{name}_config.json"
    for name in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
_MATRYOSHKA_KEYS = ("matryoshka_dims", "matryoshka_dimensions")


@dataclass(frozen=True, slots=True)
class Module:
    """One entry of `modules.json`: the class's short name, its full name, its folder."""

    kind: str
    type: str
    folder: Path

    @property
    def standard(self) -> bool:
        """Whether it is part of sentence-transformers, and not code from the folder."""
        return self.type.startswith("sentence_transformers.")


@dataclass(frozen=True, slots=True)
class Layout:
    """How vectors are made, as the files of a folder say.

    Attributes:
        transformer: folder of the transformer's config, weights and tokenizer.
        pooling: `mean`, `cls` or `last`.
        include_prompt: whether the tokens of the prompt are pooled too.
        max_tokens: longest input, None where the folder does not say.
        lower_case: whether texts are lowercased before tokenization.
        prompts: named prompts, e.g. `query`; the text goes right before the input.
        default_prompt: the prompt used where a side has none of its own.
        matryoshka: trained prefix lengths, empty where none are named.
        is_matryoshka: whether the folder says that prefixes stand alone.
    """

    transformer: Path
    pooling: str
    include_prompt: bool = True
    max_tokens: int | None = None
    lower_case: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt: str = ""
    matryoshka: tuple[int, ...] = ()
    is_matryoshka: bool = False


def read_modules(folder: Path) -> list[Module]:
    """The entries of `modules.json` in order; empty where there is no such file.

    Raises:
        CheckpointError: the file is damaged or points outside the folder.
    """
    path = folder / MODULES
    if not path.is_file():
        return []
    modules = []
    for entry in read_json_list(path):
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise CheckpointError(f"'{path}' holds an entry without a type: {entry!r}.")
        full_name = entry["type"]
        inner = (folder / str(entry.get("path", ""))).resolve()
        if not inner.is_relative_to(folder.resolve()):
            raise CheckpointError(
                f"'{path}' names a folder outside the model: {entry['path']!r}.",
                why="A model is read from its own folder only.",
            )
        modules.append(Module(full_name.rpartition(".")[2], full_name, inner))
    return modules


def transformer_folder(folder: Path) -> Path:
    """The folder of config, weights and tokenizer: the model's own, or a sub-folder of it."""
    modules = read_modules(folder)
    return modules[0].folder if modules else folder.resolve()


def read_layout(folder: Path) -> Layout:
    """Read and check a folder in sentence-transformers layout.

    Raises:
        CheckpointError: the folder does not have the layout, is damaged, or has a module that
            metier does not run; the message names it.
    """
    transformer, pooling = _supported_modules(folder)
    pooling_config = read_json(pooling.folder / "config.json")
    root = read_json_if_there(folder / "config_sentence_transformers.json")
    transformer_config = _transformer_config(transformer.folder)
    matryoshka, is_matryoshka = read_matryoshka(folder)
    prompts = read_prompts(folder)
    default_name = root.get("default_prompt_name")
    return Layout(
        transformer=transformer.folder,
        pooling=_pooling(pooling_config, pooling.folder),
        include_prompt=bool(pooling_config.get("include_prompt", True)),
        max_tokens=transformer_config.get("max_seq_length"),
        lower_case=bool(transformer_config.get("do_lower_case", False)),
        prompts=prompts,
        default_prompt=prompts.get(default_name, "") if default_name else "",
        matryoshka=matryoshka,
        is_matryoshka=is_matryoshka,
    )


def read_prompts(folder: Path) -> dict[str, str]:
    """Prompts of a folder by name; empty where it has none."""
    prompts = read_json_if_there(folder / "config_sentence_transformers.json").get("prompts")
    if not isinstance(prompts, dict):
        return {}
    return {str(name): text for name, text in prompts.items() if isinstance(text, str)}


def read_max_tokens(folder: Path) -> int | None:
    """`max_seq_length` of a folder in sentence-transformers layout, None where it is missing."""
    value = _transformer_config(transformer_folder(folder)).get("max_seq_length")
    return value if isinstance(value, int) else None


def read_matryoshka(folder: Path) -> tuple[tuple[int, ...], bool]:
    """Trained prefix lengths, shortest first, and whether the folder says prefixes stand alone."""
    root = read_json_if_there(folder / "config_sentence_transformers.json")
    model = read_json_if_there(transformer_folder(folder) / "config.json")
    for config in (root, model):
        for key in _MATRYOSHKA_KEYS:
            dims = config.get(key)
            if isinstance(dims, list) and dims:
                return tuple(sorted(int(dim) for dim in dims)), True
    return (), any(config.get("is_matryoshka") is True for config in (root, model))


def read_pooling(folder: Path) -> str | None:
    """The pooling mode by its name in sentence-transformers, None without a pooling module."""
    for module in read_modules(folder):
        if module.kind == "Pooling":
            return _pooling_name(read_json(module.folder / "config.json"))
    return None


def _supported_modules(folder: Path) -> tuple[Module, Module]:
    modules = read_modules(folder)
    if not modules:
        raise CheckpointError(
            f"'{folder}' has no {MODULES}, so how it pools tokens into a vector is unknown.",
            why="The wrong pooling gives vectors that look right and are not.",
            fix="Use the sentence-transformers version of the model, or save it once with "
            "SentenceTransformer(modules=[...]).save(...).",
        )
    for module in modules:
        if not (module.standard and module.kind in ("Transformer", "Pooling", "Normalize")):
            raise CheckpointError(
                f"'{folder}' has the module {module.type!r}, which metier does not run.",
                why="Leaving it out would change every vector. "
                "Supported: Transformer, Pooling (mean, cls, last token), Normalize.",
                fix="Choose a model without it, or load it with sentence-transformers and pass "
                "its vectors on.",
            )
    kinds = [module.kind for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise CheckpointError(
            f"'{folder}' chains its modules as {' > '.join(kinds)}, which metier does not run.",
            why="Supported: Transformer > Pooling, with or without Normalize.",
        )
    return modules[0], modules[1]


def _pooling(config: Mapping[str, Any], folder: Path) -> str:
    name = _pooling_name(config)
    if name not in POOLINGS:
        raise CheckpointError(
            f"'{folder}' pools by {name!r}, which metier does not run.",
            why=f"Supported: {', '.join(POOLINGS)}.",
            fix="Choose another model.",
        )
    return POOLINGS[name]


def _pooling_name(config: Mapping[str, Any]) -> str:
    modes = config.get("pooling_mode")
    if modes is None:
        # Without any flag set, sentence-transformers takes the mean.
        modes = [name for key, name in _LEGACY_POOLING.items() if config.get(key)] or ["mean"]
    return modes if isinstance(modes, str) else "+".join(str(mode) for mode in modes)


def _transformer_config(folder: Path) -> dict[str, Any]:
    for name in _TRANSFORMER_CONFIGS:
        if (folder / name).is_file():
            return read_json(folder / name)
    return {}
