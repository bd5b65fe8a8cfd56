import pytest
import torch

from metier.errors import ParameterError, UnknownNameError
from metier.models.device import (
    BFLOAT16_FLAGS,
    INT8_FLAGS,
    choose_device,
    choose_placement,
    cpu_capabilities,
)
from metier.models.family import LoadOptions

CPU = torch.device("cpu")
HAS_INT8 = any(cpu_capabilities().get(flag) for flag in INT8_FLAGS)


def test_the_cpu_is_always_there():
    assert choose_device("cpu") == CPU
    assert choose_device("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "cuda0", "", "tpu"])
def test_an_unknown_device_lists_the_known_ones(name):
    with pytest.raises(ParameterError, match="'auto', 'cpu', 'cuda'"):
        choose_device(name)


@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_cuda_that_is_not_there_is_refused_with_a_way_out(name):
    with pytest.raises(ParameterError, match="device='auto' or 'cpu'"):
        choose_device(name)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_beyond_the_last_is_refused():
    assert choose_device("cuda:0") == torch.device("cuda", 0)
    with pytest.raises(ParameterError, match="GPU"):
        choose_device(f"cuda:{torch.cuda.device_count()}")


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has MPS")
def test_mps_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="mps"):
        choose_device("mps")


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_a_dtype_that_is_named_is_taken_without_a_check(name):
    placement = choose_placement(LoadOptions("cpu", name))

    assert placement.dtype_name == name
    assert placement.stored == getattr(torch, name)
    assert not placement.automatic


def test_an_unknown_dtype_names_the_close_one():
    with pytest.raises(UnknownNameError, match="'bfloat16'"):
        choose_placement(LoadOptions("cpu", "bfloat"))


def test_auto_on_a_cpu_is_bfloat16_only_where_it_has_the_instructions():
    placement = choose_placement(LoadOptions("cpu", "auto"))

    fast = any(cpu_capabilities().get(flag) for flag in BFLOAT16_FLAGS)
    assert placement.dtype == (torch.bfloat16 if fast else torch.float32)
    assert placement.automatic == fast
    assert placement.in_float32().dtype_name == "float32"


@pytest.mark.parametrize("limit", ["avx2", "AVX2", "default"])
def test_a_cpu_kept_to_avx2_is_treated_as_one_that_has_nothing_newer(monkeypatch, limit):
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", limit)

    assert not any(cpu_capabilities().get(flag) for flag in (*BFLOAT16_FLAGS, *INT8_FLAGS))
    assert choose_placement(LoadOptions("cpu", "auto")).dtype_name == "float32"
    with pytest.raises(ParameterError, match="avx512_vnni"):
        choose_placement(LoadOptions("cpu", "int8"))


def test_auto_is_never_int8():
    assert choose_placement(LoadOptions("cpu", "auto")).dtype_name != "int8"


@pytest.mark.skipif(not HAS_INT8, reason="needs a CPU that multiplies 8-bit integers")
def test_int8_keeps_states_in_float32_and_reads_weights_as_they_are_published():
    placement = choose_placement(LoadOptions("cpu", "int8"))

    assert (placement.dtype, placement.stored) == (torch.float32, torch.bfloat16)
    assert placement.dtype_name == "int8"


@pytest.mark.skipif(HAS_INT8, reason="this CPU multiplies 8-bit integers")
def test_int8_is_refused_where_it_would_be_slow_or_inexact():
    with pytest.raises(ParameterError, match="avx512_vnni"):
        choose_placement(LoadOptions("cpu", "int8"))
