"""Loading: which model, device and format, once, and not before it is needed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import MetierError, ModelNotFoundError, ParameterError, UnknownNameError
from metier.testing import FakeEmbedder


def test_a_plugins_model_family_runs_the_folders_it_knows(installed, qwen3_folder, rt):
    code = """
import metier

class Fixed:
    profile = metier.ModelProfile("fixed", "fixed", "0", 8, False, 8, 99, False)

@metier.hookimpl
def metier_model_families():
    return [metier.ModelFamily("fixed", "For tests.", lambda source: True, lambda *_: Fixed())]
"""
    installed.add("toys", code=code)
    assert Runtime(qwen3_folder, device="cpu").embedder.profile.family == "fixed"
    assert Runtime(qwen3_folder, device="cpu", plugins=[]).embedder.profile.family == "qwen3"


def test_a_model_nobody_has_is_refused_when_it_is_needed_and_not_before(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    rt = Runtime("nobody/no-such-model", plugins=[], progress=False)
    with pytest.raises(ModelNotFoundError, match="nobody/no-such-model"):
        rt.embed_documents(["a"])


def test_settings_apply_where_the_call_names_nothing(monkeypatch, qwen3_folder, reranker_folder):
    monkeypatch.setenv("METIER_MODEL", str(qwen3_folder))
    monkeypatch.setenv("METIER_RERANKER", str(reranker_folder))
    monkeypatch.setenv("METIER_DEVICE", "cpu")
    monkeypatch.setenv("METIER_DTYPE", "float32")
    rt = Runtime(plugins=[], progress=False)
    assert (rt.embedder.profile.dim, rt.embedder.dtype) == (64, "float32")
    assert rt.reranker.device == "cpu"
    assert Runtime("embedded", plugins=[], device="cpu").embedder.profile.id == "embedded"


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (
            {"device": "gpu"},
            ParameterError,
            r"device='gpu' is not a device\.\nDid you mean 'cuda' or 'mps'",
        ),
        ({"device": "Metal"}, ParameterError, "Did you mean 'mps'"),
        ({"device": "CPU"}, ParameterError, "Did you mean 'cpu'"),
        ({"device": "cuda0"}, ParameterError, "Did you mean 'cuda'"),
        ({"device": "auto:1"}, ParameterError, "is not a device"),
        ({"device": "cuda:one"}, ParameterError, "Use 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'"),
        ({"device": "cpu:"}, ParameterError, "is not a device"),
        ({"dtype": "fp16"}, UnknownNameError, "number format 'fp16'.*\n.*bfloat16, float16"),
        ({"dtype": "bf16"}, UnknownNameError, "'bfloat16'"),
    ],
)
def test_a_device_or_format_nobody_has_is_refused_before_any_model_is_asked_for(asked, error, said):
    with pytest.raises(error, match=said):
        Runtime("nobody/no-such-model", plugins=[], progress=False, **asked)


def test_a_device_of_the_environment_nobody_has_is_refused_by_the_name_of_its_variable(monkeypatch):
    monkeypatch.setenv("METIER_DEVICE", "gpu")
    with pytest.raises(ParameterError, match="METIER_DEVICE='gpu' is not a device"):
        Runtime(plugins=[])
    assert Runtime(plugins=[], device="cpu").config.device == "cpu"


def test_threads_that_need_the_model_at_once_load_it_once(qwen3_folder):
    rt, found = Runtime(qwen3_folder, device="cpu", plugins=[], progress=False), []
    threads = [threading.Thread(target=lambda: found.append(rt.embedder)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(embedder) for embedder in found}) == 1


def test_a_path_is_never_asked_for_on_the_hub(monkeypatch):
    asked = []
    monkeypatch.setattr("metier.models.model_lookup.find_in_hub", lambda *name: asked.append(name))
    rt = Runtime(Path("models/mine"), plugins=[])

    with pytest.raises(MetierError, match="models/mine"):
        rt.embed_documents(["a"])

    assert not asked


def test_a_runtime_shows_its_models_on_one_line_and_loads_none_for_it(
    qwen3_folder, reranker_folder
):
    rt = Runtime(str(qwen3_folder), str(reranker_folder), dtype="float32", plugins=[])
    asked = f"Runtime(model={str(qwen3_folder)!r}, device='auto', dtype='float32', loaded=False, "
    assert repr(rt) == f"{asked}reranker={str(reranker_folder)!r})"
    given = repr(Runtime(FakeEmbedder(), plugins=[]))
    assert given == "Runtime(model='fake-embedder', family='fake', device='cpu', dtype='float32')"


def test_a_runtime_shows_what_its_models_became(qwen3_rt, qwen3_folder):
    assert (qwen3_rt.embedder, qwen3_rt.reranker) != (None, None)
    shown = repr(qwen3_rt)
    for fact in (f"model={str(qwen3_folder)!r}", "family='qwen3'", "device='cpu'", "reranker="):
        assert fact in shown
    assert "loaded" not in shown
