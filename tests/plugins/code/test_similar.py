"""code/similar: the result that people and programs get."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.plugins.code.clones import sources

from metier import Runtime
from metier.cli.main import main
from metier.errors import InputError, ParameterError
from metier_code.clones.report import CloneMember, CloneReport


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with two clones of a function, one in a test, and a function without clones."""
    root = tmp_path / "tree"
    for path, source in {
        "billing/invoices.py": sources.PYTHON,
        "billing/thumbnails.py": sources.PYTHON_OTHER,
        "library/loans.py": f"class Desk:\n{indent(sources.PYTHON_RENAMED)}",
        "tests/test_invoices.py": sources.PYTHON_LOGGED,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(source)
    return root


def indent(source: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in source.splitlines(True))


def names(report: CloneReport) -> list[list[str]]:
    return [[member.name for member in group.members] for group in report.groups]


def test_the_samples_hold_clones_of_each_type(rt: Runtime, samples: Callable[[str], Path]) -> None:
    report = rt.run("code/similar", samples("metier_code"))
    assert report.headline() == (
        "4 groups of clones: 8 of 29 functions compared, about 33 lines to spare"
    )
    assert [(group.type, group.members[1].path) for group in report.groups] == [
        (3, "warehouse/suppliers.py"),
        (1, "warehouse/limits.py"),
        (2, "warehouse/picking.js"),
        (3, "warehouse/suppliers.py"),
    ]
    assert CloneReport.model_validate_json(report.to_json()) == report


def test_groups_say_where_their_members_stand_and_what_differs(rt: Runtime, tree: Path) -> None:
    report = rt.run("code/similar", tree)
    (group,) = report.groups
    assert [member.location for member in group.members] == [
        "billing/invoices.py:2-14", "library/loans.py:3-15", "tests/test_invoices.py:2-15",
    ]  # fmt: skip
    assert [member.name for member in group.members] == [
        "open_invoices", "Desk.stale_loans", "open_invoices",
    ]  # fmt: skip
    assert (group.type, group.files, group.members[1].similarity) == (3, 3, 1.0)
    rows = report.rows()
    assert rows[0]["difference"] == ""
    difference = rows[2]["difference"].splitlines()
    assert difference[:2] == [
        "--- billing/invoices.py:2-14 open_invoices",
        "+++ tests/test_invoices.py:2-15 open_invoices",
    ]
    assert '+    log.debug("looking through %d", len(invoices))' in difference
    assert "-            total += invoice.amount" in difference


def test_the_page_holds_the_difference_as_a_diff(rt: Runtime, tree: Path) -> None:
    report = rt.run("code/similar", tree)
    clones = report.tables()[1]
    shown = clones.rows[2][[column.name for column in clones.fields].index("difference")]
    assert shown.language == "diff"
    assert "+            total += round(invoice.amount)" in report.to_html()


def test_rows_count_what_a_group_has_once_and_not_for_each_member(
    rt: Runtime, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = rt.run("code/similar", tree)
    (group,) = report.groups
    large = group.model_copy(update={"members": group.members * 40})
    counted: list[int] = []
    monkeypatch.setattr(CloneMember, "lines", property(lambda member: counted.append(1) or 13))
    rows = report.model_copy(update={"groups": (large,)}).rows()
    assert {(row["spared_lines"], row["files"]) for row in rows} == {(large.spared_lines, 3)}
    assert len(counted) < 5 * len(rows)


def test_what_merging_spares_most_comes_first(rt: Runtime, tmp_path: Path) -> None:
    body = sources.PYTHON.replace("open_invoices", "{}")
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(body.format(name))
    longer = sources.JAVA + sources.JAVA.replace("class Ledger", "class Journal")
    (tmp_path / "D.java").write_text(longer)
    report = rt.run("code/similar", tmp_path)
    assert names(report) == [["a", "b", "c"], ["Ledger.late", "Journal.late"]]
    assert [group.spared_lines for group in report.groups] == [26, 13]


def test_tests_and_patterns_of_paths_are_left_out_if_asked_for(rt: Runtime, tree: Path) -> None:
    assert len(rt.run("code/similar", tree, tests=False).groups[0].members) == 2
    report = rt.run("code/similar", tree, exclude=["library/*", "tests/*"])
    assert (report.groups, report.compared, report.definitions) == ((), 2, 4)
    assert report.headline().startswith("0 groups of clones")
    assert report.tables() == []


def test_short_functions_are_compared_if_asked_for(rt: Runtime, tmp_path: Path) -> None:
    getters = "\n\n".join(
        f"class {name}:\n    def total(self):\n        return self._total" for name in ("A", "B")
    )
    (tmp_path / "getters.py").write_text(getters)
    assert rt.run("code/similar", tmp_path).groups == ()
    report = rt.run("code/similar", tmp_path, min_lines=1, min_tokens=1)
    assert names(report) == [["A.total", "B.total"]]


def test_types_are_chosen(rt: Runtime, tree: Path) -> None:
    assert rt.run("code/similar", tree, types=[1]).groups == ()
    chosen = rt.run("code/similar", tree, types=2)
    assert names(chosen) == [["open_invoices", "Desk.stale_loans"]]
    with pytest.raises(ParameterError, match="no clones of type 7"):
        rt.run("code/similar", tree, types=[3, 7])


def test_what_does_the_same_in_another_language_is_type_4(
    rt: Runtime, samples: Callable[[str], Path]
) -> None:
    shop = samples("metier_code") / "shop"
    paths = [shop / name for name in ("cart.js", "money.py", "cart.py", "mailer.py")]
    report = rt.run("code/similar", paths, types=4, min_lines=1, min_tokens=20)
    found = {tuple(sorted(member)) for member in names(report)}
    assert ("formatPrice", "format_amount") in found
    assert {(group.type, group.spared_lines) for group in report.groups} == {(4, 0)}
    assert report.notes()[0].startswith("Type 4 is found by vectors, and is less certain")
    chosen = rt.run(
        "code/similar", paths, definition="formatPrice", types=[3, 4], min_lines=1, min_tokens=20
    )
    assert names(chosen) == [["formatPrice", "format_amount"]]


@pytest.mark.parametrize("named", ["Desk.stale_loans", "stale_loans", "library/loans.py:9"])
def test_the_clones_of_one_function_are_found_by_its_name_or_its_line(
    rt: Runtime, tree: Path, named: str
) -> None:
    report = rt.run("code/similar", tree, definition=named)
    assert report.headline() == "2 clones of Desk.stale_loans among 4 functions"
    assert names(report) == [["Desk.stale_loans", "open_invoices", "open_invoices"]]
    assert report.groups[0].members[1].path == "billing/invoices.py"  # the most similar first


def test_a_function_that_is_not_there_is_an_error_with_close_names(rt: Runtime, tree: Path) -> None:
    with pytest.raises(ParameterError, match="no function 'stale_loan'") as error:
        rt.run("code/similar", tree, definition="stale_loan")
    assert "Desk.stale_loans" in str(error.value)
    with pytest.raises(ParameterError, match=r"no function 'library/loans\.py:1'") as error:
        rt.run("code/similar", tree, definition="library/loans.py:1")
    assert "Desk" in str(error.value)
    with pytest.raises(ParameterError, match="2 functions are called") as error:
        rt.run("code/similar", tree, definition="open_invoices")
    assert "billing/invoices.py:2" in str(error.value)


def test_the_clones_of_a_piece_of_code_are_found(rt: Runtime, tree: Path) -> None:
    report = rt.run("code/similar", tree, code=sources.PYTHON_MIXED_UP)
    assert report.headline() == "3 clones of the given code among 4 functions"
    assert report.groups[0].members[1].path == "billing/invoices.py"
    assert report.groups[0].members[0].language == "Python"
    with pytest.raises(ParameterError, match="Did you mean 'Python'"):
        rt.run("code/similar", tree, code="x = 1", language="pyton")
    with pytest.raises(InputError, match="no code in it"):
        rt.run("code/similar", tree, code="# nothing", language="python")
    with pytest.raises(ParameterError, match="both given"):
        rt.run("code/similar", tree, code="x = 1", definition="stale_loans")
    with pytest.raises(ParameterError, match="which is not given"):
        rt.run("code/similar", tree, language="python")


def test_a_tree_without_functions_is_an_error(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(InputError, match="no functions"):
        rt.run("code/similar", tmp_path)


def test_what_cannot_be_read_is_named(rt: Runtime, tree: Path) -> None:
    (tree / "broken.py").write_bytes(b"def f(:\n    pass\n")
    report = rt.run("code/similar", tree)
    assert [entry.location for entry in report.skipped] == ["broken.py"]
    assert len(report.groups) == 1


def test_the_command_line_has_the_same_options(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    types = ["--types", "2", "--types", "3"]
    assert main(["run", "code/similar", str(tree), *types, "--no-tests", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [member["path"] for member in printed["groups"][0]["members"]] == [
        "billing/invoices.py",
        "library/loans.py",
    ]
