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


def test_a_file_without_a_tag_is_refused(tmp_path):
    (tmp_path / "a.html").write_text('{"text": "one"}')
    with pytest.raises(InputError, match=r"a.html is not an HTML file"):
        Texts.read(tmp_path / "a.html")


def test_a_page_without_text_is_refused(tmp_path):
    (tmp_path / "a.htm").write_text("<html><body><div id=app></div><script>go()</script>")
    with pytest.raises(InputError, match=r"a.htm holds no text"):
        Documents.read(tmp_path / "a.htm")


def test_a_page_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "a.html").write_bytes("<p>cr\u00e8me".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        Documents.read(tmp_path / "a.html")
