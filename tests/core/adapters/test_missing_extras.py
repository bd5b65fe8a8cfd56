"""What an adapter says where its framework is not installed, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import metier.adapters
from metier.errors import MissingExtraError

FRAMEWORKS = {
    "langchain": ("langchain_core", "LangChainEmbeddings"),
    "llama_index": ("llama_index", "LlamaIndexEmbedding"),
    "haystack": ("haystack", "HaystackTextEmbedder"),
    "bertopic": ("bertopic", "BERTopicBackend"),
}


@pytest.mark.parametrize("module", FRAMEWORKS)
def test_an_adapter_without_its_framework_names_the_extra_to_install(module, monkeypatch):
    package, name = FRAMEWORKS[module]
    monkeypatch.delitem(vars(metier.adapters), name, raising=False)
    monkeypatch.delitem(sys.modules, f"metier.adapters.{module}", raising=False)
    for imported in [key for key in sys.modules if key.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, imported)
    monkeypatch.setitem(sys.modules, package, None)
    extra = module.replace("_", "-")
    with pytest.raises(MissingExtraError, match=rf"pip install 'metier\[{extra}\]'"):
        getattr(metier.adapters, name)


def test_adapters_without_a_framework_import_neither_torch_nor_one():
    code = (
        "import sys, metier.adapters\n"
        "metier.adapters.SentenceTransformerAdapter('embedded')\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "transformers", "sentence_transformers", "langchain_core", "haystack"}
    assert {*done.stdout.split()} & {*heavy, "llama_index", "bertopic"} == set()


def test_every_name_is_listed_once():
    names = sorted(metier.adapters._HOMES)
    assert [*metier.adapters._HOMES] == metier.adapters.__all__ == dir(metier.adapters) == names
