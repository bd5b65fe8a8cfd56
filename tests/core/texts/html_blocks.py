"""Parts of pages of many kinds, and where two readers of them differ, with the reason."""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """What two readers read of a kind of block, and why ours is right.

    Attributes:
        ours: words of this reader.
        theirs: words of the other.
        why: the reason.
    """

    ours: str
    theirs: str
    why: str


BLOCKS = {
    "paragraphs": "<p>{0} {1}</p><p>{2}</p>",
    "unclosed paragraphs": "<p>{0} {1}<p>{2}",
    "inline elements": "<p>{0} <b>{1}</b><i>{2}</i> <a href=x>{3}</a></p>",
    "a word in elements": "<p><b>{0}</b>{1}<span>{2}</span></p>",
    "misnested elements": "<p>{0} <b>{1} <i>{2}</b> {3}</i> {4}</p>",
    "line breaks": "<p>{0}<br>{1}<br/>{2}</p>",
    "a break opportunity": "<p>{0}<wbr>{1}</p>",
    "headings": "<h1>{0}</h1>{1}<h3>{2} <em>{3}</em></h3>{4}",
    "a heading in a link": "<a href=x><h2>{0}</h2>{1}</a>",
    "a heading of a button": "<h2><button>{0}</button></h2><div>{1}</div>",
    "divisions": "<div>{0}<div>{1}</div>{2}</div>",
    "sections": "<section>{0}</section><article>{1}</article><aside>{2}</aside>",
    "a header and a footer": "<header>{0}</header>{1}<footer>{2}</footer>",
    "navigation": "<nav><a href=x>{0}</a></nav>{1}",
    "centered blocks": "<center>{0}</center><center>{1}</center>{2}",
    "a field set": "<fieldset><legend>{0}</legend>{1}</fieldset>",
    "details": "<details><summary>{0}</summary>{1}</details>{2}",
    "an open dialog": "{0}<dialog open>{1}</dialog>{2}",
    "a figure": "<figure><img alt=no src=x>{0}<figcaption>{1}</figcaption></figure>",
    "a picture with words": "<p>{0} <img src=x alt='{1}'> {2}</p>",
    "a quotation": "<blockquote>{0}</blockquote><p>{1} <q>{2}</q></p>",
    "a list": "<ul><li>{0}</li><li>{1}</li></ul>",
    "an unclosed list": "<ul><li>{0}<li>{1}</ul>",
    "a list in a list": "<ul><li>{0}<ul><li>{1}</ul><li>{2}</ul>",
    "a numbered list": "<ol><li>{0}<li>{1}</ol>",
    "a list that starts at four": "<ol start=4><li>{0}<li>{1}</ol>",
    "a list that counts down": "<ol reversed><li>{0}<li>{1}</ol>",
    "a list with letters": "<ol type=a><li>{0}<li>{1}</ol>",
    "an entry with a number": "<ol><li>{0}<li value=7>{1}</ol>",
    "paragraphs in entries": "<ol><li><p>{0}<p>{1}<li>{2}</ol>",
    "a list of terms": "<dl><dt>{0}<dd>{1}<dt>{2}<dd>{3}</dl>",
    "a table": "<table><tr><th>{0}<th>{1}<tr><td>{2}<td>{3}</table>",
    "a table of parts": "<table><thead><tr><td>{0}<tbody><tr><td>{1}<tfoot><tr><td>{2}</table>",
    "a caption": "<table><caption>{0}</caption><tr><td>{1}</table>",
    "a wide cell": "<table><tr><td colspan=2>{0}<tr><td>{1}<td>{2}</table>",
    "a high cell": "<table><tr><td rowspan=2>{0}<td>{1}<tr><td>{2}</table>",
    "an empty cell": "<table><tr><td><td>{0}<tr><td>{1}<td>{2}</table>",
    "paragraphs in cells": "<table><tr><td><p>{0}</p><p>{1}</p><td>{2}</table>",
    "a table in a cell": "<table><tr><td><table><tr><td>{0}<td>{1}</table><td>{2}</table>",
    "a table that arranges": "<table><tr><td><h2>{0}</h2><p>{1}</p><td>{2}</table>",
    "preformatted text": "<pre>{0}\n  {1}\n</pre>{2}",
    "code": "<p>{0} <code>{1}</code> <kbd>{2}</kbd></p>",
    "entities": "<p>{0}&amp;{1}&nbsp;{2} &lt;{3}&gt; &#8364;</p>",
    "a soft hyphen": "<p>{0}&shy;{1}</p>",
    "raised and lowered": "<p>{0}<sub>2</sub> {1}<sup>3</sup></p>",
    "readings": "<p><ruby>{0}<rp>(</rp><rt>{1}</rt><rp>)</rp></ruby></p>",
    "scripts and styles": "<p>{0}</p><script>'<p>no</p>'</script><style>p {{}}</style>{1}",
    "comments": "<p>{0}<!-- <p>no</p> -->{1}</p><!--> {2}",
    "a page for no script": "<p>{0}</p><noscript>no</noscript>{1}",
    "a frame": "<p>{0}<iframe src=x>no</iframe>{1}</p>",
    "templates": "<template><p>no</p></template>{0}",
    "fallbacks": "<p>{0}</p><video src=x>no</video><object data=x>no</object>{1}",
    "hidden": "<p hidden>no</p>{0}",
    "hidden by a style": "<p style='display: none'>no</p>{0}",
    "hidden by a class": "<style>.gone {{display: none}}</style><p class=gone>no</p>{0}",
    "invisible": "<p style='visibility: hidden'>no <b style='visibility: visible'>{0}</b></p>{1}",
    "a picture of shapes": "<p>{0}<svg><title>no</title><path d='M0'/></svg>{1}</p>",
    "a self-closed picture": "<p>{0}</p><svg/><p>{1}</p>",
    "a formula": "<p>{0} <math><mi>{1}</mi><mo>=</mo><mn>2</mn></math> {2}</p>",
    "a fraction": "<p>{0} <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> {1}</p>",
    "fields": "<form>{0} <input value={1}> <input type=hidden value=no> {2}</form>",
    "a choice": "<form>{0} <select><option>no<option selected>{1}</select></form>",
    "a text field": "<form>{0} <textarea>{1}</textarea></form>",
    "buttons": "<p>{0} <button>Copy</button> {1}</p>",
    "labels": "<p><label>{0} <input></label> <label>{1}</label></p>",
    "a block by its style": "<span style='display: block'>{0}</span>{1}",
    "elements of scripts": "<my-card>{0}</my-card> <my-card>{1}</my-card>",
    "text in a table": "<table>{0}<tr><td>{1}</table>",
    "directions": "<p>{0} <bdo dir=rtl>{1}</bdo> <bdi>{2}</bdi></p>",
    "old elements": "<font size=2>{0}</font> <tt>{1}</tt> <marquee>{2}</marquee>",
}
"""Markup of each kind, with the numbers of its words."""


