from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.plugins.code import recorded_traces as recorded

from metier import Runtime
from metier.cli.main import main
from metier.errors import InputError, MetierWarning, ParameterError, UsageError
from metier_code.locate import locate
from metier_code.locations import LocatedReport, LocationResult
from metier_code.traces.frame_matching import FrameMatch, match_frame
from metier_code.traces.function_names import name_parts
from metier_code.traces.trace import Frame
from metier_code.traces.tree_definitions import TreeDefinitions, tree_definitions
from metier_code.trees.tree_index import open_tree_index

SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": """
class Cart:
    def __init__(self, lines):
        self.lines = lines

    def total(self):
        return sum(price_of(line) for line in self.lines)


def price_of(line):
    if "price" not in line:
        raise ValueError(f"there is no price for {line['sku']} in this list")
    return line["price"]
""",
    "shop/checkout.py": """
from shop.cart import Cart


def check_out(lines, mail):
    cart = Cart(lines)
    mail("Thank you for your order")
    return cart.total()


def describe(lines):
    return f"there is no price for {len(lines)} in this list"
""",
    "shop/dates.py": '''
def parse_day(text):
    """Read a calendar day."""
    return int(text)
''',
    "tests/test_cart.py": """
from shop.cart import Cart


def test_total():
    assert Cart([{"sku": "a"}]).total() == 0
""",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("tree") / "web", SHOP)


@pytest.fixture(scope="module")
def programs(rt: Runtime, tmp_path_factory: pytest.TempPathFactory) -> TreeDefinitions:
    """The sources of the recorded traces."""
    return read(rt, written(tmp_path_factory.mktemp("programs"), recorded.SOURCES))


@pytest.fixture(scope="module")
def shop_tree(rt: Runtime, shop: Path) -> TreeDefinitions:
    return read(rt, shop)


def read(rt: Runtime, folder: Path) -> TreeDefinitions:
    return tree_definitions(open_tree_index(rt, [folder], keep=False))


def written(folder: Path, sources: dict[str, str]) -> Path:
    for name, text in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def failure(shop: Path, code: str) -> str:
    """What Python prints where code fails in the shop."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False).stderr


@pytest.fixture(scope="module")
def trace(shop: Path) -> str:
    code = "from shop.checkout import check_out\ncheck_out([{'sku': 'A1'}], print)"
    return failure(shop, code)


def names(report: LocatedReport) -> list[str]:
    return [function.passage.name for function in report.functions]


def of_frames(report: LocatedReport) -> list[str]:
    """Names of the functions that a trace leads to, the likeliest first."""
    return [function.passage.name for function in report.functions if "frames" in function.scores]


def test_the_frames_of_a_trace_come_first_from_where_it_was_thrown(
    rt: Runtime, shop: Path, trace: str
) -> None:
    report = locate(rt, shop, f"The shop fails at the end.\n\n{trace}").reports[0]

    assert names(report)[:3] == ["price_of", "Cart.total", "check_out"]
    first = report.functions[0]
    assert first.passage.path == "shop/cart.py"
    assert first.passage.matching_lines[0].line == 12
    assert first.reasons[0] == "frame 1 of the trace (ValueError)"
    assert 'raises or reports this message: "there is no price for…in this list"' in first.reasons


def test_a_trace_of_another_machine_and_an_older_version_is_matched(
    rt: Runtime, shop: Path, trace: str
) -> None:
    older = trace.replace(str(shop), "/srv/app").replace("line 12", "line 90")

    report = locate(rt, shop, older).reports[0]

    assert of_frames(report) == ["price_of", "Cart.total", "check_out"]
    assert report.frames[0].how == "code"
    bare = "\n".join(line for line in older.splitlines() if not line.startswith("    "))
    how = [frame.how for frame in locate(rt, shop, bare).reports[0].frames]
    assert how[0] == "name in file"


def test_a_message_alone_leads_to_what_raises_it(rt: Runtime, shop: Path) -> None:
    report = locate(rt, shop, "I get: there is no price for B7 in this list").reports[0]

    assert names(report)[0] == "price_of"
    assert report.functions[0].reasons[0].startswith("raises or reports this message")
    assert report.frames == ()


