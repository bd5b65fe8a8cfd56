"""Word documents: all that is shown is read, with the numbers that are shown."""

from __future__ import annotations

import docx
import pytest
from tests.core.texts.word import level, numbered, numbering, paragraph, run, write_word

from metier.texts.texts import Documents


def read(tmp_path, body, **parts):
    """The text of a document with this body."""
    (item,) = Documents.read(write_word(tmp_path / "read.docx", body, **parts))
    return item.text


MARK = "<w:rPr><w:del/></w:rPr>"

FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'

REFERENCE = FIELD.format("begin") + "<w:r><w:instrText>REF a</w:instrText></w:r>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(
            paragraph(f"{run('Rent is ')}<w:ins>{run('nine')}</w:ins><w:del>{run('ten')}</w:del>"
                      f"{run(' pounds.')}"),
            "Rent is nine pounds.", id="insertions are read and deletions are not",
        ),
        pytest.param(
            paragraph(f"<w:moveFrom>{run('Gone. ')}</w:moveFrom>{run('Kept.')}")
            + paragraph(f"<w:moveTo>{run('Gone.')}</w:moveTo>"),
            "Kept.\n\nGone.", id="moved text is where it was moved to",
        ),
        pytest.param(
            paragraph("One clause ", MARK) + paragraph("with another.") + paragraph("Next.", MARK),
            "One clause with another.\n\nNext.", id="a deleted paragraph mark joins two",
        ),
        pytest.param(
            paragraph(f"{run('Name: ')}<w:sdt><w:sdtPr/><w:sdtContent>{run('Ann')}</w:sdtContent>"
                      "</w:sdt>")
            + f"<w:sdt><w:sdtContent>{paragraph('Block')}</w:sdtContent></w:sdt>",
            "Name: Ann\n\nBlock", id="content controls in a line and around paragraphs",
        ),
        pytest.param(
            "<w:tbl><w:sdt><w:sdtContent><w:tr><w:sdt><w:sdtContent>"
            f"<w:tc>{paragraph('a')}</w:tc></w:sdtContent></w:sdt><w:tc>{paragraph('b')}</w:tc>"
            "</w:tr></w:sdtContent></w:sdt></w:tbl>",
            "a | b", id="content controls around rows and cells",
        ),
        pytest.param(
            "<w:tbl>" + "".join(
                f"<w:tr><w:trPr>{mark}</w:trPr><w:tc>{paragraph(text)}</w:tc></w:tr>"
                for mark, text in [("", "a"), ("<w:del/>", "b"), ("<w:hidden/>", "c")]
            ) + "</w:tbl>",
            "a", id="deleted and hidden rows are not read",
        ),
        pytest.param(
            paragraph(f"<w:smartTag>{run('Leeds')}</w:smartTag>{run(', ')}<w:fldSimple>"
                      f"{run('clause 4')}</w:fldSimple>{run(', ')}<w:customXml>{run('x')}"
                      f"</w:customXml>{run(', ')}<w:bdo>{run('y')}</w:bdo>"),
            "Leeds, clause 4, x, y", id="smart tags, simple fields and custom XML",
        ),
        pytest.param(
            paragraph(f"{run('See ')}{REFERENCE}{FIELD.format('begin')}{FIELD.format('separate')}"
                      f"{run('inner')}{FIELD.format('end')}{FIELD.format('separate')}"
                      f"{run('clause 4')}{FIELD.format('end')}{run('.')}"),
            "See clause 4.", id="of a field the result is read, not its instruction",
        ),
        pytest.param(
            paragraph(f"{FIELD.format('begin')}{run('cut')}") + paragraph("Next."),
            "Next.", id="a field without an end hides its own paragraph only",
        ),
        pytest.param(
            paragraph(f"{run('Secret', '<w:vanish/>')}{run('Shown')}"
                      + run(" too", '<w:vanish w:val="0"/>')),
            "Shown too", id="hidden text is not read",
        ),
        pytest.param(
            paragraph("<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" + paragraph("Box")
                      + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
                      + paragraph("Box") + "</w:txbxContent></mc:Fallback>"
                      f"</mc:AlternateContent></w:r>{run('Beside')}"),
            "Beside\n\nBox", id="a text box is read once, after its paragraph",
        ),
        pytest.param(
            paragraph('<w:r><w:pict><v:textpath string="DRAFT"/></w:pict></w:r>'),
            "DRAFT", id="word art",
        ),
        pytest.param(
            paragraph("<w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>profit a</w:t><w:softHyphen/>"
                      '<w:t>b</w:t><w:sym w:font="Symbol" w:char="F0A3"/>'
                      '<w:sym w:font="Wingdings" w:char="F0FE"/><w:br w:type="page"/>'
                      "<w:t>next</w:t></w:r><m:oMath><m:r><m:t>E=m</m:t></m:r></m:oMath>"),
            "non-profit ab\u2264\u2611\nnextE=m", id="hyphens, symbols, breaks and formulas",
        ),
        pytest.param(
            paragraph('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/>'
                      f"</w:checkBox></w:ffData></w:fldChar></w:r>{FIELD.format('end')}"
                      + run(" agreed ") +
                      '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result '
                      'w:val="1"/><w:listEntry w:val="no"/><w:listEntry w:val="yes"/></w:ddList>'
                      f"</w:ffData></w:fldChar></w:r>{FIELD.format('end')}"),
            "\u2612 agreed yes", id="boxes and lists of forms",
        ),
        pytest.param(
            paragraph("<w:r><w:ruby><w:rt>" + run("kana") + "</w:rt><w:rubyBase>" + run("kanji")
                      + "</w:rubyBase></w:ruby></w:r>"),
            "kanji(kana)", id="the reading of characters",
        ),
    ],
)  # fmt: skip
def test_all_that_is_shown_is_read(tmp_path, body, text):
    assert read(tmp_path, body) == text