_SHOWN = "nobody sees what is left out"
_APART = "these elements are blocks, and words of two blocks are two words"
_NUMBERS = "the numbers that the page shows are read"

DIFFERENCES = {
    "a word in elements": Difference(
        "{0}{1}{2}", "{0}{1} {2}", "nothing stands between the parts of the word"
    ),
    "navigation": Difference("{1}", "{0} {1}", "links to other pages are no part of the text"),
    "centered blocks": Difference("{0} {1} {2}", "{0}{1}{2}", _APART),
    "a field set": Difference("{0} {1}", "{0}{1}", _APART),
    "details": Difference("{0} {1} {2}", "{0}{1}{2}", _APART),
    "an open dialog": Difference("{0} {1} {2}", "{0}{1}{2}", _APART),
    "a list of terms": Difference("{0} {1} {2} {3}", "{0}{1}{2}{3}", _APART),
    "a quotation": Difference(
        "{0} {1} \u201c{2}\u201d", '{0} {1} "{2}"', "both write quotation marks, as a browser does"
    ),
    "a list in a list": Difference("{0} {1} {2}", "{0} + {1} {2}", "the other has more bullets"),
    "a list that starts at four": Difference("4. {0} 5. {1}", "1. {0} 2. {1}", _NUMBERS),
    "a list that counts down": Difference("2. {0} 1. {1}", "1. {0} 2. {1}", _NUMBERS),
    "a list with letters": Difference("a. {0} b. {1}", "1. {0} 2. {1}", _NUMBERS),
    "a high cell": Difference(
        "{0} {1} {0} {2}", "{0} {1} {2}", "a cell belongs to all rows that it spans"
    ),
    "paragraphs in cells": Difference(
        "{0} {1} {2}", "{0} {2} {1}", "a cell is read to its end before the next"
    ),
    "a table that arranges": Difference(
        "{0} {1} {2}", "{0} {2} {1}", "a part of the page is read to its end before the next"
    ),
    "a soft hyphen": Difference(
        "{0}{1}", "{0}\u00ad{1}", "it is shown at the end of lines only, and no search has it"
    ),
    "a page for no script": Difference("{0} {1}", "{0} no{1}", _SHOWN),
    "a frame": Difference("{0}{1}", "{0}no{1}", _SHOWN),
    "templates": Difference("{0}", "no {0}", _SHOWN),
    "fallbacks": Difference("{0} {1}", "{0} nono{1}", _SHOWN),
    "hidden": Difference("{0}", "no {0}", _SHOWN),
    "hidden by a class": Difference("{0}", "no {0}", _SHOWN),
    "invisible": Difference("{0} {1}", "no {0} {1}", _SHOWN),
    "a fraction": Difference("{0} 1/2 {1}", "{0} 12 {1}", "a half is not twelve"),
    "fields": Difference("{0} {1} {2}", "{0} {2}", "a field shows its value"),
    "a choice": Difference("{0} {1}", "{0} no{1}", "a closed list shows the entry that is chosen"),
    "buttons": Difference("{0} {1}", "{0} Copy {1}", "what a button does is no part of the text"),
}
