"""llama.cpp's own server with a tiny Qwen3 in GGUF, which is written here."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest

import metier
from metier.diagnosis.examine import examine
from metier.errors import MetierWarning

from .gguf_files import write_gguf

pytest.importorskip("llama_cpp", reason="llama-cpp-python[server] is not installed")
pytest.importorskip("uvicorn", reason="llama-cpp-python[server] is not installed")
pytest.importorskip("gguf", reason="gguf is not installed")

NAME = "Qwen3-Embedding-tiny"
TEXTS = ["a port closed by war", "The tenant pays by the fifth.", "中文 12,345", "x  y\n\nz"]


@pytest.fixture(scope="module")
def server(qwen3_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server."""
    path = write_gguf(qwen3_folder, tmp_path_factory.mktemp("gguf") / "tiny.gguf")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"model": path, "model_alias": NAME, "embedding": "true", "n_ctx": 512}
    options |= {"host": "127.0.0.1", "port": port, "n_threads": 1, "verbose": "false"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/v1/models", process)
        yield url
    finally:
        process.terminate()
        process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        try:
            if httpx2.get(address).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def test_vectors_equal_those_of_the_checkpoint(server: str, qwen3_folder: Path) -> None:
    here = metier.Runtime(model=str(qwen3_folder), device="cpu", dtype="float32", plugins=["legal"])
    there = metier.Runtime(model=f"{server}/v1", plugins=["legal"])
    with pytest.warns(MetierWarning) as warned:
        assert there.embedder.profile.instruction_aware
    # it does not normalize; of random weights neither ranking nor closing token tells anything
    assert any("have the length 8.000" in str(warning.message) for warning in warned)

    for side in ("queries", "documents"):
        expected = getattr(here, f"embed_{side}")(TEXTS, instruction="legal/force-majeure", dim=32)
        vectors = getattr(there, f"embed_{side}")(TEXTS, instruction="legal/force-majeure", dim=32)
        # llama.cpp keeps keys and values in half precision
        np.testing.assert_allclose(vectors, expected, atol=2e-3)


def test_doctor_finds_the_server_equal_to_the_checkpoint(
    server: str, qwen3_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path))
    remote = metier.Remote(url=server, compare_with=str(qwen3_folder))
    rt = metier.Runtime(remote, device="cpu", dtype="float32", plugins=[])

    found = {check.name: check.status for check in examine(rt).of("server")}

    # of random weights neither ranking nor closing token tells anything
    assert {name: found[name] for name in ("equal lengths", "padding", "compared vectors")} == {
        "equal lengths": "pass",
        "padding": "pass",
        "compared vectors": "pass",
    }
    assert found["vector length"] == "warn"
