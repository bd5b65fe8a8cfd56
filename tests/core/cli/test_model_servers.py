"""Commands whose model is a profile of `metier.toml`, or the address of a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.core.models.remote.model_server import Service, serving

from metier import Runtime
from metier.cli.main import main

TEXTS = ["The landlord repairs the roof.", "Rent is due on the fifth.", "A bear of wood."]


@pytest.fixture
def service(qwen3_rt: Runtime) -> Iterator[tuple[Service, str]]:
    service = Service(qwen3_rt.embedder, qwen3_rt.reranker)
    service.name = "Qwen3-Embedding-tiny"
    with serving(service) as url:
        yield service, url


@pytest.fixture
def project(service: tuple[Service, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a profile and a file of texts, which is the current one."""
    (tmp_path / "metier.toml").write_text(
        f'[profiles.ours]\nurl = "{service[1]}/v1"\ncheck = false\n[plugins]\nallow = ["finance"]\n'
    )
    rows = [f"{number},{text}" for number, text in enumerate(TEXTS)]
    (tmp_path / "texts.csv").write_text("\n".join(["id,text", *rows]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run `metier ...` with the real plugins."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("way", ["option", "environment", "address"])
def test_texts_are_embedded_by_a_server(
    way: str,
    run: Run,
    service: tuple[Service, str],
    qwen3_rt: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = {"option": ["--model", "ours"], "address": ["--model", f"{service[1]}/v1"]}
    if way == "environment":
        monkeypatch.setenv("METIER_MODEL", "ours")
    code, out, err = run("embed", "texts.csv", *options.get(way, []))
    assert code == 0, err
    vectors = [json.loads(line)["vector"] for line in out.splitlines()]
    np.testing.assert_allclose(vectors, qwen3_rt.embed_documents(TEXTS), atol=1e-6)


def test_a_workflow_runs_on_a_server(
    run: Run, service: tuple[Service, str], qwen3_rt: Runtime
) -> None:
    question = "Who repairs the roof?"
    code, out, err = run(
        *("run", "finance/search-filings", "texts.csv", "--query", question),
        *("--model", "ours", "--json"),
    )
    assert code == 0, err
    result: dict[str, Any] = json.loads(out)
    expected = Runtime(qwen3_rt.embedder, progress=False).run(
        "finance/search-filings", TEXTS, question
    )
    assert [hit["text"] for hit in result["hits"]] == [hit.text for hit in expected.hits]
    (model,) = result["record"]["models"]
    assert (model["id"], model["revision"]) == ("ours", "Qwen3-Embedding-tiny")
    assert any(text.endswith(f"Query:{question}") for text in service[0].embedded)


def test_an_index_is_built_and_searched_with_its_server(run: Run, qwen3_folder: Path) -> None:
    answers = []
    for model in ("ours", str(qwen3_folder)):
        place = ["--at", Path(model).name]
        assert run("index", "build", "texts.csv", *place, "--model", model)[0] == 0
        code, out, err = run("index", "search", "Who repairs?", *place, "--json")
        assert code == 0, err  # with the model of the index
        answers.append([(hit["text"], hit["score"]) for hit in json.loads(out)])
    assert answers[0] == [(text, pytest.approx(score, abs=1e-5)) for text, score in answers[1]]

    code, _, err = run("index", "search", "a", "--at", "ours", "--model", str(qwen3_folder))
    assert code == 2
    assert "model: ours (" in err


def test_an_index_does_not_choose_where_queries_are_sent(
    run: Run, service: tuple[Service, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering, url = service
    built = run("index", "build", "texts.csv", "--at", "theirs", "--model", url)
    assert built[0] == 0, built[2]
    answering.requests.clear()
    for command in (["search", "Who repairs?"], ["update", "texts.csv"]):
        code, _, err = run("index", *command, "--at", "theirs")
        assert code == 2
        assert f"--model {url}" in err
    assert answering.requests == []
    monkeypatch.setenv("METIER_MODEL", url)
    assert run("index", "search", "Who repairs?", "--at", "theirs")[0] == 0


@pytest.mark.parametrize("way", ["option", "environment"])
def test_texts_are_ordered_by_the_reranker_of_a_server(
    way: str, run: Run, qwen3_rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "environment":
        monkeypatch.setenv("METIER_RERANKER", "ours")
    options = ["--reranker", "ours"] if way == "option" else []
    code, out, err = run("rerank", "texts.csv", "-q", "Who repairs?", *options, "--json")
    assert code == 0, err
    expected = qwen3_rt.rerank("Who repairs?", TEXTS)
    assert [(row["text"], row["score"]) for row in json.loads(out)] == [
        (document.text, pytest.approx(document.score, abs=1e-5)) for document in expected
    ]


@pytest.mark.parametrize("command", ["embed", "run"])
def test_an_unknown_profile_is_refused_with_close_names(command: str, run: Run) -> None:
    arguments = {"embed": ["embed"], "run": ["run", "finance/search-filings", "--query", "a"]}
    code, _, err = run(*arguments[command], "texts.csv", "--model", "our")
    assert code == 2
    assert "There is no model 'our'." in err
    assert "Did you mean 'ours'?" in err


def test_a_mistake_in_a_profile_is_shown_with_its_line(run: Run, project: Path) -> None:
    path = project / "metier.toml"
    path.write_text(path.read_text().replace("check", "chek"))
    code, _, err = run("embed", "texts.csv", "--model", "ours")
    assert code == 2
    assert "line 3, column 1: unknown key 'chek'. Did you mean 'check'?" in " ".join(err.split())
