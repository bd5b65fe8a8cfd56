"""How each kind of server is asked for vectors, and how its answers are read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from metier.errors import ModelServerError
from metier.models.embedder import Side


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """What one request asks for.

    Attributes:
        texts: as the server is to read them.
        model: its name at the server.
        dim: vector size to ask for; None for what the server gives by itself.
        task: instruction to send beside the texts; None where none is sent so.
        side: of the texts, where the server is to write the prompt; else `document`, which gets
            none.
        base64: whether to ask for vectors in base64, which take a third of the bytes.
        max_tokens: of the longest text that the server is to read; None for its own limit.
    """

    texts: Sequence[str]
    model: str
    dim: int | None = None
    task: str | None = None
    side: Side = "document"
    base64: bool = True
    max_tokens: int | None = None


class EmbeddingShape(Protocol):
    """The requests for vectors of one kind of server.

    Attributes:
        path: appended to the address of the server.
        takes_task: whether a request has a parameter for the instruction.
        takes_side: whether it has one for the side of its texts.
    """

    @property
    def path(self) -> str: ...
    @property
    def takes_task(self) -> bool: ...
    @property
    def takes_side(self) -> bool: ...

    def body(self, request: EmbeddingRequest) -> dict[str, Any]:
        """The JSON of a request."""

    def vectors(self, answer: Any, count: int) -> npt.NDArray[np.float32]:
        """The (count, dim) vectors of an answer, in the order of the texts.

        Raises:
            ModelServerError: the answer holds something else.
        """


@dataclass(frozen=True, slots=True)
class OpenAIShape:
    """`/v1/embeddings` as OpenAI has it, which most servers take.

    Attributes:
        parameters: names that `task` and `side` have at servers that take them, such as metier's.
    """

    path: str = "/v1/embeddings"
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes_task(self) -> bool:
        return "task" in self.parameters

    @property
    def takes_side(self) -> bool:
        return "side" in self.parameters

    def body(self, request: EmbeddingRequest) -> dict[str, Any]:
        encoding = "base64" if request.base64 else "float"
        body: dict[str, Any] = {
            "model": request.model,
            "input": list(request.texts),
            "encoding_format": encoding,
        }
        if request.dim is not None:
            body["dimensions"] = request.dim
        for name, value in (("task", request.task), ("side", request.side)):
            if name in self.parameters and value is not None:
                body[self.parameters[name]] = value
        return body

    def vectors(self, answer: Any, count: int) -> npt.NDArray[np.float32]:
        rows = _list_in(answer, "data", count)
        return _stacked(_by_index(rows, "index", "embedding", count), count)


@dataclass(frozen=True, slots=True)
class TeiShape:
    """`/embed` of text-embeddings-inference."""

    path: str = "/embed"
    takes_task: bool = False
    takes_side: bool = False

    def body(self, request: EmbeddingRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "inputs": list(request.texts),
            "normalize": True,
            "truncate": False,
        }
        return body if request.dim is None else body | {"dimensions": request.dim}

    def vectors(self, answer: Any, count: int) -> npt.NDArray[np.float32]:
        return _stacked(_require_list(answer, "the answer", count), count)


@dataclass(frozen=True, slots=True)
class OllamaShape:
    """`/api/embed` of Ollama, with the context that texts need: its default cuts them unnoticed."""

    path: str = "/api/embed"
    takes_task: bool = False
    takes_side: bool = False

    def body(self, request: EmbeddingRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": request.model,
            "input": list(request.texts),
            "truncate": False,
        }
        if request.max_tokens is not None:
            body["options"] = {"num_ctx": request.max_tokens}
        if request.dim is not None:
            body["dimensions"] = request.dim
        return body

    def vectors(self, answer: Any, count: int) -> npt.NDArray[np.float32]:
        return _stacked(_list_in(answer, "embeddings", count), count)


@dataclass(frozen=True, slots=True)
class DashScopeShape:
    """Model Studio's own requests, which alone have a parameter for the instruction."""

    path: str = "/api/v1/services/embeddings/text-embedding/text-embedding"
    takes_task: bool = True
    takes_side: bool = True

    def body(self, request: EmbeddingRequest) -> dict[str, Any]:
        # An instruction belongs to queries: in symmetric tasks both sides are queries then.
        side = request.side if request.task is None else "query"
        parameters: dict[str, Any] = {"text_type": side, "output_type": "dense"}
        if request.dim is not None:
            parameters["dimension"] = request.dim
        if request.task is not None:
            parameters["instruct"] = request.task
        return {
            "model": request.model,
            "input": {"texts": list(request.texts)},
            "parameters": parameters,
        }

    def vectors(self, answer: Any, count: int) -> npt.NDArray[np.float32]:
        output = answer.get("output") if isinstance(answer, Mapping) else None
        rows = _list_in(output, "embeddings", count)
        return _stacked(_by_index(rows, "text_index", "embedding", count), count)


