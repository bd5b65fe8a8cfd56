"""One small model for all tests that need a real one, and nothing configured from outside."""

from __future__ import annotations

import gc
import os
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

# Arrays and models of tests are small: threads that wait for each other cost more than they save,
# all the more where several workers share the cores. Libraries read this when they are loaded, and
# processes that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Read when haystack is imported, which else reports its use and writes into the home folder.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from hypothesis import settings

from metier import Runtime
from metier.testing import checkpoints

settings.register_profile("metier", deadline=None, derandomize=True, database=None, max_examples=80)
settings.load_profile("metier")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among the tests, a million objects that all stay to the end.

    To go through them again and again takes a third of the time in which they are collected.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    """Models this small run fastest on one thread, and other tests may be using the rest."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def rt(one_thread: None) -> Runtime:
    """A Runtime with the embedded model, loaded once: 384 numbers, no MRL, no instructions."""
    return Runtime("embedded", device="cpu", dtype="float32", progress=False)


@pytest.fixture(scope="session")
def qwen3_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen3-Embedding checkpoint: 64 numbers, MRL down to 32, follows instructions."""
    return checkpoints.write_qwen3_embedder(tmp_path_factory.mktemp("models") / "qwen3")


@pytest.fixture(scope="session")
def reranker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen3-Reranker checkpoint."""
    return checkpoints.write_qwen3_reranker(tmp_path_factory.mktemp("models") / "reranker")


@pytest.fixture(scope="session")
def qwen3_rt(one_thread: None, qwen3_folder: Path, reranker_folder: Path) -> Runtime:
    """A Runtime with both tiny Qwen3 models."""
    return Runtime(qwen3_folder, reranker_folder, device="cpu", dtype="float32", progress=False)


@pytest.fixture(autouse=True)
def no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What a developer has configured decides no test, and none writes to a developer's cache.

    Nor does the number format that `auto` picks on this CPU: a test of `auto` asks for it.
    """
    for name in list(os.environ):
        if name.startswith("METIER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("METIER_DTYPE", "float32")
    vectors = tmp_path_factory.getbasetemp() / "vectors" / uuid.uuid4().hex  # made if it is used
    monkeypatch.setenv("METIER_CACHE_DIR", str(vectors))
    nothing = str(tmp_path_factory.getbasetemp() / "no-packs-of-a-user")
    for name in ("XDG_CONFIG_HOME", "WIN_PD_OVERRIDE_APPDATA"):
        monkeypatch.setenv(name, nothing)
