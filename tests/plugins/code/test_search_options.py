"""Options of code/search: kinds of queries, filters, several queries, the index as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metier import Runtime
from metier.errors import ParameterError, UsageError
from metier.testing.fakes import FakeEmbedder
from metier_code.query_kind import embedded_text, kind_of
from metier_code.search_result import CodeSearchResult

SOURCES = {
    "shop/cart.py": '''"""The cart."""


class Cart:
    """What is bought."""

    def total(self, rate):
        """The price with tax."""
        price = sum(item.price for item in self.items)
        return price * (1 + rate)

    def clear(self):
        self.items = []
''',
    "shop/price.js": "export function taxed(price, rate) {\n  return price * (1 + rate);\n}\n",
    "tests/check.go": "package check\n\nfunc Total(price int) int { return price }\n",
}


@pytest.fixture(scope="module")
def words_rt() -> Runtime:
    return Runtime(FakeEmbedder(), plugins=["code"], progress=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for name, text in SOURCES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def search(rt: Runtime, tree: Path, query: str = "price", **options: object) -> CodeSearchResult:
    result = rt.run("code/search", tree, query, keep_index=False, **options)
    assert isinstance(result, CodeSearchResult)
    return result


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("read a date in ISO format", "words"),
        ("where is parse_date(text) called from", "words"),
        ("split a text by lines.\nthen count its words", "words"),
        ("cart.total()", "code"),
        ("def add(a, b):\n    return a + b", "code"),
        ("if (price == null) { return 0; }", "code"),
    ],
)
def test_the_shape_of_a_query_says_whether_it_is_code(query: str, kind: str) -> None:
    assert kind_of(query) == kind


def test_code_is_embedded_as_definitions_are_with_its_name_in_words() -> None:
    code = "function totalPrice(cart) {\n  return cart.sum();\n}"
    assert embedded_text(code, "code") == f"total price\n{code}"
    assert embedded_text(code, "words") == code
    assert embedded_text("def add(a, b):\n    return a + b", "code").startswith("def add")


def test_code_is_searched_with_the_instruction_for_code(words_rt: Runtime, tree: Path) -> None:
    found = search(words_rt, tree, "return price * (1 + rate);")
    assert found.query_kind == "code"
    assert [used.id for used in found.record.instructions] == ["code/code-to-code@1"]
    assert found.hits[0].name == "taxed"
    as_words = search(words_rt, tree, "return price * (1 + rate);", query_kind="words")
    assert [used.id for used in as_words.record.instructions] == ["code/function-search@1"]


def test_a_hit_says_what_it_is_and_where(words_rt: Runtime, tree: Path) -> None:
    hit = next(hit for hit in search(words_rt, tree).hits if hit.name == "Cart.total")
    lines = SOURCES["shop/cart.py"].splitlines()
    assert (hit.location, hit.end_line, hit.kind) == ("shop/cart.py:7", 10, "method")
    assert hit.text == "\n".join(lines[6:10])
    assert Path(hit.file) == (tree / "shop/cart.py").resolve()
    assert {match.line for match in hit.matching_lines} <= set(range(7, 11))
    row = search(words_rt, tree).rows()[0]
    assert list(row)[:4] == ["rank", "id", "location", "score"]
    assert row["language"] in ("Python", "JavaScript", "Go")


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({"language": "python"}, {"shop/cart.py"}),
        ({"language": ("py", "golang")}, {"shop/cart.py", "tests/check.go"}),
        ({"language": ("Go", "javascript")}, {"shop/price.js", "tests/check.go"}),
        ({"files": "shop/**"}, {"shop/cart.py", "shop/price.js"}),
        ({"files": ("*.go", "shop/*.js")}, {"shop/price.js", "tests/check.go"}),
        ({"kind": "method"}, {"shop/cart.py"}),
        ({"kind": "function", "files": "shop/"}, {"shop/price.js"}),
        ({"kind": "function", "files": "shop"}, {"shop/price.js"}),
    ],
)
def test_filters_leave_out_other_definitions(
    words_rt: Runtime, tree: Path, options: dict[str, object], paths: set[str]
) -> None:
    assert {hit.path for hit in search(words_rt, tree, **options).hits} == paths


def test_filters_that_match_nothing_name_what_there_is(words_rt: Runtime, tree: Path) -> None:
    with pytest.raises(ParameterError, match="Did you mean 'Python'"):
        search(words_rt, tree, language="pyton")
    with pytest.raises(ParameterError, match=r"(?s)No file matches 'lib/.*shop/cart\.py"):
        search(words_rt, tree, files="lib/*")
    with pytest.raises(ParameterError, match="No file matches"):
        search(words_rt, tree, files="*" * 5_000 + "z")  # as one star, which takes no time
    with pytest.raises(ParameterError, match="There is nothing to look for"):
        words_rt.run("code/search", tree, keep_index=False)


def test_conditions_that_nothing_meets_say_so(words_rt: Runtime, tree: Path) -> None:
    result = search(words_rt, tree, language="go", kind="method")
    assert not result.hits
    assert result.remarks[-1].endswith("The tree has Go, JavaScript, Python.")


def test_several_queries_have_hits_of_their_own(words_rt: Runtime, tree: Path) -> None:
    rows = [{"id": "tax", "text": "price with tax"}, {"id": "empty", "text": "clear items"}]
    found = words_rt.run("code/search", tree, queries=rows, keep_index=False, language="Python")
    assert [query.id for query in found.queries] == ["tax", "empty"]
    tax, empty = (query.hits for query in found.queries)
    assert (tax[0].location, empty[0].location) == ("shop/cart.py:7", "shop/cart.py:12")


def test_a_result_says_what_changed_since_the_index_was_written(
    words_rt: Runtime, tmp_path: Path
) -> None:
    source = tmp_path / "cart.py"
    source.write_text("def add(price): return price\n", encoding="utf-8")
    with pytest.raises(UsageError, match="There is no index of"):
        words_rt.run("code/search", tmp_path, "price", update="never")
    fresh = words_rt.run("code/search", tmp_path, "price")
    assert (fresh.changed, fresh.indexed, fresh.record.texts_recalled) == ((), None, 0)
    source.write_text("def subtract(rate): return -rate\n", encoding="utf-8")
    result = words_rt.run("code/search", tmp_path, "price", update="never")
    assert [hit.text for hit in result.hits] == ["def add(price): return price"]
    content = json.loads(result.to_json())
    assert content["changed"] == ["cart.py"]
    assert content["indexed"].endswith("+00:00")
    assert result.notes()[-1].startswith("1 file changed since the index was written")
