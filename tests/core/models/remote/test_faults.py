"""Servers that fail: a request is recovered, or refused with a clear error, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import metier
from metier.errors import MetierError, ModelServerError, UsageError
from metier.models.embedder import Embedder

from .model_server import Request, Response, Service, serving

TEXTS = [f"Clause {number} of the agreement" for number in range(20)]
KEY = "sk-0123456789abcdef"


@pytest.fixture
def service(qwen3: Embedder) -> Service:
    return Service(qwen3)


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with serving(service) as address:
        yield address


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between attempts are noted, not slept."""
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    return pauses


def runtime_of(url: str, cache: Path | None = None, **settings: object) -> metier.Runtime:
    settings = {"kind": "openai", "model": "tiny", "check": False, "max_rows": 4} | settings
    remote = metier.Remote(url=url, **settings)
    return metier.Runtime(model=remote, cache=cache, plugins=[])


def changed(service: Service, change: object) -> object:
    """An answer that is right but for a change of its JSON."""

    def answer(request: Request) -> Response:
        right = service.embed(request).content
        return Response(change(right) or right)  # type: ignore[operator]

    return answer


def drop_last(answer: dict[str, list[object]]) -> None:
    answer["data"].pop()


def shuffle(answer: dict[str, list[object]]) -> None:
    answer["data"].reverse()


def repeat_index(answer: dict[str, list[dict[str, object]]]) -> None:
    answer["data"][1]["index"] = 0


def shorten(answer: dict[str, list[dict[str, object]]]) -> None:
    answer["data"][0]["embedding"] = [1.0, 2.0]


def spoil(answer: dict[str, list[dict[str, object]]]) -> None:
    answer["data"][0]["embedding"] = [float("nan")] * 64


def shorten_all(answer: dict[str, list[dict[str, object]]]) -> None:
    for row in answer["data"]:
        row["embedding"] = [1.0, 2.0]


RECOVERED = {
    "429 with Retry-After": Response({"error": "slow down"}, 429, {"Retry-After": "7"}),
    "500": Response({"error": {"message": "oops"}}, 500),
    "503 as HTML": Response(b"<html>busy</html>", 503),
    "back end not ready": Response({"error": "not ready", "error_type": "backend"}, 424),
    "reset in the body": Response({"data": "x" * 1000}, cut=100),
    "truncated JSON": Response(b'{"object": "list", "data": [{"embedd'),
    "empty body": Response(b""),
}


