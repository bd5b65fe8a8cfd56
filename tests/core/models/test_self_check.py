"""An automatic number format proves itself, or gives way to float32."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from tests.core.models.changed_checkpoints import altered, sharpen

from metier.errors import MetierWarning
from metier.models.builtin_families import builtin_families
from metier.models.device import BFLOAT16_FLAGS, Placement, cpu_capabilities
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder, load_reranker
from metier.models.self_check import LEAST_COSINE, least_cosine, load_checked, probe_sequences
from metier.progress import NoProgress

CPU = torch.device("cpu")
CHOSEN = Placement(CPU, torch.bfloat16, automatic=True)
needs_bfloat16 = pytest.mark.skipif(
    not any(cpu_capabilities().get(flag) for flag in BFLOAT16_FLAGS),
    reason="needs a CPU that multiplies in bfloat16",
)


@pytest.fixture
def loads():
    """Placements that were loaded on, in order."""
    return []


@pytest.fixture
def load(loads):
    def load(placement):
        loads.append(placement)
        return f"model in {placement.dtype_name}"

    return load


@pytest.mark.parametrize(
    "asked",
    [
        Placement(CPU, torch.float32),
        Placement(CPU, torch.bfloat16),
        Placement(CPU, torch.float32, int8=True),
    ],
)
def test_a_format_that_was_asked_for_is_taken_as_it_is(load, loads, asked):
    model, placement = load_checked(asked, load, lambda _: 0.0)

    assert (model, placement) == (f"model in {asked.dtype_name}", asked)
    assert loads == [asked]


@pytest.mark.parametrize("cosine", [1.0, LEAST_COSINE])
def test_an_automatic_format_that_agrees_is_kept(load, loads, cosine):
    model, placement = load_checked(CHOSEN, load, lambda _: cosine)

    assert (model, placement) == ("model in bfloat16", CHOSEN)
    assert loads == [CHOSEN]


@pytest.mark.parametrize("cosine", [0.99894, 0.0, -1.0])
def test_an_automatic_format_that_strays_gives_way_to_float32(load, loads, cosine):
    with pytest.warns(MetierWarning, match=f"cosine {cosine:.4f}, needed {LEAST_COSINE}") as told:
        model, placement = load_checked(CHOSEN, load, lambda _: cosine)

    exact = Placement(CPU, torch.float32)
    assert (model, placement) == ("model in float32", exact)
    assert loads == [CHOSEN, exact]
    assert [warning.filename for warning in told] == [__file__]


def test_the_lowest_cosine_counts_and_what_is_not_finite_agrees_with_nothing():
    exact = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]])
    found = exact.clone()

    assert least_cosine(found, exact) == pytest.approx(1.0, abs=1e-6)
    found[1] = torch.tensor([6.0, 8.0])
    assert least_cosine(found.bfloat16(), exact) == pytest.approx(0.8, abs=1e-6)
    for bad in (torch.nan, torch.inf):
        found[2, 0] = bad
        assert least_cosine(found, exact) == 0.0


@pytest.mark.parametrize("vocabulary", [1, 40, 640, 151_669])
@pytest.mark.parametrize("longest", [1, 20, 512, None])
def test_probes_are_ids_of_the_vocabulary_no_longer_than_a_model_reads(vocabulary, longest):
    sequences = probe_sequences(vocabulary, longest=longest)

    assert [len(ids) for ids in sequences] == [min(n, longest or n) for n in (3, 17, 48)]
    assert all(ids.dtype == np.int32 for ids in sequences)
    together = np.concatenate(sequences)
    assert together.min() >= 0
    assert together.max() < vocabulary


def test_probes_reach_over_the_whole_vocabulary():
    together = np.concatenate(probe_sequences(151_669, longest=None))

    assert (together.min(), together.max()) == (0, 151_668)
    assert len(set(together.tolist())) == len(together)


@pytest.fixture(params=["qwen3", "encoder", "reranker"])
def checkpoint(request, qwen3_folder, encoder_folder, reranker_folders):
    """(kind, folder) of each kind of model there is."""
    folders = {
        "qwen3": qwen3_folder,
        "encoder": encoder_folder,
        "reranker": reranker_folders["tied"],
    }
    return request.param, folders[request.param]


def loaded(kind, folder, dtype):
    options = LoadOptions("cpu", dtype)
    load = load_reranker if kind == "reranker" else load_embedder
    return load(str(folder), options, builtin_families())


def numbers(model, texts):
    """What a user gets: unit rows, or for a reranker the log odds of each text."""
    if hasattr(model, "score"):
        made = model.score("capital", texts, task=None, progress=NoProgress()).scores
        return np.log(made / (1 - made))
    prompt = model.prompt(None, "query")
    return model.embed(texts, prompt=prompt, dim=model.profile.dim, progress=NoProgress()).vectors


def test_bfloat16_that_is_asked_for_stays_close_to_float32(checkpoint, texts):
    kind, folder = checkpoint
    half = loaded(kind, folder, "bfloat16")

    found, exact = numbers(half, texts), numbers(loaded(kind, folder, "float32"), texts)

    assert half.dtype == "bfloat16"
    if kind == "reranker":
        assert np.abs(found - exact).max() <= 0.15
    else:
        assert (found * exact).sum(axis=1).min() >= 0.999
    if kind != "encoder":
        assert half._decoder.agreement() >= 0.999


@needs_bfloat16
def test_auto_keeps_bfloat16_where_a_model_bears_it(checkpoint, texts):
    kind, folder = checkpoint

    model = loaded(kind, folder, "auto")

    assert model.dtype == "bfloat16"
    assert (numbers(model, texts) == numbers(loaded(kind, folder, "bfloat16"), texts)).all()


@needs_bfloat16
def test_auto_falls_back_to_float32_where_a_model_does_not(checkpoint, texts, tmp_path):
    kind, folder = checkpoint
    strayed = altered(folder, tmp_path / "sharp", sharpen)

    with pytest.warns(MetierWarning, match="in bfloat16, which is faster here") as told:
        model = loaded(kind, strayed, "auto")

    assert [warning.filename for warning in told] == [__file__], "where the caller of metier stands"
    assert model.dtype == "float32"
    assert (numbers(model, texts) == numbers(loaded(kind, strayed, "float32"), texts)).all()


def test_a_format_that_is_asked_for_is_not_checked(checkpoint, tmp_path):
    kind, folder = checkpoint
    strayed = altered(folder, tmp_path / "sharp", sharpen)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = loaded(kind, strayed, "bfloat16")

    assert model.dtype == "bfloat16"