def test_a_name_in_the_words_leads_to_its_function(rt: Runtime, shop: Path) -> None:
    report = locate(rt, shop, "Reports of `parse_day` are off by one.").reports[0]

    assert names(report)[0] == "parse_day"
    assert "the report names parse_day" in report.functions[0].reasons


def test_a_trace_without_frames_in_the_tree_warns_and_says_which(rt: Runtime, shop: Path) -> None:
    outside = failure(shop, "import json\njson.loads('x')")

    with pytest.warns(MetierWarning, match=r"No frame of the stack trace .* raw_decode \("):
        result = locate(rt, shop, outside)

    assert all(not frame.how for frame in result.reports[0].frames)
    assert any("frames are outside of the tree" in note for note in result.notes())


def test_several_reports_are_located_at_once(
    rt: Runtime, shop: Path, trace: str, tmp_path: Path
) -> None:
    rows = [{"id": "a", "query": trace, "team": "web"}, {"id": "b", "query": "calendar day"}]

    result = locate(rt, shop, queries=rows, top_k=2)

    assert [report.id for report in result.reports] == ["a", "b"]
    frame = result.to_frame()
    assert list(frame["report_id"]) == ["a", "a", "b", "b"]
    assert frame["name"][0] == "price_of"
    assert frame["team"][0] == "web"
    assert LocationResult.model_validate_json(result.to_json()) == result
    assert "price_of" in result.to_html()
    titles = [table.title for table in result.tables()]
    assert titles[0] == "The likeliest function of each report"


def test_the_command_reads_a_file_and_writes_json(
    shop: Path, trace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "crash.log"
    lines = [f"2024-03-01 10:00:00 ERROR {line}\r\n" for line in trace.splitlines()]
    log.write_bytes("".join([*lines, "caf\u00e9"]).encode("cp1252"))
    options = ["--report", str(log), "--model", "embedded", "--no-cache"]

    assert main(["run", "code/locate", str(shop), *options, "--json"]) == 0

    result = json.loads(capsys.readouterr().out)
    assert result["reports"][0]["functions"][0]["passage"]["name"] == "price_of"


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({}, ParameterError, "There is no report"),
        ({"query": "a", "report": "crash.log"}, ParameterError, "in 2 ways"),
        ({"query": "  \n"}, InputError, "The report is empty"),
        ({"report": "nowhere.log"}, InputError, "cannot be read: no such file"),
    ],
)
def test_a_report_that_is_missing_is_an_error(
    rt: Runtime, shop: Path, options: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        locate(rt, shop, **options)


def test_a_tree_that_is_missing_or_has_no_functions_is_an_error(
    rt: Runtime, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="There is no path"):
        locate(rt, tmp_path / "gone", "it fails")
    with pytest.raises(InputError, match="There are no sources"):
        locate(rt, tmp_path, "it fails")


def matched(programs: TreeDefinitions, text: str) -> Iterator[tuple[str, str]]:
    """The function of each frame as it is written, and that of the tree."""
    from metier_code.traces.reading import read_traces

    for trace in read_traces(text):
        for frame in trace.frames:
            match = match_frame(frame, programs)
            held = [programs.definitions[index].definition.name for index in match.definitions]
            yield frame.function.rpartition(".")[2], ", ".join(held)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (recorded.NODE, ["checkout", "main", "priceOf", "Cart.total", "", "Cart.total",
                         "checkout", "main"]),
        (recorded.JAVA, ["Cart.Checkout.run", "Cart.main", "", "", "", "Cart.priceOf",
                         "Cart.total", "", "", "Cart.total", "Cart.Checkout.run"]),
        (recorded.GDB, ["price_of", "cart_total", "main"]),
        (recorded.ASAN, ["price_of", "cart_total", "main", "", "", ""]),
        (recorded.RUST, ["", "", "", "price_of", "Cart.total", "", "Cart.total", "main", ""]),
    ],
    ids=["node", "java", "gdb", "asan", "rust"],
)  # fmt: skip
def test_recorded_traces_lead_to_the_functions_of_their_sources(
    programs: TreeDefinitions, text: str, expected: list[str]
) -> None:
    found = [name for _, name in matched(programs, text)]

    assert [name for name in found if name] == [name for name in expected if name]
    assert found[: len(expected)] == expected[: len(found)]


