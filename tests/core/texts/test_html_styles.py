"""Style sheets in pages: what they hide is not read, and all else is."""

from __future__ import annotations

import sys

import pytest

from metier.errors import MissingExtraError
from metier.texts.readers.html import html_text


def text_of(css: str, body: str) -> str:
    return html_text(f"<style>{css}</style>{body}")[0]


@pytest.mark.parametrize(
    ("css", "body", "expected"),
    [
        (".a .b{display:none}", "<p class=a><i><b class=b>no</b></i></p><b class=b>yes</b>", "yes"),
        (".a > .b{display:none}", "<b class=a><b class=b>no</b><i><b class=b>yes</b></i></b>",
         "yes"),
        ("#x{visibility: hidden}", "<p id=x>no</p>yes", "yes"),
        ("P.Note{DISPLAY:NONE}", "<p class=Note>no</p><p class=note>yes</p>", "yes"),
        ("[data-kind='print' i]{display:none}", "<p data-kind=Print>no</p>yes", "yes"),
        (":is(.a, .b){display:none}", "<p class=b>no</p>yes", "yes"),
        ("p:not(.a){display:none}", "<p>no</p><p class=a>yes</p>", "yes"),
        ("body.x p{display:none}", "<body class=x><p>no</p>yes", "yes"),
        ("html p{display:none}", "<p>no</p>yes", "yes"),
        # the strongest rule holds
        ("p.a.b{display:block} p.a{display:none}", "<p class='a b'>yes</p>", "yes"),
        ("p{display:none} p{display:block}", "<p>yes</p>", "yes"),
        (".a{display:none}", "<p class=a style='display:block'>yes</p>", "yes"),
        (".a{display:none !important}", "<p class=a style='display:block'>no</p>yes", "yes"),
        ("b{display:none} .a{display:block}", "<p class=a hidden>yes</p>", "yes"),
        (".a{display:block}", "<p><span class=a>one</span><span class=a>two</span>", "one\n\ntwo"),
        (".a > *{display:flex}", "<p class=a><b>one</b><b>two</b>", "one\n\ntwo"),
        # what is visible in an invisible element
        (".a{visibility:hidden} .b{visibility:visible}",
         "<div class=a>no<p class=b>yes</p>no</div>too", "yes\n\ntoo"),
        (".a{display:none} .b{visibility:visible;display:block}",
         "<div class=a>no<p class=b>no</p></div>yes", "yes"),
        # other media, wide screens
        ("@media print{p{display:none}}", "<p>yes</p>", "yes"),
        ("@media not print{p{display:none}}", "<p>no</p>yes", "yes"),
        ("@media screen, print{p{display:none}}", "<p>no</p>yes", "yes"),
        ("@media (max-width:600px){p{display:none}}", "<p>yes</p>", "yes"),
        ("@media (min-width:40em) and (max-width:2000px){p{display:none}}", "<p>no</p>yes", "yes"),
        (r".w\:block{display:none} @media (width >= 48rem){.w\:block{display:block}}",
         "<p class='w:block'>yes</p>", "yes"),
        ("@media (prefers-color-scheme:dark){p{display:none}}", "<p>yes</p>", "yes"),
        ("@supports (display:grid){p{display:none}} @layer x{b{display:none}}",
         "<p>no</p><b>no</b>yes", "yes"),
        # states, parts and siblings hide nothing
        ("p:hover{display:none} p::before{display:none} b + p{display:none}", "<p>yes</p>", "yes"),
        # damaged sheets
        (".a{display:none", "<p class=a>no</p>yes", "yes"),
        ("p{color:red;display:none}} q{", "<p>no</p>yes", "yes"),
        # what is invisible keeps its cell and its number
        ("td.a{visibility:hidden}", "<table><tr><td>1<td class=a>no<td>2</table>", "1 |  | 2"),
        ("li.a{visibility:hidden}", "<ol><li class=a>no<li>b</ol>", "2. b"),
        ("h2{visibility:hidden}", "<h2>no</h2>yes<input style='visibility:hidden' value=no>",
         "yes"),
        # tables and lists
        ("td.a{display:none} tr.a{visibility:collapse}",
         "<table><tr><td>1<td class=a>no<td>2<tr class=a><td>no</table>", "1 | 2"),
        ("ol.a{list-style:none} ol.b{list-style-type:upper-roman}",
         "<ol class=a><li>x</ol><ol class=b><li>y</ol>", "- x\n\nI. y"),
        # a script shows what the sheet hides until then
        ("#app{display:none}", "<div id=app>yes</div>", "yes"),
    ],
)  # fmt: skip
def test_what_a_style_sheet_hides_is_not_read(css, body, expected):
    assert text_of(css, body) == expected


def test_a_style_sheet_for_paper_hides_nothing_on_the_screen():
    assert html_text("<style media=print>p{display:none}</style><p>yes")[0] == "yes"
    assert html_text("<style media='screen, print'>p{display:none}</style><p>no</p>yes")[0] == "yes"


@pytest.mark.parametrize(
    ("css", "body"),
    [
        (".x{display:none}" * 30_000, "<p class=x>x</p>" * 500),
        ("[a]{display:none}" * 5_000, "<p>x</p>" * 2_000),
        ("a " * 140 + "a{display:none}", "<a>" * 2_000),
        ("a " * 50_000 + "{display:none}", "<a>x"),
        ("[(" * 20_000 + ".x{display:none}", "<p class=x>x"),
        ("@media screen{" * 3_000 + ".x{display:none}", "<p class=x>x"),
    ],
)
def test_hostile_style_sheets_are_read_in_bounded_time(css, body):
    assert text_of(css, body + "<p>end").endswith("end")


def test_the_extra_is_named_where_it_is_missing_and_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "tinycss2", None)
    assert text_of("p{color:red}", "<p>yes") == "yes"
    with pytest.raises(MissingExtraError, match=r"metier\[documents\]"):
        text_of("p{display:none}", "<p>yes")
