"""Messages of servers: the words of errors are shown, texts and keys in no form, limits read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import metier
from metier.errors import MetierError, ModelServerError, UsageError
from metier.models.embedder import Embedder
from metier.models.remote.refusals import read_refusal
from metier.models.remote.token_counter import EstimatedCounter

from .model_server import Request, Response, serving
from .services.openai_service import OpenAIService, VllmService

NAME = "Zoë Brontë"
NOTE = f"{NAME}, born 1961,\nowes 48,250 dollars"


@pytest.fixture
def service(qwen3: Embedder) -> OpenAIService:
    return VllmService(qwen3)


@pytest.fixture
def url(service: OpenAIService) -> Iterator[str]:
    with serving(service) as address:
        yield address


def runtime_at(url: str, **settings: Any) -> metier.Runtime:
    server = metier.Remote(url=url, model="Qwen3-Embedding-tiny", check=False, **settings)
    return metier.Runtime(model=server, plugins=[])


@pytest.mark.parametrize(
    "echo",
    [
        NOTE,
        json.dumps(NOTE)[1:-1],
        NOTE.upper(),
        NOTE[::-1],
        NAME.split()[0],
        "48,250",
        "\x1b[31mzoe",
        NOTE.replace(" ", "-"),
    ],
)
@pytest.mark.parametrize("status", [400, 503])
def test_no_form_of_a_text_is_shown(
    status: int, echo: str, service: OpenAIService, url: str
) -> None:
    runtime = runtime_at(url, retries=0)
    runtime.embed_documents(["to connect"])
    message = f"Value error: {echo} is not supported by this model, at most 7 are"
    service.faults = [service.error(status, message)]
    with pytest.raises(ModelServerError, match=r"Value error: \[.* is not sup") as caught:
        runtime.embed_documents([NOTE])
    shown = str(caught.value).lower()
    for part in ("zoë", "zoe", "bront", "1961", "48,250", "250", "ëoz", "owes", "born", "\x1b"):
        assert part not in shown
    assert "this model, at most 7 are" in shown


ANSWERS: dict[str, Any] = {
    "keys": {NAME: 1},
    "index": {"data": [{"index": NAME * 100_000, "embedding": [1.0]}]},
    "huge": {"data": [{"index": 0, "embedding": [10**400, 1.0]}]},
    "no float32": {"data": [{"index": 0, "embedding": [1e39, 1.0]}]},
    "zero": {"data": [{"index": 0, "embedding": [0.0] * 64}]},
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("fault", ANSWERS)
def test_values_of_an_answer_are_not_shown(fault: str, service: OpenAIService, url: str) -> None:
    runtime = runtime_at(url)
    runtime.embed_documents(["to connect"])
    service.faults = [Response(ANSWERS[fault])]
    with pytest.raises(ModelServerError, match="answer cannot be used") as caught:
        runtime.embed_documents([NOTE])
    assert NAME not in str(caught.value)
    assert len(str(caught.value)) < 500


CONTEXT = "This model's maximum context length is {} tokens. However, you requested more."


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("8192", 8192),
        ("8,192", 8192),
        ("8.192", 8192),
        ("8k", 8000),
        ("131.072", 131_072),
        ("8", None),
        ("1", None),
    ],
)
def test_limits_are_read_however_they_are_written(written: str, limit: int | None) -> None:
    refusal = read_refusal(400, json.dumps({"message": CONTEXT.format(written)}).encode())
    assert (refusal.reason, refusal.limit) == ("row-tokens", limit)


def test_the_physical_batch_of_llama_cpp_limits_a_text() -> None:
    message = (
        "input (900 tokens) is too large to process. increase the physical batch size (current "
        "batch size: 512)"
    )
    refusal = read_refusal(500, json.dumps({"error": {"message": message}}).encode())
    assert (refusal.reason, refusal.limit) == ("row-tokens", 512)


def test_a_message_that_is_nested_too_deep_is_none() -> None:
    assert read_refusal(400, b"[" * 100_000).message == "no message"


class Misread(OpenAIService):
    """It names a limit of tokens that is not the one of its model."""

    def embed(self, request: Request) -> Response:
        if max(map(len, request.body["input"])) > 400:
            return self.error(400, CONTEXT.format(8))
        return super().embed(request)


def test_a_limit_that_no_model_has_is_not_kept(qwen3: Embedder) -> None:
    service = Misread(qwen3)
    with serving(service) as url:
        runtime = runtime_at(url, kind="openai", concurrency=1)
        known = runtime.embedder.profile.max_tokens
        with pytest.warns(metier.errors.MetierWarning, match="longer than"):
            runtime.embed_queries(["rent " * 200, "The roof leaks."])
        assert runtime.embedder.profile.max_tokens == known
    longest = max(service.embedded, key=len)
    assert 200 < len(longest) <= 400


def test_an_instruction_that_leaves_no_room_is_an_error(service: OpenAIService, url: str) -> None:
    runtime = runtime_at(url, max_tokens=40)
    asked = len(service.posts)
    with pytest.raises(UsageError, match="which the instruction alone has") as caught:
        runtime.embed_queries(["The roof leaks."], instruction="Find the clause of a lease " * 20)
    assert isinstance(caught.value, MetierError)
    assert caught.value.code == "instruction-too-long"
    assert len(service.posts) <= asked + 1  # that for the size of vectors


def test_a_refused_probe_is_no_text_of_the_user(service: OpenAIService, url: str) -> None:
    service.faults = [service.error(400, "Unknown request")]
    with pytest.raises(ModelServerError, match="short text of metier") as caught:
        runtime_at(url).embed_documents([NOTE])
    assert "text 0" not in str(caught.value)
    assert "Status 400: Unknown request" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "least"),
    [
        (" " * 5000, 250),
        ("getUserAccountNumberById", 6),
        ("ACCOUNTHOLDER", 4),
        ("\n" * 320, 20),
        ("x" * 3000, 480),
    ],
)
def test_estimates_count_spaces_names_and_long_words(text: str, least: int) -> None:
    counter = EstimatedCounter()
    assert counter.count([text])[0] >= least
    cut = counter.cut(text * 100, 100)
    assert 0 < len(cut) < len(text * 100)
    assert counter.count([cut])[0] <= 100
