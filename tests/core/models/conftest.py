"""Tiny checkpoints, written once for all tests of this room, and texts of many kinds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metier.models.builtin_families import builtin_families
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder, load_reranker
from metier.models.reranker import Reranker
from metier.progress import NoProgress
from metier.testing import checkpoints

ALPHABETS = (
    "the capital of China is Beijing query document yes no instruct",
    "中国的首都是北京 東京は日本の首都です",
    "Столица России Москва الرياض עברית हिन्दी",
    "🙂👍🏽 👩‍👩‍👧 ∑∫ 12,345.67€ :// :( \t",
)


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Texts of 1 to some 600 tokens in several scripts, two of them equal, short and long mixed."""
    rng = random.Random(7)
    made = [
        "x",
        "://path",
        ":(",
        "\nnew line",
        " leading space",
        "Beijing",
        "Beijing",
        "naïve café",
    ]
    for length in (3, 9, 25, 66):
        for words in ALPHABETS:
            made.append(" ".join(rng.choices(words.split(), k=length)))
    rng.shuffle(made)
    return made


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder the checkpoints below are written to."""
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="session")
def qwen3_folder(folders: Path) -> Path:
    return checkpoints.write_qwen3_embedder(folders / "qwen3")


@pytest.fixture(scope="session")
def reranker_folders(folders: Path) -> dict[str, Path]:
    return {
        "tied": checkpoints.write_qwen3_reranker(folders / "tied"),
        "untied": checkpoints.write_qwen3_reranker(folders / "untied", tied=False),
    }


@pytest.fixture(scope="session")
def encoder_folder(folders: Path) -> Path:
    return checkpoints.write_encoder(folders / "encoder")


@pytest.fixture(scope="session")
def qwen3(qwen3_folder: Path) -> Embedder:
    return load_here(qwen3_folder)


@pytest.fixture(scope="session")
def rerankers(reranker_folders: dict[str, Path]) -> dict[str, Reranker]:
    options = LoadOptions(device="cpu", dtype="float32")
    return {
        name: load_reranker(str(folder), options, builtin_families())
        for name, folder in reranker_folders.items()
    }


@pytest.fixture(scope="session")
def load() -> Callable[[Path], Embedder]:
    return load_here


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of this room may reach for the network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small run fastest on one thread, and other tests may be using the rest."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Counted(NoProgress):
    """Progress that remembers how many items were reported."""

    def __init__(self) -> None:
        self.items = 0

    def advance(self, items: int = 1) -> None:
        self.items += items


@pytest.fixture
def counted() -> Counted:
    return Counted()


def load_here(folder: Path) -> Embedder:
    """Load a folder in float32 on the CPU, where parity can be asked for to the last digits."""
    options = LoadOptions(device="cpu", dtype="float32")
    return load_embedder(str(folder), options, builtin_families())