def unusable(why: str) -> ModelServerError:
    """The error for an answer that is not what was asked for."""
    return ModelServerError(
        "The server's answer cannot be used.",
        why=why,
        fix="Check kind and model of the profile; see what the server answers with `curl`.",
    )


def _list_in(answer: Any, key: str, count: int) -> list[Any]:
    if not isinstance(answer, Mapping) or key not in answer:
        raise unusable(f"It has no {key!r}." if answer else "It is empty.")
    return _require_list(answer[key], key, count)


def _require_list(rows: Any, name: str, count: int) -> list[Any]:
    if not isinstance(rows, list):
        raise unusable(f"{name} is no list.")
    if len(rows) != count:
        raise unusable(f"{name} has {len(rows)} entries, and {count} texts were sent.")
    return rows


def _by_index(rows: Sequence[Any], index_key: str, value_key: str, count: int) -> list[Any]:
    """Values in the order of their indexes; in the given order where there are none."""
    values: list[Any] = [None] * count
    seen = set()
    for position, row in enumerate(rows):
        if not isinstance(row, Mapping) or value_key not in row:
            raise unusable(f"Entry {position} has no {value_key!r}.")
        index = row.get(index_key, position)
        if type(index) is not int or not 0 <= index < count:
            raise unusable(f"Entry {position} has an index that is none of 0 to {count - 1}.")
        if index in seen:
            raise unusable(f"Entry {position} has the index {index}, as one before it.")
        seen.add(index)
        values[index] = row[value_key]
    return values


def _stacked(values: Sequence[Any], count: int) -> npt.NDArray[np.float32]:
    """Rows of one size from lists of numbers or base64 of little-endian float32."""
    rows = [_row(value, position) for position, value in enumerate(values)]
    sizes = {len(row) for row in rows}
    if len(sizes) > 1:
        raise unusable(f"Its vectors have different sizes: {sorted(sizes)}.")
    if not count:
        return np.empty((0, 0), dtype=np.float32)
    vectors = np.stack(rows)
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        position = int(np.flatnonzero(~finite)[0])
        raise unusable(f"Vector {position} of the request holds NaN or infinity.")
    return vectors


def _row(value: Any, position: int) -> npt.NDArray[np.float32]:
    if isinstance(value, str):
        try:
            raw = base64.b64decode(value, validate=True)
            row = np.frombuffer(raw, dtype="<f4").astype(np.float32)
        except (binascii.Error, ValueError):
            raise unusable(f"Vector {position} is no base64 of float32 numbers.") from None
    else:
        is_list = isinstance(value, list)
        if not is_list or not all(type(number) in (int, float) for number in value):
            raise unusable(f"Vector {position} is no list of numbers.")
        try:
            with np.errstate(over="ignore"):  # infinity is refused with its position
                row = np.array(value, dtype=np.float64).astype(np.float32)
        except OverflowError:
            raise unusable(f"Vector {position} has a number that is too large.") from None
    if not len(row):
        raise unusable(f"Vector {position} is empty.")
    return row
