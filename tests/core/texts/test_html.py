"""HTML: what a person reads of a page, whatever the page is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.errors import InputError
from metier.texts.readers.html import html_text
from metier.texts.texts import Documents, Texts


def text_of(markup: str) -> str:
    return html_text(markup)[0]


def test_a_page_is_one_document_with_its_title(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(
        "<!doctype html><html><head><title> Caf&eacute;\n menu </title><style>p {}</style></head>"
        "<body><nav><a href=/>Home</a></nav><h1>Today</h1><p>Soup &amp; bread<p>Fish</body></html>"
    )
    for kind in (Texts, Documents):
        (item,) = kind.read(path)
        assert (item.id, item.title) == ("a.html", "Caf\u00e9 menu")
        assert item.text == "# Today\n\nSoup & bread\n\nFish"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>one <b>bold</b>\n  word</p>", "one bold word"),
        ("<p>one<br>two", "one\ntwo"),
        ("<h2>A <i>sub</i><br>title</h2>text", "## A sub title\n\ntext"),
        ("<ul><li>one<li><p>two</p></ul>", "- one\n\n- two"),
        ("<table><tr><th>a<th>b</tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n1 | 2"),
        ("<pre>if x:\n    y\n</pre>z", "if x:\n    y\n\nz"),
        ("<p>a<script>if (b < c) '</p>'</script>d", "ad"),
        ("<p>a<!-- no > -- --><!doctype x><?php no ?>b", "ab"),
        ("<p>1 < 2 & 3 &lt; 4 <5", "1 < 2 & 3 < 4 <5"),
        ("<p>&#x4f60;&#22909;", "\u4f60\u597d"),
        ("<div role='navigation'><div>x</div>y</div>z", "z"),
        ("<nav><nav>x</nav>y</nav>z", "z"),
        ('<p><a title="a > b">x</a>', "x"),
        ("<p>x<template><p>y</p></template><svg><title>t</title></svg>", "x"),
        ("<STYLE>a</style ><P>x", "x"),
        ("<p>x</p><img alt='no'", "x"),
    ],
)
def test_what_a_person_reads_is_kept(markup, expected):
    assert text_of(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        # what ends by itself hides nothing that follows
        ("<p>x</p><svg viewBox='0 0 1 1'/><p>y", "x\n\ny"),
        ("<p>x<math display=inline /><p>y", "x\n\ny"),
        ("<p>a<svg><g/><path d='M0'/><text>no</text></svg>b", "ab"),
        ("<p>a</p><svg><path><p>b</p>", "a\n\nb"),
        ("<p>a<svg><style/><script/></svg>b", "ab"),
        ("<select><option>x</select>y", "y"),
        # headings made of a button
        ("<h3><button type=button>2. Term</button></h3><p>A year.", "### 2. Term\n\nA year."),
        ("<button><h3>Fees</h3></button><p>None. <button>Copy</button>", "### Fees\n\nNone."),
        ("<dl><dt><button>Question</button><dd>Answer</dl>", "Question\nAnswer"),
        ("<details><summary><button>More</button></summary>All</details>", "More\n\nAll"),
        ("<div role=heading aria-level=4><button>Part</button></div>x", "#### Part\n\nx"),
        # blocks of every kind stand apart
        ("<center>a</center><center>b</center>c", "a\n\nb\n\nc"),
        ("<fieldset><legend>Terms</legend>Accept</fieldset>", "Terms\n\nAccept"),
        ("a<dialog open>b</dialog>c", "a\n\nb\n\nc"),
        ("<span style='display: block'><span>a</span>b</span>c", "ab\n\nc"),
        # cells
        ("<table><tr><td><td><p>2020</p><td><p>2021</p><tr><td><p>Cost</p><td>5<td>6</table>",
         " | 2020 | 2021\nCost | 5 | 6"),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a b | c"),
        ("<table><tr><th><h4>A</h4><th>B<tr><td>1</table>", "A | B\n1"),
        ("<table><tr><td rowspan=2>A<td>1<tr><td>2<tr><td>B<td>3</table>", "A | 1\nA | 2\nB | 3"),
        ("<table><tr><td>a</td><td></td></tr></table>", "a"),
        ("<table><tr><td><h1>Page</h1><p>one<p>two</td><td>aside</table>",
         "# Page\n\none\n\ntwo\n\naside"),
        ("<table><tr><td><table><tr><td>x<td>y<tr><td>z</table><td>w</table>", "x | y\nz\n\nw"),
        ("<table><caption>Cap<tr><td>a<tr><td>b</table>", "Cap\na\nb"),
        ("<table><tr><td><pre>1\n2</pre><td><pre>x\n y</pre></table>", "1\n2\n\nx\n y"),
        # what is hidden
        ("<p>a<p hidden>b<p style='color:red;DISPLAY : none'>c<p>d", "a\n\nd"),
        ("<p>a<span hidden>b<span>c</span></span>d", "ad"),
        ("<ul><li hidden>a<li>b</ul>", "- b"),
        ("<table><tr><td>a<td hidden>b<td>c<tr style='display:none'><td>d</table>", "a | c"),
        ("<form hidden><div>a</div></form>b", "b"),
        ("<p style='visibility: hidden'>a</p>b", "b"),
        ("<div hidden><svg><path/></svg></div>b", "b"),
        ("<p hidden style='display:block'>shown", "shown"),
        ("<p style='visibility:hidden'>a<b style='visibility:visible'>b</b>c</p>d", "b\n\nd"),
        ("<p>a <q>b <q>c</q></q> d", "a \u201cb \u201cc\u201d\u201d d"),
        ("<p hidden><q>a</q></p>b", "b"),
        ("<body style='display:none'>shown when its script ran", "shown when its script ran"),
        ("<p>so&shy;ft", "soft"),
    ],
)  # fmt: skip
def test_the_text_is_what_a_person_sees(markup, expected):
    assert text_of(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<ol start=3><li>a<li value=9>b<li>c</ol>", "3. a\n9. b\n10. c"),
        ("<ol reversed><li>a<li>b<ol><li>x</ol><li>c</ol>", "3. a\n2. b\n\n1. x\n\n1. c"),
        ("<ol reversed start=10><li>a<li>b</ol>", "10. a\n9. b"),
        ("<ol type=a start=26><li>a<li>b</ol><ol type=I><li>c</ol>", "z. a\naa. b\n\nI. c"),
        ("<ol type=i><li>a<li type=A>b</ol>", "i. a\nB. b"),
        ("<ol style='list-style: lower-alpha'><li>a</ol>", "a. a"),
        ("<ol><li><h2>Term</h2><p>A year.<li><h2>Fees</h2></ol>",
         "## 1. Term\n\nA year.\n\n## 2. Fees"),
        ("<ol><li><p>a</p><p>b</p><li>c</ol>", "1. a\n\nb\n\n2. c"),
        ("<ol><li>a<ol type=a><li>b</ol>c<li>d</ol>", "1. a\n\na. b\n\nc\n2. d"),
        ("<ol><li><ol type=a><li>x<li>y</ol><li>b</ol>", "1. a. x\nb. y\n\n2. b"),
        ("<table><tr><td><ol><li>a<li>b</ol><td>c</table>", "1. a 2. b | c"),
        ("<ol><li hidden>no<li>a</ol>", "1. a"),
        ("<ol><li>a<ul><li>x</ul><li>b</ol>", "1. a\n\n- x\n\n2. b"),
        # numbers that are typed, not shown or none
        ("<ol style='list-style:none'><li>4.1 Fees</ol>", "- 4.1 Fees"),
        ("<ol><li style='display:block'>a</ol>", "- a"),
        ("<li>a<menu><li>b</menu>", "- a\n\n- b"),
    ],
)  # fmt: skip
def test_entries_of_lists_have_the_numbers_that_are_shown(markup, expected):
    assert text_of(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>Let <math><mi>x</mi><mo>=</mo><mn>2</mn></math> hold", "Let x=2 hold"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "1/2"),
        ("<math><semantics><msup><mi>c</mi><mn>2</mn></msup><annotation>c^2 again</annotation>"
         "</semantics></math>", "c^2"),
        ("<p>Name <input value=Ann> <input type=password value=no> <input type=submit value=no>",
         "Name Ann"),
        ("<p><input type=checkbox checked>Pets <input type=radio>Smoking", "\u2612Pets Smoking"),
        ("<select><option>one<option selected>two</option><option>three</select> years",
         "two years"),
        ("<p>I<select><option selected>go<option selected>run</select><textarea>far</textarea>now",
         "I go run far now"),
        ("<p>Note: <textarea rows=2>Call &amp; write</textarea>", "Note: Call & write"),
        ("<p>a</p><xmp>if x:\n    y</xmp>b", "a\n\nif x:\n    y\n\nb"),
    ],
)  # fmt: skip
def test_formulas_and_values_of_forms_are_read(markup, expected):
    assert text_of(markup) == expected


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("a.xhtml", "<html><head><script src='x.js'/><title>T</title></head><body>x</body></html>"),
        ("a.html", "<?xml version='1.0'?><html><head><style/></head><body>x</body></html>"),
        (
            "a.html",
            "<!doctype html><html lang='en' xmlns='http://www.w3.org/1999/xhtml'><iframe/>x",
        ),
        ("a.xhtml", "<html><body><div hidden='hidden'/><![CDATA[x]]></body></html>"),
    ],
)
def test_elements_of_xhtml_end_themselves(tmp_path, name, markup):
    (tmp_path / name).write_text(markup)
    (item,) = Documents.read(tmp_path / name)
    assert item.text == "x"


def test_a_page_in_a_table_keeps_its_paragraphs():
    article = "".join(f"<p>{'word ' * 50}{number}</p>" for number in range(5))
    assert text_of(f"<table><tr><td>side<td>{article}</table>").count("\n\n") == 5


@pytest.mark.parametrize(
    ("begin", "repeated"),
    [
        ("", "<table><tr><td>x"),
        ("<div hidden>", "<b></span>"),
        ("", "<svg>"),
        ("<table>" + "<td rowspan=65534>long text" * 500, "<tr><td>x"),
        ("<table><tr><td>" * 30, "x<p>"),
        ("", "<p><font color=1>"),
    ],
)
def test_hostile_pages_are_read_in_one_pass_and_do_not_grow(begin, repeated):
    page = begin + repeated * 5_000
    assert len(text_of(page)) < 4 * len(page)


@given(st.text() | st.text("<>/!-='\"& abp\n"))
def test_any_text_can_be_read(markup):
    assert isinstance(text_of(markup), str)


@pytest.mark.parametrize(
    "piece", ["<!--", "<![", "</", "<a ", "<", "<?", "<a b='", "&#", "<script>", "<p><", "<a=\"'>"]
)
def test_a_page_of_things_never_closed_is_read_in_one_pass(piece):
    # read again from each of them it would take minutes
    assert text_of("<p>before</p>" + piece * 20_000).startswith("before")


def test_a_row_of_any_number_of_cells_is_read_in_one_pass():
    # its text put together for each of them it would take minutes
    row = "<table><tr>" + "<td> " * 50_000 + "<td>a" * 50_000
    assert text_of(row) == " | " * 50_000 + "a" + " | a" * 49_999


def test_a_file_without_a_tag_is_refused(tmp_path):
    (tmp_path / "a.html").write_text('{"text": "one"}')
    with pytest.raises(InputError, match=r"a.html is not an HTML file"):
        Texts.read(tmp_path / "a.html")


def test_a_page_without_text_is_refused(tmp_path):
    (tmp_path / "a.htm").write_text("<html><body><div id=app></div><script>go()</script>")
    with pytest.raises(InputError, match=r"a.htm holds no text"):
        Documents.read(tmp_path / "a.htm")


@pytest.mark.parametrize(
    ("declared", "encoding", "word"),
    [
        ("<meta charset=windows-1252>", "cp1252", "caf\u00e9 \u201cfive\u201d \u20ac"),
        ("<meta charset='iso-8859-1'>", "cp1252", "caf\u00e9 \u201cfive\u201d \u20ac"),
        ("", "cp1252", "caf\u00e9 \u20ac"),
        ("<meta charset=no-such-thing>", "cp1252", "caf\u00e9"),
        ("<meta charset=utf-8>", "utf-8", "caf\u00e9"),
        ("<meta charset=windows-1252>", "utf-8", "caf\u00e9 \u4e2d\u6587"),
        ("<meta http-equiv='Content-Type' content='text/html; charset=koi8-r'>", "koi8-r",
         "\u043f\u0440\u0438\u0432\u0435\u0442"),
        ("<meta charset=Shift_JIS>", "cp932", "\u65e5\u672c\u8a9e\u2460"),
        ("<meta charset=gb2312>", "gb18030", "\u4e2d\u6587\u9555"),
        ("<meta charset=iso-2022-jp>", "iso-2022-jp", "\u65e5\u672c\u8a9e"),
        ("<!-- <meta charset=koi8-r> -->", "utf-16", "caf\u00e9"),
        ("", "utf-8-sig", "caf\u00e9"),
    ],
)  # fmt: skip
def test_a_page_is_decoded_as_a_browser_does(tmp_path, declared, encoding, word):
    markup = f"<html><head>{declared}<title>{word}</title></head><body><p>{word}</body></html>"
    (tmp_path / "a.html").write_bytes(markup.encode(encoding))
    (item,) = Documents.read(tmp_path / "a.html")
    assert (item.title, item.text) == (word, word)


def test_a_byte_that_its_encoding_has_not_is_replaced_and_no_reason_to_refuse_the_page(tmp_path):
    (tmp_path / "a.html").write_bytes(b"<meta charset=utf-8><p>cr\xe8me br\xfbl\xe9e")
    (item,) = Documents.read(tmp_path / "a.html")
    assert item.text == "cr\ufffdme br\ufffdl\ufffde"


def test_what_is_no_page_at_all_is_refused(tmp_path):
    (tmp_path / "a.html").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff<p>")
    with pytest.raises(InputError, match="zero bytes"):
        Documents.read(tmp_path / "a.html")
