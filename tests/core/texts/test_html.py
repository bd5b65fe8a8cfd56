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
    row = "<table><tr>" + "<td> " * 200_000 + "<td>a" * 200_000
    assert text_of(row) == "a" + " | a" * 199_999


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
