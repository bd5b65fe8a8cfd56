"""Parts of Word documents of many kinds, and where two readers of them differ, with the reason."""

from __future__ import annotations

from tests.core.texts.html_blocks import Difference
from tests.core.texts.word import level, numbering, paragraph, run

_FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
_BEGIN, _SEPARATE, _END = (_FIELD.format(kind) for kind in ("begin", "separate", "end"))


def _instruction(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def _deleted(text: str) -> str:
    return f"<w:del><w:r><w:delText>{text}</w:delText></w:r></w:del>"


def _control(content: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def _table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def _box(content: str) -> str:
    return f"<w:pict><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></w:pict>"


def _entry(text: str, list_id: int, index: int = 0) -> str:
    ids = f'<w:ilvl w:val="{index}"/><w:numId w:val="{list_id}"/>'
    return paragraph(text, f"<w:numPr>{ids}</w:numPr>")


def _math(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


_HEADING = paragraph("{0}", '<w:pStyle w:val="Heading1"/>')

BLOCKS = {
    "paragraphs": paragraph("{0} {1}") + paragraph("{2}"),
    "a word in runs": paragraph(run("{0}") + run("{1}", "<w:b/>")),
    "breaks and tabs": paragraph(
        "<w:r><w:t>{0}</w:t><w:br/><w:t>{1}</w:t><w:tab/><w:t>{2}</w:t></w:r>"
    ),
    "a hyphen that stays": paragraph("<w:r><w:t>{0}</w:t><w:noBreakHyphen/><w:t>{1}</w:t></w:r>"),
    "a soft hyphen": paragraph("<w:r><w:t>{0}</w:t><w:softHyphen/><w:t>{1}</w:t></w:r>"),
    "a heading": _HEADING + paragraph("{1}"),
    "an insertion": paragraph(f"{run('{0} ')}<w:ins>{run('{1}')}</w:ins>"),
    "a deletion": paragraph(f"{run('{0} ')}{_deleted('no')}{run('{1}')}"),
    "a deleted insertion": paragraph(f"<w:ins>{_deleted('no')}</w:ins>{run('{0}')}"),
    "moved text": paragraph(f"<w:moveFrom>{run('no')}</w:moveFrom>{run('{0}')}")
    + paragraph(f"<w:moveTo>{run('{1}')}</w:moveTo>"),
    "a deleted end of paragraph": paragraph("{0} ", "<w:rPr><w:del/></w:rPr>") + paragraph("{1}"),
    "a control in a line": paragraph(f"{run('{0} ')}{_control(run('{1}'))}"),
    "a control of paragraphs": _control(paragraph("{0}") + paragraph("{1}")),
    "a smart tag": paragraph(f"<w:smartTag>{run('{0}')}</w:smartTag>{run(' {1}')}"),
    "a simple field": paragraph(
        f"{run('{0} ')}<w:fldSimple w:instr='REF x'>{run('{1}')}</w:fldSimple>"
    ),
    "a field": paragraph(
        f"{_BEGIN}{_instruction('REF x')}{_SEPARATE}{run('{0}')}{_END}{run(' {1}')}"
    ),
    "a field in a field": paragraph(
        f"{_BEGIN}{_instruction('IF ')}{_BEGIN}{_instruction('REF x')}{_SEPARATE}{run('no')}{_END}"
        f"{_SEPARATE}{run('{0}')}{_END}{run(' {1}')}"
    ),
    "hidden text": paragraph(f"{run('no', '<w:vanish/>')}{run('{0}')}"),
    "a link": paragraph(f"<w:hyperlink w:anchor='x'>{run('{0}')}</w:hyperlink>{run(' {1}')}"),
    "a direction": paragraph(f"<w:bdo w:val='rtl'>{run('{0}')}</w:bdo>{run(' {1}')}"),
    "a table": _table(("{0}", "{1}"), ("{2}", "{3}")),
    "a table in a cell": f"<w:tbl><w:tr><w:tc>{_table(('{0}', '{1}'))}<w:p/></w:tc>"
    f"<w:tc>{paragraph('{2}')}</w:tc></w:tr></w:tbl>",
    "a page in a cell": f"<w:tbl><w:tr><w:tc>{_HEADING}{paragraph('{1}')}</w:tc></w:tr></w:tbl>",
    "a high cell": "<w:tbl>"
    + "".join(
        f"<w:tr><w:tc><w:tcPr><w:vMerge{merge}/></w:tcPr>{paragraph(first)}</w:tc><w:tc>"
        f"{paragraph(second)}</w:tc></w:tr>"
        for merge, first, second in ((' w:val="restart"', "{0}", "{1}"), ("", "", "{2}"))
    )
    + "</w:tbl>",
    "a wide cell": "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>"
    f"{paragraph('{0}')}</w:tc></w:tr><w:tr><w:tc>{paragraph('{1}')}</w:tc><w:tc>"
    f"{paragraph('{2}')}</w:tc></w:tr></w:tbl>",
    "a deleted row": f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('no')}</w:tc></w:tr>"
    f"<w:tr><w:tc>{paragraph('{0}')}</w:tc></w:tr></w:tbl>",
    "a row in a control": f"<w:tbl>{_control('<w:tr><w:tc>' + paragraph('{0}') + '</w:tc></w:tr>')}"
    "</w:tbl>",
    "a text box": paragraph(f"<w:r>{_box(paragraph('{1}'))}</w:r>{run('{0}')}"),
    "a text box with a fallback": paragraph(
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><w:txbxContent>"
        f"{paragraph('{1}')}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback>"
        f"{_box(paragraph('{1}'))}</mc:Fallback></mc:AlternateContent></w:r>{run('{0}')}"
    ),
    "a numbered list": _entry("{0}", 1) + _entry("{1}", 1),
    "a list of two levels": _entry("{0}", 2) + _entry("{1}", 2, 1) + _entry("{2}", 2, 1),
    "a list with bullets": _entry("{0}", 3) + _entry("{1}", 3),
    "an entry whose text is deleted": _entry("{0}", 4)
    + _entry(_deleted("no"), 4).replace("</w:numPr>", "</w:numPr><w:rPr><w:del/></w:rPr>")
    + _entry("{1}", 4),
    "a formula": paragraph(f"{run('{0} ')}<m:oMath>{_math('a+b')}</m:oMath>"),
    "a fraction": paragraph(
        f"{run('{0} ')}<m:oMath><m:f><m:num>{_math('1')}</m:num><m:den>{_math('2')}</m:den></m:f>"
        "</m:oMath>"
    ),
    "a power": paragraph(
        f"{run('{0} ')}<m:oMath><m:sSup><m:e>{_math('c')}</m:e><m:sup>{_math('2')}</m:sup></m:sSup>"
        "</m:oMath>"
    ),
    "readings": paragraph(
        f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('{0}')}</w:rt><w:rubyBase>{run('{1}')}</w:rubyBase>"
        "</w:ruby></w:r>"
    ),
    "a symbol": paragraph(f"{run('{0} ')}<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>"),
    "a box of a form": paragraph(
        "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:checkBox><w:default w:val='1'/>"
        f"</w:checkBox></w:ffData></w:fldChar></w:r>{_instruction('FORMCHECKBOX')}{_END}"
        + run(" {0}")
    ),
    "a footnote": paragraph("<w:r><w:t>{0}</w:t><w:footnoteReference w:id='2'/></w:r>"),
    "a comment": paragraph(
        f"<w:commentRangeStart w:id='0'/>{run('{0}')}<w:commentRangeEnd w:id='0'/><w:r>"
        "<w:commentReference w:id='0'/></w:r>"
    ),
    "custom XML": f"<w:customXml w:element='x'>{paragraph('{0}')}</w:customXml>",
}
"""XML of each kind, with the numbers of its words."""
PARTS = {
    "styles": '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
    "</w:style>",
    "numbering": numbering(
        level(0, "%1."),
        level(0, "%1.") + level(1, "%1.%2"),
        level(0, "\u2022", "bullet"),
        level(0, "%1."),
    ),
    "footnotes": f'<w:footnote w:id="2">{paragraph("below")}</w:footnote>',
}

_GONE = "what was deleted or moved away is no part of the text"

DIFFERENCES = {
    "a hyphen that stays": Difference("{0}-{1}", "{0}{1}", "the hyphen is shown"),
    "moved text": Difference("{0} {1}", "no{0} {1}", _GONE),
    "a deleted row": Difference("{0}", "no {0}", _GONE),
    "a field in a field": Difference("{0} {1}", "no{0} {1}", "it is a part of the instruction"),
    "hidden text": Difference("{0}", "no{0}", "nobody sees it"),
    "a wide cell": Difference("{0} {1} {2}", "{0} {0} {1} {2}", "it is one cell of one row"),
    "a text box": Difference(
        "{0} {1}", "{1} {0}", "a box beside a paragraph is read after it, which it would divide"
    ),
    "a text box with a fallback": Difference(
        "{0} {1}", "{1} {1} {0}", "the fallback is for programs that cannot show the box"
    ),
    "a numbered list": Difference("1. {0} 2. {1}", "1) {0} 2) {1}", "a dot is what is shown"),
    "a list of two levels": Difference(
        "1. {0} 1.1 {1} 1.2 {2}", "1) {0} 1) {1} 2) {2}", "the numbers are those that are shown"
    ),
    "an entry whose text is deleted": Difference(
        "1. {0} 2. {1}", "1) {0} 2) 3) {1}", "an entry that is deleted has no number"
    ),
    "a formula": Difference("{0} a+b", "{0} <latex>a+b</latex>", "no tag is in the formula"),
    "a fraction": Difference("{0} 1/2", "{0} <latex>12</latex>", "a half is not twelve"),
    "a power": Difference("{0} c^2", "{0} <latex>c2</latex>", "the exponent is raised"),
    "readings": Difference("{1}({0})", "{0}{1}", "the reading stands above the characters"),
    "a symbol": Difference(
        "{0} \N{BALLOT BOX WITH CHECK}",
        "{0} <span style=font-family:Wingdings>&#x00FE;</span>",
        "a checked box is shown",
    ),
    "a footnote": Difference(
        "{0}[1] [1] below", "{0}----footnote2----", "the note is below its paragraph"
    ),
}