def math(kind, **parts):
    """An element of a formula with these parts."""
    inner = "".join(
        f"<m:{name}>{part if part.startswith('<') else f'<m:r><m:t>{part}</m:t></m:r>'}</m:{name}>"
        for name, part in parts.items()
    )
    return f"<m:{kind}>{inner}</m:{kind}>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (math("f", num="a+b", den="2"), "(a+b)/2"),
        (math("f", num="1", den=math("f", num="2", den="x")), "1/(2/x)"),
        (math("sSup", e="x", sup="10") + math("sSub", e="x", sub="i"), "x^10x_i"),
        (math("sSubSup", e="x", sub="i+1", sup="2"), "x_(i+1)^2"),
        (math("rad", deg="3", e="x+y"), "3\u221a(x+y)"),
        (math("d", e="a+b"), "(a+b)"),
        ('<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val=""/></m:dPr><m:e><m:r><m:t>a</m:t></m:r>'
         "</m:e></m:d>", "[a"),
        ('<m:nary><m:naryPr><m:chr m:val="\u2211"/></m:naryPr><m:sub><m:r><m:t>i</m:t></m:r>'
         "</m:sub><m:e><m:r><m:t>x</m:t></m:r></m:e></m:nary>", "\u2211_ix"),
        (math("func", fName="sin", e="x"), "sin x"),
        (f"<w:ins>{math('r', t='a')}</w:ins><w:del>{math('r', t='b')}</w:del>", "a"),
    ],
)  # fmt: skip
def test_formulas_keep_what_stands_between_their_parts(tmp_path, formula, text):
    formula = formula.replace("<m:t><m:r><m:t>", "<m:t>").replace("</m:t></m:r></m:t>", "</m:t>")
    assert (
        read(tmp_path, paragraph(f"<m:oMathPara><m:oMath>{formula}</m:oMath></m:oMathPara>"))
        == text
    )


def test_formulas_in_formulas_are_read_in_one_pass(tmp_path):
    formula = "<m:r><m:t>x</m:t></m:r>"
    for _ in range(60):
        formula = math("d", e=formula)
    assert read(tmp_path, paragraph(f"<m:oMath>{formula}</m:oMath>")) == "(" * 60 + "x" + ")" * 60


def table(*rows):
    """A table of cells with any content."""
    cells = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def test_a_table_that_arranges_parts_of_the_page_keeps_their_paragraphs(tmp_path):
    styles = style("H1", "heading 1")
    page = of_style("H1", "Lease") + paragraph("Of a house.") + paragraph("For a year.")
    assert read(tmp_path, table([page]), styles=styles) == "# Lease\n\nOf a house.\n\nFor a year."
    inner = table([paragraph("a"), paragraph("b")], [paragraph("c"), paragraph("d")])
    body = table([paragraph("Fee"), paragraph("5")], [inner + paragraph(""), paragraph("side")])
    assert read(tmp_path, body) == "Fee | 5\n\na | b\nc | d\n\nside"
    # values of a table: headings of columns, short paragraphs
    columns = table(
        [of_style("H1", "A"), of_style("H1", "B")], [paragraph("1") * 2, paragraph("2")]
    )
    assert read(tmp_path, columns, styles=styles) == "A | B\n1 1 | 2"


