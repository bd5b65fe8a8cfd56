"""How requests are made: side by side, within their time, and stopped when nobody waits."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import metier
from metier.errors import ModelServerError
from metier.models.embedder import Embedder
from metier.models.remote.connection import Connection

from .model_server import Request, Response, Service, serving

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
    slow = Response({"error": "busy"}, 503, delay=30.0)
    answered = threading.Event()

    def slow_after_one(request: Request) -> Response:
        if request.body["input"] == ["size"]:
            return service.embed(request)
        if len(posts(service)) > 4:
            answered.set()
        return slow

    service.faults = [slow_after_one] * 60
    with serving(service) as url:
        program = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, url], stderr=subprocess.PIPE, text=True
        )
        assert answered.wait(60)
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=3)
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
