"""The run record: workflow, inputs, models and results of a run as ids, hashes and counts.

It holds no text.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import platform
import re
import sys
import typing
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_jsonable_python

from metier.engine.ledger import InstructionUse, ModelUse
from metier.results.plain_values import python_value
from metier.texts.checks import is_missing
from metier.texts.rows import ID_FIELDS
from metier.texts.texts import Texts

LIBRARIES = (
    "metier",
    "torch",
    "transformers",
    "tokenizers",
    "numpy",
    "scipy",
    "scikit-learn",
    "hdbscan",
    "scikit-network",
)
_ROW = re.compile(r"^((?:.*?, )??row \d+) \(.*\)$", re.DOTALL)
"""The location of a row that has an id, which may be the name of a person."""


class InputUse(BaseModel):
    """An input by its content, so that two runs can be compared.

    Attributes:
        texts: number of texts.
        skipped: locations of those left out: rows by number, and files of a folder.
        digest: of ids, texts and all other fields, such as labels, in order.
        text_field: name of the field that held the texts; None where it is found by its name.
        id_field: name of the field that held the ids; None where it is found by its name.
    """

    model_config = ConfigDict(frozen=True)

    texts: int
    skipped: tuple[str, ...]
    digest: str
    text_field: str | None = None
    id_field: str | None = None

    @classmethod
    def of(cls, texts: Texts) -> InputUse:
        """Describe texts without holding any of them, nor any of their ids."""
        digest = hashlib.sha256()
        for item in texts:
            pairs = [pair for pair in sorted(item.fields.items()) if not is_missing(pair[1])]
            digest.update(len(pairs).to_bytes(8, "big"))
            for part in (item.id, item.text, *(str(part) for pair in pairs for part in pair)):
                raw = part.encode("utf-8", "surrogatepass")
                digest.update(len(raw).to_bytes(8, "big") + raw)
        skipped = tuple(_ROW.sub(r"\1", location) for location in texts.skipped)
        return cls(
            texts=len(texts),
            skipped=skipped,
            digest=digest.hexdigest()[:16],
            text_field=_unusual(texts.keys.text, texts.text_fields),
            id_field=_unusual(texts.keys.id, ID_FIELDS),
        )

    def without_names_of_files(self) -> InputUse:
        """With the locations of rows and lines only; a file that was left out is a number."""
        skipped = (
            location if re.fullmatch(r"(?:row|line) \d+", location) else f"left out {number}"
            for number, location in enumerate(self.skipped, start=1)
        )
        return self.model_copy(update={"skipped": tuple(skipped)})


def _unusual(field_name: str | None, known: Collection[str]) -> str | None:
    """The name of a field, if it is not found by its name."""
    return None if field_name is None or field_name.lower() in known else field_name


class Numbers(BaseModel):
    """The decimal numbers of a field, as far as two runs are compared by them.

    Attributes:
        form: hash of everything else in the field, NaN and infinity included, and of the positions
            of the numbers.
        count: at least 1.
        mean: of all.
        low: the smallest.
        high: the largest.
    """

    model_config = ConfigDict(frozen=True)

    form: str
    count: int
    mean: float
    low: float
    high: float


class FieldUse(BaseModel):
    """One field of a result, over all its occurrences.

    Attributes:
        digest: hash of everything in it, in order, to the last bit.
        numbers: None if there are no decimal numbers.
    """

    model_config = ConfigDict(frozen=True)

    digest: str
    numbers: Numbers | None = None


class RunRecord(BaseModel):
    """One finished workflow run.

    Attributes:
        workflow: full id.
        provider: distribution and version that brought it.
        intended_use: what the domain's safety statement says results are for.
        not_for: uses that the domain's safety statement rules out; shown with the result.
        parameters: arguments, defaults included, inputs left out; see `recorded`.
        seed: its parameter `seed`; None if it has none, and then its random numbers have a fixed
            seed.
        inputs: each input by content digest.
        instructions: those used, with the vector size.
        models: those used.
        texts_embedded: number of texts given to the embedder.
        texts_recalled: number of those whose vectors came from the cache or from memory.
        cached: whether the vector cache was used.
        texts_reranked: number of query-document pairs given to the reranker.
        texts_truncated: number of texts and pairs that were longer than the model reads and were
            cut.
        texts_divided: number of texts, or sentences of them, that were longer than the model reads
            and were read in parts.
        text_parts: number of these parts; `texts_embedded` counts each of them.
        skipped: number of files that the workflow itself found and could not read.
        seconds: wall time, model loading included.
        started: UTC, ISO 8601.
        versions: of the libraries that decide results.
        processor: name of the CPU.
        threads: of torch on the CPU; 0 if the run did not use torch.
        result: each field of the result, by hash and by the distribution of its numbers.
    """

    model_config = ConfigDict(frozen=True)

    workflow: str
    provider: str = ""
    intended_use: str = ""
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
    texts_divided: int = 0
    text_parts: int = 0
    skipped: int = 0
    seconds: float = 0.0
    started: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
    processor: str = ""
    threads: int = 0
    result: dict[str, FieldUse] = Field(default_factory=dict)

    def without_names_of_files(self) -> RunRecord:
        """With inputs that name no file; see `InputUse.without_names_of_files`."""
        inputs = {name: used.without_names_of_files() for name, used in self.inputs.items()}
        return self.model_copy(update={"inputs": inputs})


def recorded(value: Any, is_name: Callable[[str], bool] = lambda text: False) -> Any:
    """A parameter as a record holds it: JSON values, and nothing that a person may have written.

    Numbers, dates, paths and members of enums stay. A string stays if `is_name` says that it is a
    name of the program; any other string is replaced by `sha256:` and its hash.
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
        return {
            str(recorded(key, is_name)): recorded(content, is_name)
            for key, content in value.items()
        }
    if isinstance(value, list | tuple):
        return [recorded(element, is_name) for element in value]
    if isinstance(value, set | frozenset):
        return sorted((recorded(element, is_name) for element in value), key=str)
    return _hash_of(repr(value))