@pytest.mark.parametrize("fault", RECOVERED)
def test_what_may_pass_is_asked_again_and_nothing_is_embedded_twice(
    fault: str, service: Service, url: str, qwen3: Embedder
) -> None:
    runtime = runtime_of(url)
    runtime.embed_documents(["to connect"])
    service.embedded.clear()
    service.faults = [RECOVERED[fault], RECOVERED[fault]]
    vectors = runtime.embed_documents(TEXTS)
    expected = metier.Runtime(model=qwen3, plugins=[]).embed_documents(TEXTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert sorted(service.embedded) == sorted(TEXTS)


REFUSED = {
    "wrong count": (drop_last, "has 3 entries, and 4 texts were sent"),
    "an index twice": (repeat_index, "has the index 0"),
    "sizes that differ": (shorten, "different sizes"),
    "another size": (shorten_all, "another model answers"),
    "not a number": (spoil, "NaN or infinity"),
    "no vectors": (lambda answer: {"object": "list"}, "has no 'data'"),
    "an HTML page": (None, "a page of HTML"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_an_answer_that_cannot_be_used_is_refused_and_says_why(
    fault: str, service: Service, url: str, tmp_path: Path
) -> None:
    runtime = runtime_of(url, tmp_path, concurrency=1)
    runtime.embed_documents(TEXTS[:4])
    change, why = REFUSED[fault]
    page = Response(b"<html><body>Sign in</body></html>", headers={"Content-Type": "text/html"})
    service.faults = [page if change is None else changed(service, change)]
    with pytest.raises(ModelServerError, match=why):
        runtime.embed_documents(TEXTS)
    service.embedded.clear()
    runtime.embed_documents(TEXTS)
    assert sorted(service.embedded) == sorted(TEXTS[4:])  # what was answered before is kept


def test_answers_in_another_order_are_put_in_order(
    service: Service, url: str, qwen3: Embedder
) -> None:
    runtime = runtime_of(url)
    runtime.embed_documents(["to connect"])
    service.faults = [changed(service, shuffle)] * 5
    expected = metier.Runtime(model=qwen3, plugins=[]).embed_documents(TEXTS)
    np.testing.assert_allclose(runtime.embed_documents(TEXTS), expected, atol=1e-6)


def test_a_server_that_stays_busy_is_an_error_and_what_was_embedded_is_kept(
    service: Service, url: str, tmp_path: Path
) -> None:
    runtime = runtime_of(url, tmp_path, concurrency=1, retries=2)
    runtime.embed_documents(["to connect"])
    service.embedded.clear()
    service.faults = [service.embed, service.embed, *[Response({"error": "busy"}, 503)] * 3]
    with pytest.raises(ModelServerError, match=r"asked 3 times.*503: busy") as failed:
        runtime.embed_documents(TEXTS)
    assert failed.value.code == "server-failed"
    embedded = [text for text in service.embedded if text in TEXTS]
    again = runtime_of(url, tmp_path)
    again.embed_documents(TEXTS)
    assert sorted(set(service.embedded) - {"size"}) == sorted(TEXTS)
    assert len(embedded) == 8
    assert len(service.embedded) == len(TEXTS) + 1  # and the text that connecting sends


def test_the_server_s_own_pause_is_kept(service: Service, url: str, no_pauses: list[float]) -> None:
    runtime = runtime_of(url)
    runtime.embed_documents(["to connect"])
    service.faults = [Response({"error": "slow"}, 429, {"Retry-After": "2"})]
    runtime.embed_documents(["a text"])
    assert [pause for pause in no_pauses if 2 <= pause <= 3]


def test_a_refusal_is_not_repeated(service: Service, url: str) -> None:
    runtime = runtime_of(url)
    runtime.embed_documents(["to connect"])
    service.requests.clear()
    service.faults = [Response({"error": {"message": "Unknown request"}}, 400)] * 3
    with pytest.raises(ModelServerError, match="Status 400: Unknown request") as failed:
        runtime.embed_documents(["a text"])
    assert len(service.requests) == 1
    assert failed.value.code == "request-refused"


def test_after_failed_calls_none_is_made_for_a_while(service: Service, url: str) -> None:
    runtime = runtime_of(url, retries=0)
    runtime.embed_documents(["to connect"])
    service.faults = [Response({"error": "down"}, 500)] * 10
    for _ in range(3):
        with pytest.raises(ModelServerError, match="asked once"):
            runtime.embed_documents(["a text"])
    service.requests.clear()
    with pytest.raises(ModelServerError, match="The last 3 calls failed"):
        runtime.embed_documents(["a text"])
    assert service.requests == []


def test_a_slow_server_is_given_up_after_its_time(service: Service, url: str) -> None:
    runtime = runtime_of(url, timeout=0.2, retries=1)
    runtime.embed_documents(["to connect"])
    service.faults = [Response({}, delay=5.0)] * 2
    with pytest.raises(ModelServerError, match=r"asked 2 times.*timed out"):
        runtime.embed_documents(["a text"])


def test_nothing_answers_at_the_address() -> None:
    runtime = metier.Runtime(model="http://127.0.0.1:9", plugins=[])
    with pytest.raises(ModelServerError, match=r"127\.0\.0\.1:9.* did not answer") as caught:
        runtime.embed_documents(["a text"])
    assert "asked 3 times" in str(caught.value)


@pytest.mark.parametrize("target", ["http://example.com/v1/embeddings", "/v2/embeddings"])
def test_a_redirect_is_not_followed(target: str, service: Service, url: str) -> None:
    runtime = runtime_of(url)
    runtime.embed_documents(["to connect"])
    service.faults = [Response({}, 307, {"Location": target})]
    with pytest.raises(ModelServerError, match="which is not followed"):
        runtime.embed_documents(["a text"])


def test_keys_and_texts_are_in_no_message(
    service: Service, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    runtime = runtime_of(url, key_env="TINY_KEY")
    runtime.embed_documents(["to connect"])
    assert service.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    secret = "Jane Roe was born on 3 May 1961 in Springfield"
    message = f"Cannot read {secret!r} with the key {KEY}"
    service.faults = [Response({"error": {"message": message}}, 400)]
    with pytest.raises(MetierError) as failed:
        runtime.embed_documents([secret])
    shown = json.dumps(failed.value.to_dict()) + str(failed.value) + repr(runtime)
    assert KEY not in shown
    assert "1961" not in shown
    assert "Cannot read" in shown


@pytest.mark.parametrize(
    ("variable", "status", "code", "message"),
    [
        ("TINY_KEY", None, "no-key", "TINY_KEY is not set"),
        (None, 401, "key-refused", "the profile names none"),
    ],
)
def test_a_key_that_is_missing_is_named(
    variable: str | None, status: int | None, code: str, message: str, service: Service, url: str
) -> None:
    if status is not None:
        service.list_models = lambda request: service.error(status, "no key")  # type: ignore[method-assign]
    runtime = runtime_of(url, key_env=variable)
    with pytest.raises(UsageError, match=message) as refused:
        runtime.embed_documents(["a text"])
    assert refused.value.code == code


@pytest.mark.parametrize("limit", [{"requests_per_minute": 3}, {"tokens_per_minute": 60}])
def test_no_more_is_sent_in_a_minute_than_the_profile_allows(
    limit: dict[str, int], service: Service, url: str
) -> None:
    runtime = runtime_of(url, deadline=0.3, max_rows=1, concurrency=1, **limit)
    with pytest.raises(ModelServerError, match="per_minute left no room"):
        runtime.embed_documents([f"{text}, which is a longer text" for text in TEXTS])
    sent = [request for request in service.requests if request.path == "/v1/embeddings"]
    assert 1 <= len(sent) <= 5
