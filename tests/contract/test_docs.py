"""The documentation cannot drift: its examples run, its packs validate, its lists are complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.generate.pictures import FOLDER, PICTURES
from tests.contract.pages import PAGES, ROOT, anchors_of, blocks_of, links_of
from tests.contract.walk import Walk, difference

import metier
import metier.evaluation
import metier.plugin
import metier.testing
from metier.assertion.rules import AssertionRules
from metier.datafiles.loader import load_data
from metier.datafiles.yaml_parser import parse_yaml
from metier.registry.checklist import ChecklistChanges
from metier.registry.pack import load_domain, load_pack
from metier.runtime.runtime import Runtime
from metier.testing import plugin
from metier.texts.abbreviations import AbbreviationFile

DOCS = ROOT / "docs"
RUNNABLE = ("python", "console", "bash")
WITH_THEIR_OWN_CACHE = {"docs/cache.md", "docs/code.md", "plugins/code/README.md"}
"""Pages that show what a cache or a kept index holds."""
KNOWN_LANGUAGES = {*RUNNABLE, "mermaid", "yaml", "toml", "text", "{eval-rst}", "{toctree}"}


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def walked(page: Path) -> bool:
    return any(block.language in RUNNABLE for block in blocks_of(page))


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Compute in one thread: two that wait for each other on a shared core are slower by far."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of vectors for most pages: they show the same samples, which are embedded once."""
    return tmp_path_factory.mktemp("vectors")


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("page", [page for page in PAGES if walked(page)], ids=named)
def test_every_example_of_a_page_does_what_the_page_says(
    page, vectors, tmp_path, monkeypatch, capsys
):
    if named(page) not in WITH_THEIR_OWN_CACHE:
        monkeypatch.setenv("METIER_CACHE", "1")
        monkeypatch.setenv("METIER_CACHE_DIR", str(vectors))
    walk = Walk(tmp_path, monkeypatch, capsys)
    try:
        for block in blocks_of(page):
            walk.follow(block)
    finally:
        walk.forget()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_yaml_block_is_a_file_that_loads(page, tmp_path):
    for number, block in enumerate(blocks_of(page)):
        if block.language != "yaml" or block.not_run is not None:
            continue
        path = tmp_path / f"{number}.yaml"
        path.write_text(block.code, encoding="utf-8")
        content = parse_yaml(block.code, str(block)).content
        if "rules" in content:
            AssertionRules.load(content["language"], path)
            continue
        if "abbreviations" in content:
            assert load_data(path, AbbreviationFile).abbreviations
            continue
        if "questions" in content:
            assert load_data(path, ChecklistChanges).questions
            continue
        domain = load_domain(path) if "workflows" in content else load_pack(path)
        brings = (domain.instructions, domain.taxonomy, domain.checklist, domain.hypotheses)
        assert any(brings), f"{block} brings nothing"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_says_its_language(page):
    for block in blocks_of(page):
        assert block.language in KNOWN_LANGUAGES, f"{block}: {block.language!r}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_inside_the_repository_lead_somewhere(page):
    for link in links_of(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{named(page)} links to {link}"
        if anchor:
            assert anchor in anchors_of(target), f"{named(page)} links to {link}"


def test_every_picture_is_taken_by_the_script_and_told_in_words():
    texts = [page.read_text("utf-8") for page in PAGES]
    shown = [found for text in texts for found in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text)]
    assert all(len(words.split()) > 5 for words, _ in shown)
    assert {Path(path).name for _, path in shown} == PICTURES.keys()
    assert {path.name for path in FOLDER.iterdir()} == PICTURES.keys()


PUBLIC = [
    *(f"metier.{name}" for name in metier.__all__ if name != "__version__"),
    *(
        f"metier.plugin.{name}"
        for name, home in metier.plugin._HOMES.items()
        if name not in metier.__all__ and home != "metier.errors"  # all of which is on the page
    ),
    *(f"metier.testing.{name}" for name in metier.testing.__all__),
    *(f"metier.evaluation.{name}" for name in metier.evaluation.__all__),
]


def test_every_public_name_is_in_the_api_reference():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    listed = {*re.findall(r":: (\S+)$", page, re.MULTILINE)}
    assert sorted({*PUBLIC} - listed) == []


def test_every_fixture_of_the_pytest_plugin_is_in_the_api_reference():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    kind = type(plugin.fake_embedder)
    made = {name for name, one in vars(plugin).items() if isinstance(one, kind)}
    assert made == set(re.findall(r"^.. autofunction:: (\w+)\(\)$", page, re.MULTILINE))


def test_every_instruction_and_workflow_is_on_the_domains_page():
    page = (DOCS / "domains.md").read_text(encoding="utf-8")
    rt = Runtime(model="embedded", plugins=["finance", "healthcare", "code", "legal"])
    missing = [name for name in rt.workflows if f"`{name}`" not in page]
    for one in rt.instructions.list():
        row = f"| `{one.full_id}` | {one.kind} | {one.dim} | {one.sides} | {one.task} |"
        if row not in page:
            missing.append(row)
    assert missing == []


def test_a_shown_output_may_leave_out_lines_and_differ_in_the_last_decimals():
    printed = "one\ntwo  0.123\nthree\nfour\n"
    assert difference("one\ntwo 0.12\n...\nfour", printed) is None
    assert difference("t... 0.123", printed) is None
    assert difference("t... 0.124", printed) is None
    assert difference("t... 0.2", printed) is not None
    assert difference("... 0.123...", "two  0.123 and more") is None
    assert difference("two 0.2", printed) is not None
    assert difference("four\n...\none", printed) is not None
