"""How requests are made: side by side, within their time, and stopped when nobody waits."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import metier
from metier.datafiles.project_file import read_project
from metier.errors import ModelServerError, UsageError
from metier.models.embedder import Embedder
from metier.models.remote.connecting import open_connection
from metier.models.remote.connection import Connection
from metier.models.remote.discovery import ask_server

from .model_server import Request, Response, Service, serving

KEY = "sk-0123456789abcdef"
TEXTS = [f"Clause {number} of the agreement" for number in range(16)]


class Gathering(Service):
    """Answers texts when four requests for them are there at once."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder)
        self.gate = threading.Barrier(4)
        self.met = 0

    def embed(self, request: Request) -> Response:
        if request.body["input"] != ["size"]:
            try:
                self.gate.wait(5)
                self.met += 1
            except threading.BrokenBarrierError:
                pass
        return super().embed(request)


def runtime_of(url: str, **settings: object) -> metier.Runtime:
    settings = {"kind": "openai", "model": "tiny", "check": False, "max_rows": 1} | settings
    return metier.Runtime(model=metier.Remote(url=url, **settings), plugins=[], progress=False)


def posts(service: Service) -> list[Request]:
    return [request for request in service.requests if request.method == "POST"]


def test_requests_run_side_by_side(qwen3: Embedder) -> None:
    service = Gathering(qwen3)
    with serving(service) as url:
        vectors = runtime_of(url, concurrency=4).embed_documents(TEXTS)
    assert service.met == len(TEXTS)
    expected = metier.Runtime(model=qwen3, plugins=[]).embed_documents(TEXTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


INTERRUPTED = """
import sys, threading
from metier.datafiles.remote import Remote
from metier.models.embedder import Prompt
from metier.models.family import LoadOptions
from metier.models.remote.connecting import connect_embedder
from metier.progress import NoProgress
remote = Remote(url=sys.argv[1], kind="openai", model="tiny", check=False, max_rows=1)
embedder = connect_embedder(remote, "tiny", LoadOptions())
texts = [f"Clause {number}" for number in range(40)]
embedder.embed(texts, prompt=Prompt("document"), dim=64, progress=NoProgress())
"""


def test_an_interrupt_ends_the_program_soon_and_nothing_more_is_sent(qwen3: Embedder) -> None:
    service = Service(qwen3)
    slow = Response({"error": "busy"}, 503, delay=300.0)
    answered = threading.Event()

    def slow_after_one(request: Request) -> Response:
        if request.body["input"] == ["size"]:
            return service.embed(request)
        if len(posts(service)) > 4:
            answered.set()
        return slow

    service.faults = [slow_after_one] * 60
    with serving(service) as url:
        with subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, url], stderr=subprocess.PIPE, text=True
        ) as program:
            try:
                assert answered.wait(60)
                program.send_signal(signal.SIGINT)
                # a request alone would take the 60 seconds of its timeout
                _, errors = program.communicate(timeout=40)
            finally:
                program.kill()
        assert "KeyboardInterrupt" in errors
        assert len(posts(service)) == 1 + 4


