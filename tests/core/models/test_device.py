import pytest
import torch

from metier.errors import ParameterError
from metier.models.device import automatic_dtype, choose_device, choose_dtype, place
from metier.models.family import LoadOptions

CPU = torch.device("cpu")


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


def test_a_dtype_that_is_named_is_taken():
    assert choose_dtype("float16", CPU, half_on_cpu=False) == torch.float16
    assert place(LoadOptions("cpu", "bfloat16"), half_on_cpu=False).dtype_name == "bfloat16"


def test_an_unknown_dtype_lists_the_known_ones():
    with pytest.raises(ParameterError, match="'bfloat16'"):
        choose_dtype("int8", CPU, half_on_cpu=False)


def test_a_small_model_on_a_cpu_stays_in_float32():
    assert automatic_dtype(CPU, half_on_cpu=False) == torch.float32
    assert automatic_dtype(CPU, half_on_cpu=True) in (torch.float32, torch.bfloat16)
