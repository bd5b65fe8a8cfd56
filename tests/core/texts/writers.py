"""Writers of generated documents: libraries of other people, in several layouts."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import polars
import pyarrow as pa
import xlsxwriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from fpdf import FPDF
from jinja2 import Environment
from lxml import html as lxml_html
from lxml.builder import E
from markdown_it import MarkdownIt
from pptx import Presentation
from pptx.util import Inches
from pyarrow import parquet
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    ListFlowable,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Table,
)
from tests.core.texts.generated import Block

DECOY = "nobodyseesthis"
"""In what is deleted, hidden or a comment."""
HEADER = "Lease of the house"
"""On each page of a PDF."""

# --- text and HTML --------------------------------------------------------------------------------


def plain_text(blocks: list[Block], path: Path, chance: random.Random) -> None:
    texts = ("\n".join("\t".join(row) for row in block.rows) for block in blocks)
    path.write_text("\n\n".join(texts))


def markdown(blocks: list[Block], path: Path, chance: random.Random) -> None:
    path.write_text(_markdown(blocks, str))


def _markdown(blocks: list[Block], written: Callable[[str], str]) -> str:
    parts = []
    for block in blocks:
        if block.kind == "heading":
            parts.append("#" * block.level + " " + written(block.text))
        elif block.kind == "table":
            head, *rows = (f"| {' | '.join(map(written, row))} |" for row in block.rows)
            parts.append("\n".join([head, "|---" * len(block.rows[0]) + "|", *rows]))
        elif block.kind == "paragraph":
            parts.append(written(block.text))
        else:
            mark = "-" if block.kind == "bullets" else "1."
            parts.append("\n".join(f"{mark} {written(text)}" for (text,) in block.rows))
    return "\n\n".join(parts)


def html_of_markdown(blocks: list[Block], path: Path, chance: random.Random) -> None:
    def escaped(text: str) -> str:
        return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>&~" else c for c in text)

    renderer = MarkdownIt("commonmark").enable("table")
    path.write_text(renderer.render(_markdown(blocks, escaped)))


def html_of_lxml(blocks: list[Block], path: Path, chance: random.Random) -> None:
    body = E.body()
    for block in blocks:
        if block.kind == "table":
            rows = [E.tr(*(E.td(*_spans(cell, chance)) for cell in row)) for row in block.rows]
            body.append(E.table(E.tbody(*rows)))
        elif block.kind in ("bullets", "numbers"):
            entries = [E.li(E.p(*_spans(text, chance))) for (text,) in block.rows]
            body.append(E.ul(*entries) if block.kind == "bullets" else E.ol(*entries))
        else:
            tag = f"h{block.level}" if block.kind == "heading" else "p"
            body.append(E(tag, *_spans(block.text, chance)))
        body.append(chance.choice([E.p(DECOY, hidden=""), E.script(DECOY), E.nav(DECOY)]))
    page = E.html(E.head(E.title("Title"), E.style(".gone {display: none}")), body)
    encoding = chance.choice(["utf-8", "ascii"])
    path.write_bytes(
        lxml_html.tostring(page, encoding=encoding, pretty_print=chance.random() < 0.5)
    )


def _spans(text: str, chance: random.Random) -> Iterator[Any]:
    """Words in elements of several kinds, some of which are divided by elements."""
    for word in text.split(" "):
        cut = chance.randint(0, len(word))
        kind = chance.choice(["", "b", "a", "span", "gone", "nested"])
        if kind == "":
            yield f"{word} "
        elif kind == "gone":
            yield E.span(DECOY, **{"class": "gone"})
            yield f"{word} "
        elif kind == "nested":
            yield E.em(word[:cut], E.strong(E.u(word[cut:])), " ")
        else:
            yield E(kind, word)
            yield " "


_TEMPLATE = """<!doctype html><html><head><meta charset=utf-8><title>Title</title></head><body>
<div class=page><div>{% for block in blocks %}
{% if block.kind == "heading" %}<section><h{{ block.level }}>{{ block.text }}</h{{ block.level }}>
</section>{% elif block.kind == "paragraph" %}<details><summary></summary><div><span>
{{ block.text }}</span></div></details><!-- nobodyseesthis -->
{% elif block.kind == "table" %}<table><thead>{% for row in block.rows %}<tr>{% for cell in row %}
<td><div>{{ cell }}</div>{% endfor %}{% endfor %}</table>
{% else %}<{{ "ul" if block.kind == "bullets" else "ol" }}>
{% for row in block.rows %}<li>{{ row[0] }}{% endfor %}
</{{ "ul" if block.kind == "bullets" else "ol" }}>{% endif %}
{% endfor %}</div></div>"""


def html_of_jinja(blocks: list[Block], path: Path, chance: random.Random) -> None:
    path.write_text(Environment(autoescape=True).from_string(_TEMPLATE).render(blocks=blocks))


def html_of_pandas(blocks: list[Block], path: Path, chance: random.Random) -> None:
    parts = []
    for block in blocks:
        if block.kind == "table":
            frame = pd.DataFrame(block.rows)
            with pd.option_context("display.max_colwidth", None):
                parts.append(frame.to_html(index=False, header=False))
        else:
            tag = f"h{block.level}" if block.kind == "heading" else "p"
            parts += [f"<{tag}>{escape(text)}</{tag}>" for (text,) in block.rows]
    path.write_text("\n".join(parts))


def xhtml(blocks: list[Block], path: Path, chance: random.Random) -> None:
    html_of_lxml(blocks, path, chance)
    tree = lxml_html.fromstring(path.read_bytes().decode())
    lxml_html.html_to_xhtml(tree)
    path.write_bytes(lxml_html.tostring(tree, method="xml", encoding="utf-8"))


# --- Word -----------------------------------------------------------------------------------------


def word(blocks: list[Block], path: Path, chance: random.Random) -> None:
    document = docx.Document()
    for block in blocks:
        if block.kind == "table":
            table = document.add_table(rows=len(block.rows), cols=len(block.rows[0]))
            for row, cells in zip(table.rows, block.rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        elif block.kind == "heading":
            document.add_heading(block.text, level=block.level)
        else:
            style = {"bullets": "List Bullet", "numbers": "List Number"}.get(block.kind)
            for (text,) in block.rows:
                document.add_paragraph(text, style=style)
    document.save(str(path))


def word_with_changes(blocks: list[Block], path: Path, chance: random.Random) -> None:
    """Runs in insertions, content controls and links, deletions and hidden text between them."""
    document = docx.Document()
    for block in blocks:
        for row in block.rows:
            target: Any = document
            if block.kind == "table":
                target = document.add_table(rows=1, cols=1).cell(0, 0)
            paragraph = target.add_paragraph()
            if block.kind == "heading":
                paragraph.style = f"Heading {block.level}"
            for word in " ".join(row).split(" "):
                _add_word(paragraph, word, chance)
            if chance.random() < 0.2:  # a content control around the whole paragraph
                _wrap(paragraph._p, "w:sdt")
            if chance.random() < 0.2 and block.kind == "paragraph":
                gone = document.add_paragraph()
                gone.add_run(DECOY)
                _wrap(gone._p.r_lst[0], "w:del")
    document.save(str(path))


_WRAPPERS = ("w:ins", "w:sdt", "w:smartTag", "w:hyperlink", "w:moveTo", "w:bdo", "w:fldSimple")


def _add_word(paragraph: Any, word: str, chance: random.Random) -> None:
    cut = chance.randint(0, len(word))
    for piece in (word[:cut], f"{word[cut:]} "):
        element = paragraph.add_run(piece)._r
        for _ in range(chance.randint(0, 2)):
            kind = chance.choice(
                ["w:ins", "w:sdt", "w:smartTag", "w:hyperlink", "w:moveTo", "w:bdo"]
            )
            element = _wrap(element, kind)
    if chance.random() < 0.2:
        run = paragraph.add_run(DECOY)
        if chance.random() < 0.5:
            run.font.hidden = True
        else:
            _wrap(run._r, chance.choice(["w:del", "w:moveFrom"]))


def _wrap(element: Any, name: str) -> Any:
    wrapper = OxmlElement(name)
    element.addprevious(wrapper)
    inner = wrapper
    if name == "w:sdt":
        wrapper.append(OxmlElement("w:sdtPr"))
        inner = OxmlElement("w:sdtContent")
        wrapper.append(inner)
    if name == "w:del":
        for text in element.iter(qn("w:t")):
            text.tag = qn("w:delText")
    inner.append(element)
    return wrapper


# --- PDF ------------------------------------------------------------------------------------------


def _flowables(blocks: list[Block], font: str) -> list[Any]:
    # a word that a writer divides without a hyphen is whole for nobody
    plain = ParagraphStyle("plain", fontName=font, fontSize=9, leading=12, splitLongWords=0)
    head = ParagraphStyle("head", parent=plain, fontSize=13, leading=18, spaceBefore=9)
    parts: list[Any] = []
    for block in blocks:
        if block.kind == "table":
            rows = [[Paragraph(escape(cell), plain) for cell in row] for row in block.rows]
            parts.append(Table(rows))
        elif block.kind in ("bullets", "numbers"):
            entries = [Paragraph(escape(text), plain) for (text,) in block.rows]
            kind = "bullet" if block.kind == "bullets" else "1"
            parts.append(
                ListFlowable(
                    entries, bulletType=kind, bulletFormat=None if kind == "bullet" else "%s."
                )
            )
        else:
            parts.append(Paragraph(escape(block.text), head if block.kind == "heading" else plain))
    return parts


def pdf_of_reportlab(blocks: list[Block], path: Path, chance: random.Random) -> None:
    registerFont(TTFont("Vera", "Vera.ttf"))

    def furniture(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawCentredString(A4[0] / 2, 20, f"- {document.page} -")

    document = SimpleDocTemplate(str(path), pagesize=A4)
    parts = _flowables(blocks, chance.choice(["Helvetica", "Vera"]))
    document.build(parts, onFirstPage=furniture, onLaterPages=furniture)


def pdf_of_two_columns(blocks: list[Block], path: Path, chance: random.Random) -> None:
    width, height = A4
    frames = [Frame(x, 40, width / 2 - 20, height - 80) for x in (15, width / 2 + 5)]
    document = BaseDocTemplate(str(path), pagesize=A4)
    document.addPageTemplates([PageTemplate(frames=frames)])
    document.build(_flowables([block for block in blocks if block.kind != "table"], "Helvetica"))


def pdf_of_divided_words(blocks: list[Block], path: Path, chance: random.Random) -> None:
    """Lines that end in a part of a word wherever it is of small letters, also at page ends."""
    canvas = Canvas(str(path), pagesize=A4)
    texts = [" ".join(" ".join(row) for row in block.rows) for block in blocks]
    lines = [line for text in texts for line in _divided(text, chance)]
    pages = [lines[start : start + 9] for start in range(0, len(lines), 9)]
    for number, page in enumerate(pages, start=1):
        canvas.drawString(72, 800, f"{HEADER} | {number}")
        for row, line in enumerate(page):
            canvas.drawString(72, 760 - 14 * row, line)
        canvas.showPage()
    canvas.save()


def _divided(text: str, chance: random.Random) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if len(line) + len(word) > 50 and word.isascii() and word.isalpha() and word.islower():
            cut = chance.randint(3, len(word) - 3)
            yield f"{line} {word[:cut]}-".strip()
            line = word[cut:]
        elif len(line) + len(word) > 60:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


class _Fpdf(FPDF):
    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Vera", size=8)
        self.cell(0, 10, f"Page {self.page_no()} of {{nb}}", align="C")


def pdf_of_fpdf(blocks: list[Block], path: Path, chance: random.Random) -> None:
    import reportlab

    document = _Fpdf()
    document.add_font("Vera", fname=Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")
    document.add_page()
    for block in blocks:
        size = {"heading": 14, "table": 4}.get(block.kind, 10)
        document.set_font("Vera", size=size)
        if block.kind == "table":
            with document.table(first_row_as_headings=False) as table:
                for cells in block.rows:
                    row = table.row()
                    for cell in cells:
                        row.cell(cell)
            continue
        for number, (text,) in enumerate(block.rows, start=1):
            mark = {"bullets": "- ", "numbers": f"{number}. "}.get(block.kind, "")
            align = chance.choice("LJ")
            document.multi_cell(0, 7, mark + text, align=align, new_x="LMARGIN", new_y="NEXT")
    document.output(str(path))


# --- tables ---------------------------------------------------------------------------------------

Records = list[dict[str, str]]


def csv_of_python(records: Records, path: Path, chance: random.Random) -> None:
    with path.open("w", newline="", encoding=chance.choice(["utf-8", "utf-8-sig"])) as file:
        quoting = chance.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
        writer = csv.DictWriter(
            file, list(records[0]), delimiter=chance.choice(",;\t"), quoting=quoting
        )
        writer.writeheader()
        writer.writerows(records)


def csv_of_pandas(records: Records, path: Path, chance: random.Random) -> None:
    pd.DataFrame(records).to_csv(path, index=False, sep=chance.choice(",;"))


def csv_of_polars(records: Records, path: Path, chance: random.Random) -> None:
    line_end = chance.choice(["\n", "\r\n"])
    polars.DataFrame(records).write_csv(path, line_terminator=line_end)


def jsonl_of_python(records: Records, path: Path, chance: random.Random) -> None:
    ascii_only = chance.random() < 0.5
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=ascii_only)}\n" for row in records))


def jsonl_of_pandas(records: Records, path: Path, chance: random.Random) -> None:
    pd.DataFrame(records).to_json(path, orient="records", lines=True, force_ascii=False)


def jsonl_of_polars(records: Records, path: Path, chance: random.Random) -> None:
    polars.DataFrame(records).write_ndjson(path)


def json_of_python(records: Records, path: Path, chance: random.Random) -> None:
    path.write_text(json.dumps(records, indent=chance.choice([None, 2])))


def json_of_pandas(records: Records, path: Path, chance: random.Random) -> None:
    pd.DataFrame(records).to_json(path, orient="records")


def parquet_of_pandas(records: Records, path: Path, chance: random.Random) -> None:
    pd.DataFrame(records).to_parquet(path)


def parquet_of_arrow(records: Records, path: Path, chance: random.Random) -> None:
    table = pa.Table.from_pylist(records)
    parquet.write_table(table, path, compression=chance.choice(["zstd", "gzip", "none"]),
                        row_group_size=3, use_dictionary=chance.random() < 0.5)  # fmt: skip


def parquet_of_polars(records: Records, path: Path, chance: random.Random) -> None:
    polars.DataFrame(records).write_parquet(path)


def xlsx_of_xlsxwriter(records: Records, path: Path, chance: random.Random) -> None:
    options = {"strings_to_urls": False, "constant_memory": chance.random() < 0.5}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([list(records[0]), *(list(r.values()) for r in records)]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)


def xlsx_of_openpyxl(records: Records, path: Path, chance: random.Random) -> None:
    book = openpyxl.Workbook()
    for sheet, rows in ((book.active, records[:3]), (book.create_sheet("more"), records[3:])):
        sheet.append(list(records[0]))
        for row in rows:
            sheet.append(list(row.values()))
    book.save(path)


def xlsx_of_pandas(records: Records, path: Path, chance: random.Random) -> None:
    pd.DataFrame(records).to_excel(
        path, index=False, engine=chance.choice(["openpyxl", "xlsxwriter"])
    )


# --- other documents ------------------------------------------------------------------------------


def slides(blocks: list[Block], path: Path, chance: random.Random) -> None:
    deck = Presentation()
    starts = [number for number, block in enumerate(blocks) if block.kind == "heading"]
    for start, stop in pairwise([*starts, len(blocks)]):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = blocks[start].text
        for block in blocks[start + 1 : stop]:
            if block.kind == "table":
                size = (len(block.rows), len(block.rows[0]))
                table = slide.shapes.add_table(*size, 0, 0, Inches(4), Inches(2)).table
                for row, cells in enumerate(block.rows):
                    for column, text in enumerate(cells):
                        table.cell(row, column).text = text
            else:
                frame = slide.shapes.add_textbox(0, 0, Inches(4), Inches(2)).text_frame
                frame.text = "\n".join(text for (text,) in block.rows)
    deck.save(str(path))


def notebook(blocks: list[Block], path: Path, chance: random.Random) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {},
         "source": _markdown([block], str).splitlines(keepends=True)}
        for block in blocks
    ]  # fmt: skip
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content))