def test_the_strict_form_of_the_standard_is_read(tmp_path):
    assert read(
        tmp_path, numbered("Text", 1), strict=True, numbering=numbering(level(0, "%1."))
    ) == ("1. Text")


def test_notes_are_below_what_refers_to_them_and_read_once(tmp_path):
    reference = '<w:r><w:{}Reference w:id="{}"/></w:r>'
    notes = "".join(
        f'<w:footnote w:id="{number}">{paragraph(text)}</w:footnote>'
        for number, text in ((0, "separator"), (7, "First note."), (3, "Second note."))
    )
    end = f'<w:endnote w:id="7">{paragraph("At the end.")}</w:endnote>'
    first, second = reference.format("footnote", 7), reference.format("footnote", 3)
    cell = paragraph(f"{run('Fee')}{second}{first}")
    body = (
        paragraph(f"{run('The cap')}{first}{run(' holds.')}")
        + f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>"
        + paragraph(f"{run('Over.')}{reference.format('endnote', 7)}")
    )
    assert read(tmp_path, body, footnotes=notes, endnotes=end).split("\n\n") == [
        "The cap[1] holds.", "[1] First note.", "Fee[2]", "[2] Second note.", "Over.[i]",
        "[i] At the end.",
    ]  # fmt: skip


def test_headers_and_footers_that_are_shown_are_read_once_before_the_text(tmp_path):
    references = "".join(
        f'<w:{kind}Reference w:type="{shown}" r:id="{kind}{number}"/>'
        for kind, shown, number in (
            ("header", "default", 1), ("header", "first", 2), ("header", "even", 3),
            ("footer", "default", 1),
        )
    )  # fmt: skip
    section = f"<w:sectPr>{references}{{}}</w:sectPr>"
    body = paragraph("Text", section.format("")) + section.format("<w:titlePg/>")
    parts = {f"header{number}": paragraph(f"Header {number}") for number in (1, 2, 3)}
    text = read(tmp_path, body, footer1=paragraph("Footer"), **parts)
    assert text == "Header 1\n\nHeader 2\n\nFooter\n\nText"
    even = read(tmp_path, body, settings="<w:evenAndOddHeaders/>", **parts)
    assert even == "Header 1\n\nHeader 3\n\nHeader 2\n\nText"


def style(name, title, properties="", based_on="", more=""):
    base = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{title}"/>{base}'
        f"<w:pPr>{properties}</w:pPr>{more}</w:style>"
    )


def of_style(name, text):
    return paragraph(text, f'<w:pStyle w:val="{name}"/>')


def test_a_style_is_a_heading_by_its_name_its_outline_level_or_what_it_is_based_on(tmp_path):
    styles = (
        style("H1", "heading 1")
        + style("Clause", "Our clause", based_on="H1")
        + style("Sub", "Sub", '<w:outlineLvl w:val="1"/>', based_on="Clause")
        + style("Toc", "TOC Heading", '<w:outlineLvl w:val="9"/>', based_on="H1")
        + style("Loop", "Loop", based_on="Pool")
        + style("Pool", "Pool", based_on="Loop")
    )
    names = ("H1", "Clause", "Sub", "Toc", "Loop", "None")
    body = "".join(of_style(name, name) for name in names)
    body += paragraph("Own", '<w:outlineLvl w:val="2"/>')
    assert read(tmp_path, body, styles=styles).split("\n\n") == [
        "# H1", "# Clause", "## Sub", "Toc", "Loop", "None", "### Own",
    ]  # fmt: skip


def test_text_is_hidden_by_its_style(tmp_path):
    hidden = "<w:rPr><w:vanish/></w:rPr>"
    styles = style("Note", "Note", more=hidden) + style("Sub", "Sub", based_on="Note")
    body = of_style("Sub", "Secret") + of_style("Sub", run("Shown", '<w:vanish w:val="false"/>'))
    assert read(tmp_path, body, styles=styles) == "Shown"


def test_lists_of_several_levels_have_the_numbers_that_are_shown(tmp_path):
    levels = level(0, "%1.") + level(1, "%1.%2") + level(2, "(%3)", "lowerLetter")
    body = "".join(
        numbered(text, 1, index)
        for index, text in [(0, "a"), (1, "b"), (1, "c"), (2, "d"), (2, "e"), (0, "f"), (1, "g"),
                            (2, "h")]
    )  # fmt: skip
    assert read(tmp_path, body, numbering=numbering(levels)).split("\n\n") == [
        "1. a", "1.1 b", "1.2 c", "(a) d", "(b) e", "2. f", "2.1 g", "(a) h",
    ]  # fmt: skip


