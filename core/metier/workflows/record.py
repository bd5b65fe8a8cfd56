"""The run record: what was run on what with what. Ids, hashes and counts, never the texts."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from metier.engine.ledger import InstructionUse, ModelUse
from metier.texts.checks import is_missing
from metier.texts.texts import Texts
from metier.workflows.outcome import FieldUse

LIBRARIES = (
    "metier",
    "torch",
    "transformers",
    "tokenizers",
    "numpy",
    "scipy",
    "scikit-learn",
    "hdbscan",
)
_ROW = re.compile(r"^(row \d+) \(.*\)$", re.DOTALL)
"""The place of a row that has an id, which may be the name of a person."""


class InputUse(BaseModel):
    """An input by its content: enough to tell whether another run had the same.

    Attributes:
        texts: how many there are.
        skipped: places of those left out: rows by number, and files of a folder.
        digest: of ids, texts and all other fields, such as labels, in order.
    """

    model_config = ConfigDict(frozen=True)

    texts: int
    skipped: tuple[str, ...]
    digest: str

    @classmethod
    def of(cls, texts: Texts) -> InputUse:
        """Describe texts without holding any of them, nor any of their ids."""
        digest = hashlib.sha256()
        for item in texts:
            given = [one for one in sorted(item.fields.items()) if not is_missing(one[1])]
            digest.update(len(given).to_bytes(8, "big"))
            for part in (item.id, item.text, *(str(part) for pair in given for part in pair)):
                raw = part.encode("utf-8", "surrogatepass")
                digest.update(len(raw).to_bytes(8, "big") + raw)
        skipped = tuple(_ROW.sub(r"\1", place) for place in texts.skipped)
        return cls(texts=len(texts), skipped=skipped, digest=digest.hexdigest()[:16])


class RunRecord(BaseModel):
    """One finished workflow run.

    Attributes:
        workflow: full id.
        provider: distribution and version that brought it.
        not_for: uses the domain's safety statement rules out; shown with the result.
        parameters: what it was called with, defaults included, inputs apart; see `recorded`.
        seed: its parameter `seed`; None where it has none: then all it draws at random it draws
            under a seed of its own.
        inputs: each input by content digest.
        instructions: those used, with the vector size.
        models: those used.
        texts_embedded: how many texts were given to the embedder.
        texts_recalled: how many of those had a vector already, in the cache or in memory.
        cached: whether vectors were looked up in the cache that outlives the run.
        texts_reranked: how many query-document pairs went through the reranker.
        texts_truncated: how many of both were longer than the model reads.
        skipped: how many files the workflow itself came upon and could not read.
        seconds: wall time, model loading included.
        started: UTC, ISO 8601.
        versions: of the libraries that decide results.
        processor: what computed, as its maker calls it.
        threads: of torch on the CPU; 0 where the run did without torch.
        result: each field of the result, by hash and by how its numbers lie.
    """

    model_config = ConfigDict(frozen=True)

    workflow: str
    provider: str = ""
    not_for: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    seed: int | None = None
    inputs: dict[str, InputUse] = Field(default_factory=dict)
    instructions: tuple[InstructionUse, ...] = ()
    models: tuple[ModelUse, ...] = ()
    texts_embedded: int = 0
    texts_recalled: int = 0
    cached: bool = False
    texts_reranked: int = 0
    texts_truncated: int = 0
    skipped: int = 0
    seconds: float = 0.0
    started: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
    processor: str = ""
    threads: int = 0
    result: dict[str, FieldUse] = Field(default_factory=dict)


def recorded(value: Any, is_name: Callable[[str], bool] = lambda text: False) -> Any:
    """A parameter as it stands in a record: JSON values, and nothing a person may have written.

    Numbers, dates, paths and members of enums stay. A string stays where `is_name` says that it is
    a name the program has; any other is taken for a text and becomes `sha256:` and its hash.
    """
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Path | date | Decimal):
        return str(value)
    if isinstance(value, str):
        return str(value) if is_name(value) else _hash_of(value)
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name: recorded(getattr(value, name), is_name) for name in fields}
    if isinstance(value, Mapping):
        return {str(recorded(key, is_name)): recorded(one, is_name) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [recorded(one, is_name) for one in value]
    if isinstance(value, set | frozenset):
        return sorted((recorded(one, is_name) for one in value), key=str)
    return _hash_of(repr(value))


def choices_of(annotation: Any) -> frozenset[str]:
    """The strings that a type's `Literal`s offer, wherever in it they stand."""
    found: set[str] = set()
    seen: list[Any] = []
    waiting = [annotation]
    while waiting:
        one = waiting.pop()
        if any(one is other for other in seen):
            continue
        seen.append(one)
        if typing.get_origin(one) is typing.Literal:
            found.update(choice for choice in typing.get_args(one) if isinstance(choice, str))
        elif isinstance(one, type) and issubclass(one, BaseModel):
            waiting.extend(field.annotation for field in one.model_fields.values())
        else:
            waiting.extend(typing.get_args(one))
    return frozenset(found)


def _hash_of(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def utc_now() -> str:
    """Now, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def library_versions() -> dict[str, str]:
    """Versions of what decides results, read from metadata without importing anything."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def processor_name() -> str:
    """The processor as its maker calls it, as far as the system tells."""
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8", errors="replace").splitlines():
            label, _, name = line.partition(":")
            if label.strip() == "model name":
                return f"{platform.machine()} {name.strip()}"
    return f"{platform.machine()} {platform.processor()}".strip()


def torch_threads() -> int:
    """Threads torch computes with, without importing it; 0 where nothing has imported it."""
    torch = sys.modules.get("torch")
    return 0 if torch is None else int(torch.get_num_threads())
