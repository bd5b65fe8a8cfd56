from __future__ import annotations

import pytest

from metier.datafiles.remote import Remote
from metier.errors import MetierError, UnknownNameError, UsageError
from metier.models.builtin_families import builtin_families
from metier.models.hubs.hub_models import HubId, read_hub_id
from metier.models.loading import find_source
from metier.models.model_lookup import find_tokenizer, parse_hub_id

REPO = "Qwen/Qwen3-Embedding-0.6B"


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METIER_HUB", raising=False)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (REPO, HubId("huggingface", REPO)),
        (f"{REPO}@release/v1", HubId("huggingface", REPO, "release/v1")),
        (f"huggingface:{REPO}", HubId("huggingface", REPO)),
        (f"https://huggingface.co/{REPO}?library=x", HubId("huggingface", REPO)),
        (f"modelscope:{REPO}@v1", HubId("modelscope", REPO, "v1")),
        (f"modelscope.cn/{REPO}", HubId("modelscope", REPO)),
        (f"modelscope.cn/models/{REPO}@v1", HubId("modelscope", REPO, "v1")),
        (f"https://www.modelscope.cn/models/{REPO}/files", HubId("modelscope", REPO)),
        (f"https://modelscope.cn/models/{REPO}/", HubId("modelscope", REPO)),
        (f"https://modelscope.cn/models/{REPO}@v1", HubId("modelscope", REPO, "v1")),
        (f"modelscope:{REPO}@../../v1", None),
        ("modelscope:Qwen3", None),
        ("https://modelscope.cn/docs/models/download", None),
        ("https://models.example/Qwen/Other", None),
        ("./models/mine", None),
        ("a/b/c", None),
    ],
)
def test_a_name_means_a_model_of_a_hub(spec: str, expected: HubId | None) -> None:
    assert parse_hub_id(spec) == expected


def test_the_setting_names_the_hub_of_plain_ids_and_is_kept_in_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert HubId("huggingface", REPO).name == REPO
    monkeypatch.setenv("METIER_HUB", "modelscope")
    plain = read_hub_id(f"{REPO}@v1")
    assert plain == HubId("modelscope", REPO, "v1")
    assert plain.name == f"modelscope:{REPO}@v1"
    assert HubId("huggingface", REPO).name == f"huggingface:{REPO}"

    monkeypatch.setenv("METIER_HUB", "model-scope")
    with pytest.raises(UnknownNameError, match="Did you mean 'modelscope'"):
        read_hub_id(REPO)


def test_an_existing_folder_is_no_model_of_a_hub(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "modelscope.cn" / REPO).mkdir(parents=True)

    assert parse_hub_id(f"modelscope.cn/{REPO}") is None


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        (
            f"modelscope.cn/{REPO}-GGUF:latest",
            f"http://localhost:11434#modelscope.cn/{REPO}-GGUF:latest",
        ),
        (f"{REPO}-GGUF", f"ollama pull hf.co/{REPO}-GGUF:latest"),
        (f"https://modelscope.cn/models/{REPO}-GGUF", f"such as {REPO}."),
        ("qwen3-embedding:0.6b", "http://localhost:11434#qwen3-embedding:0.6b"),
        ("./Qwen3-Embedding-0.6B-Q8_0.gguf", "llama-server --embedding --pooling last"),
    ],
)
def test_a_model_in_gguf_is_refused_with_the_way_to_run_it(spec: str, hint: str) -> None:
    with pytest.raises(UsageError, match="runs in a model server") as caught:
        find_source(spec, "embedder", builtin_families())

    assert hint in str(caught.value)


def test_a_tokenizer_of_a_gguf_names_the_model_that_has_one() -> None:
    with pytest.raises(UsageError, match=f"such as {REPO}"):
        find_tokenizer(f"modelscope:{REPO}-GGUF")


def test_an_ollama_tag_of_modelscope_is_the_name_of_a_model_at_a_server() -> None:
    tag = f"modelscope.cn/{REPO}-GGUF:latest"

    source, family = find_source(f"http://localhost:11434#{tag}", "embedder", builtin_families())

    assert family is not None
    assert source.server == Remote(url="http://localhost:11434", model=tag)


def test_a_page_of_a_hub_that_is_no_model_is_no_server_either() -> None:
    with pytest.raises(MetierError, match="There is no model"):
        find_source("https://modelscope.cn/docs/models/download", "embedder", builtin_families())