def test_numbered_headings_are_numbered_by_their_styles(tmp_path):
    levels = (
        level(0, "ARTICLE %1", "upperRoman", '<w:pStyle w:val="H1"/>')
        + level(1, "%1.%2", "decimal", '<w:pStyle w:val="H2"/><w:isLgl/>')
    )  # fmt: skip
    listed = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    styles = (
        style("H1", "heading 1", listed)
        + style("H2", "heading 2", listed)
        + style("Clause", "Clause", based_on="H2")
        + style("Plain", "Plain", '<w:numPr><w:numId w:val="0"/></w:numPr>', based_on="H1")
    )
    body = "".join(of_style(name, name) for name in ("H1", "H2", "Clause", "Plain", "H1", "H2"))
    assert read(tmp_path, body, styles=styles, numbering=numbering(levels)).split("\n\n") == [
        "# ARTICLE I H1", "## 1.1 H2", "## 1.2 Clause", "# Plain", "# ARTICLE II H1", "## 2.1 H2",
    ]  # fmt: skip


def test_lists_share_the_counters_of_their_definition_unless_they_restart(tmp_path):
    lists = (
        '<w:num w:numId="8"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="9"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    body = "".join(numbered("x", list_id) for list_id in (1, 8, 9, 9, 2))
    text = read(tmp_path, body, numbering=numbering(level(0, "%1)"), level(0, "%1)"), lists=lists))
    assert text.split("\n\n") == ["1) x", "2) x", "5) x", "6) x", "1) x"]


def test_a_level_can_go_on_counting(tmp_path):
    levels = level(0, "%1.") + level(1, "Section %2.", more='<w:lvlRestart w:val="0"/>')
    body = "".join(numbered("x", 1, index) for index in (0, 1, 0, 1))
    assert read(tmp_path, body, numbering=numbering(levels)).split("\n\n") == [
        "1. x", "Section 1. x", "2. x", "Section 2. x",
    ]  # fmt: skip


def test_a_definition_can_be_that_of_a_style(tmp_path):
    definition = '<w:numStyleLink w:val="Legal"/>'
    linked = f'<w:styleLink w:val="Legal"/>{level(0, "%1:")}'
    body = numbered("x", 1) + numbered("y", 2)
    text = read(tmp_path, body, numbering=numbering(definition, linked))
    assert text == "1: x\n\n2: y"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("decimal", "28"), ("decimalZero", "28"), ("upperLetter", "BB"), ("lowerRoman", "xxviii"),
     ("ordinal", "28th"), ("cardinalText", "Twenty-eight"), ("ordinalText", "Twenty-eighth"),
     ("none", ""), ("japaneseCounting", "28")],
)  # fmt: skip
def test_numbers_have_their_form(tmp_path, kind, shown):
    body = "".join(numbered("x", 1) for _ in range(28))
    last = read(tmp_path, body, numbering=numbering(level(0, "%1.", kind))).split("\n\n")[-1]
    assert last == f"{shown}. x"


def test_bullets_are_marked_as_in_markdown(tmp_path):
    text = read(tmp_path, numbered("x", 1), numbering=numbering(level(0, "\uf0b7", "bullet")))
    assert text == "- x"


def test_rows_that_are_numbered_say_their_numbers(tmp_path):
    row = f"<w:tr><w:tc>{numbered('', 1)}</w:tc><w:tc>{paragraph('Fee')}</w:tc></w:tr>"
    text = read(tmp_path, f"<w:tbl>{row * 2}</w:tbl>", numbering=numbering(level(0, "%1.")))
    assert text == "1. | Fee\n2. | Fee"


def test_lists_of_python_docx_are_numbered(tmp_path):
    document = docx.Document()
    for title in ("Term", "Fees"):
        document.add_paragraph(title, style="List Number")
        document.add_paragraph("A sentence.")
    document.save(str(tmp_path / "a.docx"))
    assert Documents.read(tmp_path / "a.docx").strings == [
        "1. Term\n\nA sentence.\n\n2. Fees\n\nA sentence."
    ]


def test_inserted_files_are_told(tmp_path):
    body = paragraph("Text") + '<w:altChunk r:id="x"/><w:altChunk r:id="y"/>'
    items = Documents.read(write_word(tmp_path / "a.docx", body))
    assert items.strings == ["Text"]
    assert items.skipped == ("a.docx, 2 inserted files",)
    body = paragraph("Text") + '<w:subDoc r:id="x"/>'
    assert Documents.read(write_word(tmp_path / "b.docx", body)).skipped == (
        "b.docx, 1 inserted file",
    )
