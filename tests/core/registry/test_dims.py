"""The ladder of vector sizes: call, instruction, domain, model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.errors import DimError
from metier.models.embedder import ModelProfile
from metier.registry.dims import choose_dim


def profile(dim: int = 1024, *, mrl: bool = True) -> ModelProfile:
    return ModelProfile("tiny", "test", "0", dim, mrl, min(32, dim) if mrl else dim, 512, mrl)


@pytest.mark.parametrize(
    ("requested", "instruction", "domain", "dim", "source"),
    [
        (256, 512, 768, 256, "call"),
        (None, 512, 768, 512, "instruction"),
        (None, None, 768, 768, "domain"),
        (None, None, None, 1024, "model"),
    ],
)
def test_the_first_that_asks_decides(requested, instruction, domain, dim, source):
    choice = choose_dim(
        profile(), requested=requested, instruction_dim=instruction, domain_dim=domain
    )
    assert (choice.dim, choice.source, choice.caution) == (dim, source, None)


@pytest.mark.parametrize("mrl", [True, False])
def test_a_call_above_the_models_size_is_refused(mrl):
    with pytest.raises(DimError, match=r"dim=1025 is more than 'tiny' has.*1024") as refused:
        choose_dim(profile(mrl=mrl), requested=1025)
    assert "at most 1024" in str(refused.value)


@pytest.mark.parametrize("wrong", [0, -1, True, False, 1.5, "64"])
def test_a_call_for_no_positive_whole_number_is_refused(wrong):
    with pytest.raises(DimError, match="not a positive whole number"):
        choose_dim(profile(), requested=wrong)


def test_whole_numbers_of_numpy_are_whole_numbers():
    assert choose_dim(profile(), requested=np.int64(64)).dim == 64


def test_a_call_below_what_the_model_is_trained_for_is_an_order_with_a_caution():
    cut = choose_dim(profile(mrl=False), requested=512)
    assert (cut.dim, cut.source) == (512, "call")
    assert "no MRL" in cut.caution
    short = choose_dim(profile(), requested=16)
    assert short.dim == 16
    assert "trained for 32 dimensions or more" in short.caution
    assert choose_dim(profile(mrl=False), requested=1024).caution is None


def test_a_default_above_the_models_size_is_clamped():
    for mrl in (True, False):
        choice = choose_dim(profile(384, mrl=mrl), requested=None, instruction_dim=1024)
        assert (choice.dim, choice.declared) == (384, 1024)
        assert choice.reason == "the instruction declares 1024, clamped to the model's 384"


def test_a_default_below_the_full_size_of_a_model_without_mrl_is_not_used():
    choice = choose_dim(profile(mrl=False), requested=None, domain_dim=256)
    assert choice.dim == 1024
    assert "no MRL" in choice.reason
    assert "ask for 256" in choice.reason


def test_a_default_below_what_the_model_is_trained_for_is_raised():
    choice = choose_dim(profile(), requested=None, instruction_dim=8)
    assert choice.dim == 32
    assert "raised to the 32" in choice.reason


@given(st.integers(1, 4096), st.booleans(), *[st.none() | st.integers(8, 65536)] * 2)
def test_a_default_is_always_a_size_the_model_is_good_for(size, mrl, instruction, domain):
    model = profile(size, mrl=mrl)
    choice = choose_dim(model, requested=None, instruction_dim=instruction, domain_dim=domain)
    assert model.min_dim <= choice.dim <= model.dim
    assert choice.caution is None
    assert choice.reason