@contextmanager
def dripping(head: bytes, drop: bytes) -> Iterator[str]:
    """The address of a server that sends a head, and then the same bytes every 0.05 seconds."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def answer(client: socket.socket) -> None:
        with client:
            try:
                client.sendall(head)
                while not stop.wait(0.05):
                    client.sendall(drop)
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


EMPTY_GZIP = bytes.fromhex("1f8b08000000000000ff") + b"\x00\x00\x00\xff\xff"
DRIPS = {
    "nothing": (b"", b""),
    "headers": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "empty gzip": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n"
        + EMPTY_GZIP[:10],
        b"\x00\x00\x00\xff\xff",
    ),
}


@pytest.mark.parametrize("part", DRIPS)
def test_a_request_ends_in_its_time_whatever_comes(part: str) -> None:
    with dripping(*DRIPS[part]) as url:
        connection = Connection(metier.Remote(url=url, timeout=30, deadline=0.5, retries=3))
        begun = time.monotonic()
        with pytest.raises(ModelServerError, match="timed out"):
            connection.post(url, {"input": ["a"]}, texts=["a"])
    assert time.monotonic() - begun < 10  # far from timeout


def test_a_server_that_is_down_from_the_start_is_not_asked_every_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for _ in range(3):
        with pytest.raises(ModelServerError, match="did not answer"):
            runtime_of(url, retries=0).embed_documents(["a text"])
    with pytest.raises(ModelServerError, match="The last 3 calls failed"):
        runtime_of(url, retries=0).embed_documents(["a text"])


def test_waiting_for_the_own_limit_is_no_failure_of_the_server(qwen3: Embedder) -> None:
    with serving(Service(qwen3)) as url:
        # one request connects, the second embeds
        runtime = runtime_of(url, requests_per_minute=3, deadline=0.2)
        runtime.embed_documents(["a text"])
        for text in TEXTS[:4]:
            with pytest.raises(ModelServerError, match="requests_per_minute left no room"):
                runtime.embed_documents([text])


@pytest.mark.parametrize("wait", ["100000", "inf", "1e400", "Fri, 01 Jan 99999 00:00:00 GMT"])
def test_a_pause_beyond_the_deadline_is_an_error_at_once_and_not_kept(
    wait: str, qwen3: Embedder
) -> None:
    service = Service(qwen3)
    with serving(service) as url:
        runtime = runtime_of(url, deadline=20, retries=1)
        runtime.embed_documents(["to connect"])
        service.faults = [Response({"error": "slow down"}, 429, {"Retry-After": wait})]
        begun = time.monotonic()
        if wait == "100000":
            with pytest.raises(ModelServerError, match="asks for a pause of 100,000 seconds"):
                runtime.embed_documents(["a text"])
        runtime.embed_documents(["another text"])
        assert time.monotonic() - begun < 10


def connect(tmp_path: Path, profile: str) -> Connection:
    """The connection of a profile in a file."""
    (tmp_path / "metier.toml").write_text(f"[profiles.desk]\n{profile}\n")
    return open_connection(read_project(tmp_path).profiles["desk"])


@pytest.mark.parametrize(
    ("url", "variable", "warns"),
    [
        ("https://models.example", "AWS_SECRET_ACCESS_KEY", True),
        ("https://models.example", "OPENAI_API_KEY", True),
        ("https://models.example", "METIER_DESK_KEY", False),
        ("https://api.openai.com/v1", "OPENAI_API_KEY", False),
        ("http://localhost:8000/v1", "SERVER_KEY", False),
    ],
)
def test_a_file_that_sends_a_variable_somewhere_is_named(
    url: str, variable: str, warns: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, KEY)
    profile = f'url = "{url}"\nkey_env = "{variable}"'
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        connect(tmp_path, profile)
        open_connection(metier.Remote(url=url, key_env=variable))  # written in code
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == warns
    for message in messages:
        assert "metier.toml" in message
        assert f"{variable} to {url}" in message
        assert KEY not in message


@pytest.mark.parametrize("key", ["sk-01 23456789", "sk-0123\n456789", "sk-0123\u00e9456789"])
def test_what_cannot_be_a_key_is_refused_and_not_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", key)
    with pytest.raises(UsageError, match="TINY_KEY does not hold a key") as caught:
        Connection(metier.Remote(url="https://models.example", key_env="TINY_KEY"))
    assert "456789" not in json.dumps(caught.value.to_dict())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": "https://models.example/a b"}, "no spaces"),
        ({"url": "https://models.example/\r\nX: y"}, "no spaces"),
        ({"url": "https://models.example:99999"}, "from 1 to 65535"),
        ({"url": "https://models.example", "timeout": float("inf")}, "timeout"),
        ({"url": "https://models.example", "deadline": 1e9}, "deadline"),
        (
            {"url": "https://models.example", "rerank_url": "https://other.example/rerank"},
            "another host than url",
        ),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        metier.Remote(**settings)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_cannot_be_read_is_named(
    content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match=r"authority\.pem cannot be read") as caught:
        Connection(metier.Remote(url="https://models.example", ca_file=str(file)))
    assert "ca_file" in str(caught.value)


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("digits", [400, 5000])
def test_integers_of_any_length_are_an_answer_that_cannot_be_used(
    digits: int, qwen3: Embedder
) -> None:
    service = Service(qwen3)
    row = b'{"index": 0, "embedding": [' + b", ".join([b"9" * digits] * 64) + b"]}"
    with serving(service) as url:
        runtime = runtime_of(url)
        runtime.embed_documents(["to connect"])
        service.faults = [Response(b'{"data": [' + row + b"]}")]
        with pytest.raises(ModelServerError, match="infinity"):
            runtime.embed_documents(["a text"])


@pytest.mark.parametrize("status", [200, 400, 500])
def test_json_that_is_nested_too_deep_is_an_error_of_the_server(
    status: int, qwen3: Embedder
) -> None:
    service = Service(qwen3)
    with serving(service) as url:
        runtime = runtime_of(url, retries=0)
        runtime.embed_documents(["to connect"])
        service.faults = [Response(DEEP, status)]
        with pytest.raises(ModelServerError):
            runtime.embed_documents(["a text"])


def test_no_cookie_is_sent_back_and_no_control_character_is_shown(qwen3: Embedder) -> None:
    service = Service(qwen3)
    with serving(service) as url:
        runtime = runtime_of(url, retries=0)
        cookie = {"Set-Cookie": "visitor=1; Path=/"}
        steering = "\x1b[2J\x1b[31mall is well\x07"
        runtime.embed_documents(["to connect"])
        service.faults = [Response({"error": {"message": steering}}, 400, cookie)]
        with pytest.raises(ModelServerError) as caught:
            runtime.embed_documents(["a text"])
        runtime.embed_documents(["another text"])
    assert "\x1b" not in str(caught.value)
    assert "\x07" not in str(caught.value)
    assert not [request for request in service.requests if "cookie" in request.headers]


@pytest.mark.parametrize("shown", [{"model_info": [1]}, {"model_info": 3}, [1], {}])
def test_facts_of_ollama_in_another_shape_are_left_out(shown: object, qwen3: Embedder) -> None:
    service = Service(qwen3)
    routes = {
        ("GET", "/api/tags"): lambda request: Response({"models": [{"name": "tiny:latest"}]}),
        ("POST", "/api/show"): lambda request: Response(shown),
    }
    service.routes = lambda: routes  # type: ignore[method-assign]
    with serving(service) as url:
        remote = metier.Remote(url=url, kind="ollama")
        facts = ask_server(remote, Connection(remote), "tiny:latest")
    assert facts.models == ("tiny:latest",)
    assert facts.max_tokens is None


def test_names_that_steer_a_terminal_are_not_shown(qwen3: Embedder) -> None:
    service = Service(qwen3)
    rows = [{"id": name, "owned_by": "vllm"} for name in ("one", "two", "\x1b[2Jthree")]
    service.list_models = lambda request: Response({"data": rows})  # type: ignore[method-assign]
    with serving(service) as url, pytest.raises(UsageError, match="one, two") as caught:
        metier.Runtime(model=url, plugins=[]).embed_documents(["a text"])
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://[::1", "http://", "https://a b", "http://h:0/v1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        metier.Runtime(model=address, plugins=[]).embed_documents(["a text"])
