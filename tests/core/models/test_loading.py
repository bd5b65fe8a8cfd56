"""Which family runs a model, by its folder or by a name that only the family knows."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from metier import Runtime
from metier.caching.vector_cache import VectorCache
from metier.cli.main import main
from metier.diagnosis.examine import examine
from metier.errors import ModelError, PluginError, UsageError
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions, ModelFamily, ModelSource
from metier.models.loading import find_source, load_embedder, load_reranker

OPTIONS = LoadOptions(device="cpu", dtype="float32")

REMOTE = '''\
"""Models that are named by an address and have no folder."""

from dataclasses import replace

import metier
from metier.testing import FakeEmbedder, FakeReranker


def locate(spec):
    scheme, _, name = spec.partition("://")
    return metier.ModelSource(spec, revision="7") if scheme == "test" and name else None


def with_identity(model, source):
    model.profile = replace(
        model.profile, id=source.spec, family="desk", revision=source.revision
    )
    model.fingerprint = f"remote:{source.spec}@{source.revision}"
    return model


@metier.hookimpl
def metier_model_families():
    yield metier.ModelFamily(
        "desk",
        "Models behind an address",
        locate=locate,
        load_embedder=lambda source, options: with_identity(FakeEmbedder(), source),
        load_reranker=lambda source, options: with_identity(FakeReranker(), source),
    )
'''

TEXTS = ["a bear of wood", "a train", "a bear of wood"]


@pytest.fixture
def remote_plugin(metier_plugin, monkeypatch, tmp_path):
    """A plugin on disk whose family runs `test://` addresses, and nothing else installed."""
    metier_plugin("remote", modules={"__init__": REMOTE})
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_the_first_family_that_recognizes_a_folder_loads_it(encoder_folder):
    def load(source, options):
        return source.spec, options

    first = ModelFamily("mine", "all of it", lambda source: True, load_embedder=load)

    loaded = load_embedder(str(encoder_folder), OPTIONS, [first, *builtin_families()])

    assert loaded == (str(encoder_folder), OPTIONS)


def test_a_family_without_rerankers_is_not_asked_for_one(reranker_folders):
    first = ModelFamily("mine", "all of it", lambda source: True)

    reranker = load_reranker(str(reranker_folders["tied"]), OPTIONS, [first, *builtin_families()])

    assert reranker.profile.family == "qwen3"


def test_a_family_is_asked_for_a_name_before_a_folder_is_looked_for(encoder_folder):
    family = ModelFamily(
        "profiles",
        "Models of a profile",
        load_embedder=lambda source, options: source,
        locate=lambda spec: ModelSource(spec) if spec == str(encoder_folder) else None,
    )
    families = [*builtin_families(), family]

    assert load_embedder(str(encoder_folder), OPTIONS, families) == ModelSource(str(encoder_folder))
    assert find_source(str(encoder_folder), "embedder", families)[1] is family
    assert find_source("embedded", "embedder", families)[1] is None


def test_the_family_that_locates_a_model_loads_it_whoever_recognizes_it():
    def refuse(source):
        raise AssertionError("a model without a folder was offered to recognizes=")

    other = ModelFamily("other", "Folders", refuse, load_embedder=lambda source, options: "other")
    owner = ModelFamily(
        "owner",
        "Addresses",
        load_embedder=lambda source, options: "owner",
        locate=lambda spec: ModelSource(spec),
    )

    assert load_embedder("test://x", OPTIONS, [other, owner]) == "owner"


def test_an_address_of_no_family_is_refused_with_the_families_that_exist(remote_plugin):
    for spec in ("nope://x", "nope://x/y/z"):
        with pytest.raises(UsageError) as caught:
            Runtime(spec).embed_documents(["x"])
        assert caught.value.what == f"No model family runs the address '{spec}'."
        assert "Families: desk, qwen3, encoder, remote." in caught.value.why
        assert caught.value.why.endswith("With addresses or names of their own: desk, remote.")
        assert "nope://" in caught.value.fix


def test_a_family_that_locates_a_model_and_has_none_of_that_role_is_a_wrong_call():
    family = ModelFamily("remote", "Addresses", locate=lambda spec: ModelSource(spec))

    with pytest.raises(UsageError, match="'remote' runs 'test://x' and has no rerankers"):
        load_reranker("test://x", OPTIONS, [family])


def test_a_family_that_could_never_be_chosen_is_refused():
    with pytest.raises(PluginError, match="neither recognizes= nor locate="):
        ModelFamily("idle", "Nothing")


def test_the_old_spelling_of_recognizes_still_works_and_warns(encoder_folder):
    with pytest.warns(DeprecationWarning, match="use recognizes=") as warned:
        family = ModelFamily("mine", "all", recognises=lambda source: True)

    assert warned[0].filename == __file__
    assert family.recognizes(ModelSource(str(encoder_folder), encoder_folder))


def test_a_built_in_family_refuses_a_model_without_a_folder():
    qwen3, *_ = builtin_families()

    with pytest.raises(ModelError, match="'test://x' has no folder"):
        qwen3.load_embedder(ModelSource("test://x"), OPTIONS)


@pytest.mark.parametrize("cached", [False, True])
def test_a_model_behind_an_address_embeds_and_reranks(remote_plugin, tmp_path, cached):
    cache = VectorCache(tmp_path / "vectors")
    rt = Runtime(model="test://x", reranker="test://y", cache=cache if cached else False)

    vectors = rt.embed_documents(TEXTS)
    again = rt.embed_documents(TEXTS)

    assert vectors.shape == (3, 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(vectors, again)
    assert cache.info().entries == (2 if cached else 0)
    assert (rt.embedder.profile.family, rt.embedder.profile.revision) == ("desk", "7")
    assert rt.rerank("a train", TEXTS)[0].index == 1
    assert rt.embedder.device == "cpu"


def test_vectors_of_two_addresses_are_kept_apart_in_one_cache(remote_plugin, tmp_path):
    cache = VectorCache(tmp_path / "vectors")
    for spec in ("test://x", "test://y"):
        Runtime(model=spec, cache=cache).embed_documents(TEXTS)

    assert cache.info().entries == 4


def test_the_command_line_embeds_with_a_model_behind_an_address(remote_plugin, tmp_path, capsys):
    (tmp_path / "toys.txt").write_text("a bear of wood\na train\n", encoding="utf-8")

    for cache in ((), ("--no-cache",)):
        arguments = ["embed", "toys.txt", "--model", "test://x", "--out", "toys.npy", *cache]
        assert main(arguments) == 0
        assert np.load(tmp_path / "toys.npy").shape == (2, 256)
    assert main(["embed", "toys.txt", "--model", "nope://x", "--out", "toys.npy"]) == 2
    assert "No model family runs the address 'nope://x'." in capsys.readouterr().err


def test_the_configured_model_may_be_an_address(remote_plugin, monkeypatch):
    monkeypatch.setenv("METIER_MODEL", "test://x")

    assert Runtime().embed_documents(TEXTS).shape == (3, 256)


def test_a_diagnosis_says_what_does_not_apply_to_a_model_without_a_folder(remote_plugin):
    rt = Runtime(model="test://x", reranker="test://y")

    checks = {check.name: check for check in examine(rt).checks}

    assert not examine(rt).failed
    assert "it has no folder, so its size is not known" in checks["embedder loads"].detail
    for role, spec in (("embedder", "test://x"), ("reranker", "test://y")):
        assert checks[f"{role} files"].status == "skip"
        assert checks[f"{role} files"].detail.startswith(f"{spec} has no folder on this machine")
    assert checks["unit length"].status == checks["score range"].status == "pass"
    again = {check.name: check.status for check in examine(rt).checks}
    assert again["recorded vectors"] == again["recorded scores"] == "pass"


def test_the_command_line_checks_a_model_without_a_folder(remote_plugin, capsys):
    assert main(["doctor", "--model", "test://x", "--device", "cpu"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "embedder files" in shown
    assert "no folder" in shown


def test_a_pickled_runtime_embeds_with_the_model_behind_its_address(remote_plugin):
    rt = Runtime(model="test://x", reranker="test://y")

    copy = pickle.loads(pickle.dumps(rt))

    vectors = copy.embed_documents(TEXTS)
    assert np.array_equal(vectors, rt.embed_documents(TEXTS))
    assert vectors.provenance.model == "test://x"
    assert copy.rerank("a train", TEXTS)[0].index == 1


def test_an_index_is_searched_with_models_behind_addresses(remote_plugin):
    rt = Runtime(model="test://x", reranker="test://y")
    index = rt.index([{"id": "a", "text": "a bear of wood"}, {"id": "b", "text": "a train"}])

    assert index.search("a train", rerank=True)[0].document_id == "b"