def outcome_of(result: BaseModel) -> dict[str, FieldUse]:
    """Describe a result by its fields, such as `hits[].score`, without its texts.

    Keys of mappings may be texts, so they are hashed, and `facts{}` is the path of all values of a
    mapping. The run record in a result is left out, and so are the
    names of its sources and of their columns, and what JSON does not have.
    """
    fields: dict[str, _FieldState] = defaultdict(_FieldState)
    for name, declared in type(result).model_fields.items():
        if not declared.exclude and name not in ("record", "sources", "input_names", "remarks"):
            for path, value in _leaves(name, getattr(result, name)):
                fields[path].add(value)
    return {path: state.used() for path, state in fields.items()}


def choices_of(annotation: Any) -> frozenset[str]:
    """The strings of all `Literal`s in a type."""
    choices: set[str] = set()
    seen: list[Any] = []
    waiting = [annotation]
    while waiting:
        part = waiting.pop()
        if any(part is other for other in seen):
            continue
        seen.append(part)
        if typing.get_origin(part) is typing.Literal:
            choices.update(choice for choice in typing.get_args(part) if isinstance(choice, str))
        elif isinstance(part, type) and issubclass(part, BaseModel):
            waiting.extend(field.annotation for field in part.model_fields.values())
        else:
            waiting.extend(typing.get_args(part))
    return frozenset(choices)


def _hash_of(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def utc_now() -> str:
    """Now, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def library_versions() -> dict[str, str]:
    """Versions of the libraries that decide results, read from metadata without importing them."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def processor_name() -> str:
    """Name of the processor, as far as the system gives it."""
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8", errors="replace").splitlines():
            label, _, name = line.partition(":")
            if label.strip() == "model name":
                return f"{platform.machine()} {name.strip()}"
    return f"{platform.machine()} {platform.processor()}".strip()


def torch_threads() -> int:
    """Number of threads of torch; 0 if torch is not imported. It is not imported here."""
    torch = sys.modules.get("torch")
    return 0 if torch is None else int(torch.get_num_threads())


@dataclass(slots=True)
class _FieldState:
    digest: Any = field(default_factory=hashlib.sha256)
    form: Any = field(default_factory=hashlib.sha256)
    count: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, value: str | float) -> None:
        exact = float.__repr__(value) if isinstance(value, float) else value
        loose = exact
        if isinstance(value, float) and math.isfinite(value):
            loose = "number"
            self.count += 1
            self.total += value
            self.low, self.high = min(self.low, value), max(self.high, value)
        for digest, text in ((self.digest, exact), (self.form, loose)):
            raw = text.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "big") + raw)

    def used(self) -> FieldUse:
        digest = self.digest.hexdigest()[:16]
        if self.count == 0:
            return FieldUse(digest=digest)
        numbers = Numbers(
            form=self.form.hexdigest()[:16],
            count=self.count,
            mean=self.total / self.count,
            low=self.low,
            high=self.high,
        )
        return FieldUse(digest=digest, numbers=numbers)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str | float]]:
    """Every value with its path: decimal numbers as they are, anything else as a string."""
    if isinstance(value, Enum):
        yield path, value.name
    elif isinstance(value, float):
        yield path, value
    elif isinstance(value, str):
        yield path, f"text {value}"
    elif value is None or isinstance(value, int | date | Decimal | Path):
        yield path, f"{type(value).__name__} {value}"
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves(f"{path}.{name}", getattr(value, name))
    elif dataclasses.is_dataclass(value):
        for attribute in dataclasses.fields(value):
            yield from _leaves(f"{path}.{attribute.name}", getattr(value, attribute.name))
    elif isinstance(value, Mapping):
        yield path, f"{len(value)} keys"
        for key, content in value.items():
            yield path, f"key {key}"
            yield from _leaves(f"{path}{{}}", content)
    elif isinstance(value, list | tuple):
        yield path, f"{len(value)} items"
        for element in value:
            yield from _leaves(f"{path}[]", element)
    elif isinstance(value, set | frozenset):
        yield from _leaves(path, sorted(value, key=repr))
    else:
        plain = to_jsonable_python(
            python_value(value),
            fallback=lambda unknown: type(unknown).__name__,
            bytes_mode="base64",
        )
        yield from _leaves(path, plain)
