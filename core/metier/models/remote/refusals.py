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


_NUMBER = r"(?P<limit>[0-9]+(?:[.,_'\u00a0\u202f ][0-9]{3})*(?:\.[0-9]+)?\s?k?)\b"
_PATTERNS: tuple[tuple[RefusalReason, str], ...] = (
    ("dimensions", r"matryoshka|\bdimensions?\b.*(?:not supported|unsupported|invalid|unknown)"),
    ("dimensions", r"(?:not support|unsupported|invalid|extra).*\bdimensions?\b"),
    ("encoding", r"encoding_format"),
    ("request-size", rf"(?:max|maximum|at most|limit)\D{{0,40}}{_NUMBER} tokens per request"),
    ("row-tokens", rf"physical batch size \(current batch size: {_NUMBER}\)"),
    ("row-tokens", r"physical batch size"),
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
    ("row-tokens", r"context length|too long|input length|too many tokens"),
)
"""What a message is about, most certain first."""


_LEAST_TOKENS = 32
"""A smaller limit of a text's tokens is misread, as no model has one."""


def _number(written: str) -> int:
    """A number as servers write it: `8192`, `8,192`, `8.192` or `8k`, which counts as 8000."""
    digits = written.strip().lower()
    thousands = 1000 if digits.endswith("k") else 1
    digits = digits.removesuffix("k").strip()
    digits = re.sub(r"[.,_'\u00a0\u202f ](?=[0-9]{3}(?![0-9]))", "", digits)
    whole, _, fraction = digits.partition(".")
    return int(whole) * thousands + int(float(f"0.{fraction or 0}") * thousands)


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
            limit = _number(named) if named else None
            if reason == "row-tokens" and limit is not None:
                limit -= "less than" in match[0].lower()
                limit = limit if limit >= _LEAST_TOKENS else None
            return Refusal(status, reason, limit, shown)
    return Refusal(status, "request-size" if status == 413 else "other", None, shown)


_LONGEST = 500
"""Characters of a message that are read."""


def message_in(body: bytes) -> str:
    """The message of an error response, in whichever field the server puts it."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        if text.startswith("<"):
            return "a page of HTML"
        return text[:_LONGEST]
    for key in ("error", "detail", "message", "msg"):
        while isinstance(value, dict) and key in value:
            value = value[key]
    if isinstance(value, dict):
        value = value.get("message") or value.get("code") or ""
    if isinstance(value, list):  # FastAPI lists what is wrong, with the inputs themselves
        parts = [part.get("msg", "") if isinstance(part, dict) else str(part) for part in value]
        value = "; ".join(parts)
    return str(value)[:_LONGEST]


_COMMON = """
a about above accept accepted access account after again algo allow allowed already also an and
any api are argument arguments array as asked at attempt auth authentication authorization
available back backend bad balance base batch be because been before below between body both busy
but by byte bytes call calls can cannot capacity cause change changing characters check choose
client close closed code completion concurrent configured connection contact content contents
context convert converted could count current currently daily data day default deployment
deprecated detail device didn dimension dimensions disabled do document documents does doesn don
down due each either element elements embed embedding embeddings empty enable enabled encoding
endpoint engine enough equal equals error errors exceed exceeded exceeds exception exist exists
expected expired extra failed failure false fewer field fields first fit float for forbidden
format found free from full gateway gb ge generation get given got greater has have header high
hour how however html http id if image in incorrect increase index initializing inner input inputs
instead instruct instruction integer internal internalerror invalid is isn it item items its json
key large larger later le lead least length less limit limited limits list load loaded loading
local long longer lower machine many matryoshka max maximum may mb memory message method min
minimum minute missing model models more most must name need needs negative new no node non none
not null number object of on one only operation or organization other out output over overflow
overload overloaded page parameter parameters parse parsing path per permission physical plan
please pool poor positive post prefix process prompt property provide provided pull pulling quota
raise range rate raw read ready reason received reduce refused rejected replica representation
request requested requests require required rerank reranker reset resource response restart result
results retry return returned role route row rows running s schema second seconds segment sent
server service set setting shape short should shut size slow slowly smaller soon start starting
state status stop stopped string such sum supplied support supported supports t task temporarily
text texts than that the their them then there these this throttle throttled throttling time
timeout times to today token tokenization tokenizer tokens too total tried true truncate truncated
try trying type unable unauthorized unavailable unknown unload unprocessable unsupported until up
upstream url usage use used user using valid validation value values vector vectors version via
wait was wasn when which while will window with within wrong you your zero
"""
_WORDS = frozenset(_COMMON.split())
"""Words of messages of servers that say nothing of a text. No other word of one is shown."""

_MARKS = frozenset(" .,:;'\"`()[]<>=/-")
_PIECES = re.compile(
    r"(?P<hidden>\[\.{3}\])|(?P<number>(?<![\w/-])[0-9]+(?:[.,][0-9]+)*(?![\w/-]))|(?P<word>\w+)|\W"
)
_WORD_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z_]+")
"""`InvalidParameter` and `encoding_format` have two parts, each a word."""

_MOST_DIGITS = 9


def without_texts(message: str, sent: Iterable[str]) -> str:
    """A server's message with `[...]` for all but words of errors and numbers.

    A server may repeat a text in any form: in part, escaped, or in other letters. So what is shown
    is chosen by what it is, and not by whether the texts hold it. Numbers that a text has are
    hidden, too.
    """
    texts = list(sent)
    parts: list[str] = []
    marks = ""
    for match in _PIECES.finditer(message):
        piece = match[0]
        if match.lastgroup is None:
            piece = " " if piece.isspace() else piece
            if piece in _MARKS and len(marks) < 3 and not (piece == " " and marks.endswith(" ")):
                marks += piece
            continue
        if match.lastgroup == "number":
            digits = sum(map(str.isdigit, piece))
            is_shown = digits <= _MOST_DIGITS and not any(piece in text for text in texts)
        else:
            words = _WORD_PARTS.findall(piece)
            is_shown = match.lastgroup == "word" and all(word.lower() in _WORDS for word in words)
        if is_shown:
            parts.append(marks + piece)
        elif not parts or not parts[-1].endswith("[...]"):
            parts.append(f"{marks}[...]")
        marks = ""
    return ("".join(parts) + marks).strip() if parts else "no message"