def frame_of(tree: TreeDefinitions, **fields: object) -> FrameMatch:
    return match_frame(Frame(**{"language": "Python", **fields}), tree)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [
    "/srv/app/shop/cart.py", r"C:\work\shop\cart.py", "shop/cart.py", "./shop/cart.py",
    "file:///srv/shop/cart.py", "/usr/lib/python3/site-packages/shop/cart.py",
])  # fmt: skip
def test_paths_are_compared_from_their_ends(shop_tree: TreeDefinitions, path: str) -> None:
    match = frame_of(shop_tree, path=path, line=12, function="price_of")

    assert (match.how, match.paths) == ("line", ("shop/cart.py",))


@pytest.mark.parametrize(("path", "function"), [
    ("/usr/lib/python3.11/json/cart.py", "loads"),
    ("/venv/lib/python3.11/site-packages/other/cart.py", "load"),
    ("/srv/other/basket.py", "total"),
    ("node:internal/cart.py", "price_of"),
])  # fmt: skip
def test_files_of_libraries_are_outside(
    shop_tree: TreeDefinitions, path: str, function: str
) -> None:
    assert not frame_of(shop_tree, path=path, line=12, function=function).in_tree


def test_files_of_one_name_are_all_said(rt: Runtime, tmp_path: Path) -> None:
    for package in ("one", "two"):
        written(tmp_path, {f"{package}/views.py": "def show(page):\n    return page.title\n"})
    text = 'Traceback (most recent call last):\n  File "views.py", line 2, in show\nKeyError: 1\n'

    report = locate(rt, tmp_path, text).reports[0]

    assert report.frames[0].paths == ("one/views.py", "two/views.py")
    assert [function.scores["frames"] for function in report.functions] == [0.5, 0.5]
    assert "may be in several files" in report.remarks[0]


def test_minified_frames_are_said(rt: Runtime, tmp_path: Path) -> None:
    written(tmp_path, {"app.js": "function total(cart) { return cart.sum; }\n"})
    text = "TypeError: x is undefined\n    at t (https://shop.example/main.4f3a2b1c.js:1:90210)\n"

    with pytest.warns(MetierWarning, match="No frame"):
        report = locate(rt, tmp_path, text).reports[0]

    assert report.frames[0].minified
    assert "source map" in " ".join(report.remarks)


@pytest.mark.parametrize(("written_name", "parts"), [
    ("shop::Cart::total::{{closure}}", ("shop", "Cart", "total")),
    ("com.acme.Cart.lambda$total$0", ("com", "acme", "Cart", "total")),
    ("_ZN4shop4Cart5totalEv", ("shop", "Cart", "total")),
    ("<shop::Cart as core::fmt::Display>::fmt", ("shop", "Cart", "fmt")),
    ("example.com/cart.(*Cart).Total", ("example", "com", "cart", "Cart", "Total")),
    ("main.main.func1", ("main", "main")),
    ("Acme.Checkout.<RunAsync>d__3.MoveNext", ("Acme", "Checkout", "RunAsync")),
    ("block (2 levels) in total", ("total",)),
    (r"Shop\Cart->total", ("Shop", "Cart", "total")),
    ("anonymous fn/1 in Shop.Cart.total/1", ("Shop", "Cart", "total")),
    ("Cart.total.<anonymous closure>", ("Cart", "total")),
    ("<module>", ()),
    ("std::map<int, std::less<int> >::at(int const&)", ("std", "map", "at")),
])  # fmt: skip
def test_names_in_traces_become_names_of_sources(written_name: str, parts: tuple[str, ...]) -> None:
    assert name_parts(written_name) == parts
