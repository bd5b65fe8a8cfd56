"""What a model server says when it refuses a request, and what is learned from it.

The wording of each server is data here. Sources: the documentation of OpenAI and Alibaba Model
Studio, and the sources of vLLM, text-embeddings-inference, llama.cpp and Ollama.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

RefusalReason = Literal[
    "rows", "row-tokens", "request-size", "dimensions", "encoding", "key", "address", "other"
]


@dataclass(eq=False)
class Refusal(Exception):
    """A request that a server understood and will not serve, however often it is repeated.

    Attributes:
        status: of HTTP.
        reason: what it is about, as far as its message tells.
        limit: the number that the message names as the most; None where it names none.
        message: of the server, without texts of the request.
    """

    status: int
    reason: RefusalReason
    limit: int | None
    message: str


@dataclass(eq=False)
class Outage(Exception):
    """A request that failed for a reason that may pass: the connection, or a busy server.

    Attributes:
        message: what happened.
        wait: seconds that the server asks to wait; None where it does not.
    """

    message: str
    wait: float | None = None


_NUMBER = r"(?P<limit>\d[\d,]*)"
_PATTERNS: tuple[tuple[RefusalReason, str], ...] = (
    ("dimensions", r"matryoshka|\bdimensions?\b.*(?:not supported|unsupported|invalid|unknown)"),
    ("dimensions", r"(?:not support|unsupported|invalid|extra).*\bdimensions?\b"),
    ("encoding", r"encoding_format"),
    ("request-size", rf"(?:max|maximum|at most|limit)\D{{0,40}}{_NUMBER} tokens per request"),
    ("rows", rf"batch size.*(?:larger than|batch size|at most|exceed\w*) {_NUMBER}"),
    ("rows", rf"array with maximum length {_NUMBER}"),
    ("rows", rf"(?:at most|more than|maximum of|limit is) {_NUMBER} (?:inputs|texts|documents)"),
    ("rows", r"batch size|too many (?:inputs|texts|documents)"),
    (
        "row-tokens",
        rf"(?:context (?:length|window|size)|model_len|model length)\D{{0,40}}{_NUMBER}",
    ),
    ("row-tokens", rf"must have less than {_NUMBER} tokens"),
    ("row-tokens", rf"range of input length should be \[\d+, *{_NUMBER}\]"),
    ("row-tokens", rf"(?:at most|maximum of|limit of|less than) {_NUMBER} tokens"),
    ("row-tokens", r"context length|too long|input length|too many tokens|physical batch size"),
)
"""What a message is about, most certain first."""


def read_refusal(status: int, body: bytes, sent: Iterable[str] = ()) -> Refusal:
    """What a response with a status of 400 to 499 says.

    Args:
        status: of the response.
        body: of the response, JSON or not.
        sent: the texts of the request, which the message may repeat and errors may not show.
    """
    message = message_in(body)
    shown = without_texts(message, sent)
    if status in (401, 403):
        return Refusal(status, "key", None, shown)
    if status in (404, 405):
        return Refusal(status, "address", None, shown)
    for reason, pattern in _PATTERNS:
        match = re.search(pattern, message, re.IGNORECASE | re.DOTALL)
        if match:
            named = match.groupdict().get("limit")
            limit = int(named.replace(",", "")) if named else None
            if reason == "row-tokens" and "less than" in match[0].lower() and limit:
                limit -= 1
            return Refusal(status, reason, limit, shown)
    return Refusal(status, "request-size" if status == 413 else "other", None, shown)


def message_in(body: bytes) -> str:
    """The message of an error response, in whichever field the server puts it."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value: Any = json.loads(text)
    except ValueError:
        if text.startswith("<"):
            return "a page of HTML"
        return text[:500]
    for key in ("error", "detail", "message", "msg"):
        while isinstance(value, dict) and key in value:
            value = value[key]
    if isinstance(value, dict):
        value = value.get("message") or value.get("code") or json.dumps(value)
    if isinstance(value, list):  # FastAPI lists what is wrong, with the inputs themselves
        parts = [part.get("msg", "") if isinstance(part, dict) else str(part) for part in value]
        value = "; ".join(parts)
    return str(value)[:500]


_SHARED = 12
"""Characters in a row that a message and a text may share without the message repeating it."""


def without_texts(message: str, sent: Iterable[str]) -> str:
    """A server's message without passages of the texts that were sent to it."""
    texts = list(sent)
    repeated = [
        any(message[start : start + _SHARED] in text for text in texts)
        for start in range(max(0, len(message) - _SHARED + 1))
    ]
    hidden = [
        any(repeated[max(0, index - _SHARED + 1) : index + 1]) for index in range(len(message))
    ]
    parts: list[str] = []
    for index, character in enumerate(message):
        if not hidden[index]:
            parts.append(character)
        elif index == 0 or not hidden[index - 1]:
            parts.append("[text]")
    return "".join(parts)
