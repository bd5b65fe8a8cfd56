// Tables for paper: plain ones with all rows that are not filtered out, and nothing beside the page.
const Printing = (function () {
  "use strict";
  const { breakable, element, namePieces, isExcerpt, isNumber, plain, whole } = Cells;
  const LINE = 114; // characters in a line of a page, about
  const CODE_LINES = 12;
  const TALL = 1200; // characters of a row that may go on on the next page

  // Widths of columns, in characters.
  function leastWidth(column) {
    const word = Math.min(Math.max(...namePieces(column.name).map((piece) => piece.trim().length)), 18);
    const most = isNumber(column) ? 16 : column.widest > 60 ? 16 : 10;
    return Math.max(word * 1.1, Math.min(column.widest, most)) + 2;
  }

  // The texts that most of the line is for.
  const isLong = (column, longest) => column.widest > 60 && column.widest >= longest / 3;

  const wantedWidth = (column, longest) => (isLong(column, longest) ? 130 : Math.min(column.widest, 28) + 2);

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  // Long texts first get up to 45 characters, then what is left of the line goes to all that want
  // more than they have.
  function widthsOf(columns) {
    const longest = Math.max(...columns.map((column) => column.widest));
    const long = columns.filter((column) => isLong(column, longest));
    const room = LINE - sum(columns.filter((column) => !isLong(column, longest)).map(leastWidth));
    const least = columns.map((column) =>
      isLong(column, longest) ? Math.max(leastWidth(column), Math.min(45, room / long.length)) : leastWidth(column));
    const wanted = columns.map((column, index) => Math.max(0, wantedWidth(column, longest) - least[index]));
    const share = Math.min(1, Math.max(0, LINE - sum(least)) / (sum(wanted) || 1));
    return least.map((width, index) => width + wanted[index] * share);
  }

  // --- which columns stand where ------------------------------------------------------------------

  const isMatrix = (columns) => columns.length > 4 && columns.slice(1).every((column) => isNumber(column) || Cells.isOutcome(column));

  // Positions of columns in blocks of about the same size, each with the first column.
  function blocksOf(columns, positions) {
    const [first, ...others] = positions;
    for (let count = 1; count < others.length; count++) {
      const size = Math.ceil(others.length / count);
      const blocks = [];
      for (let start = 0; start < others.length; start += size) blocks.push([first, ...others.slice(start, start + size)]);
      if (blocks.every((block) => sum(block.map((position) => leastWidth(columns[position]))) <= LINE)) return blocks;
    }
    return others.map((position) => [first, position]);
  }

  // Positions of as many columns as fit; the last ones are left out, but the longest text is not.
  function fitting(columns, positions) {
    const kept = [...positions];
    const longest = Math.max(...positions.map((position) => columns[position].widest));
    const needed = (position) => columns[position].main || columns[position].widest === longest;
    while (sum(kept.map((position) => leastWidth(columns[position]))) > LINE) {
      const index = kept.findLastIndex((position, index) => index > 0 && !needed(position));
      if (index < 0) break;
      kept.splice(index, 1);
    }
    return kept;
  }

  // --- tables -------------------------------------------------------------------------------------

  function content(cell, column) {
    if (isExcerpt(cell) && "first" in cell) return Cells.numbered(cell, cell.shown);
    if (isExcerpt(cell) && cell.tokens) return Cells.firstLines(cell, CODE_LINES, "more lines, not printed");
    return whole(cell, column);
  }

  const printedLength = (cell, column) => (isExcerpt(cell) && cell.tokens ? 0 : plain(cell, column).length);

  // Columns without room, beneath their row: not what the row begins a text with, such as the path
  // before a line number.
  function beneath(table, cells, positions, others) {
    const shown = positions.map((position) => cells[position]).filter((cell) => typeof cell === "string");
    const line = element("td", { colSpan: positions.length });
    for (const position of others) {
      const text = plain(cells[position], table.columns[position]);
      if (text === "" || (text.length > 3 && shown.some((cell) => cell.startsWith(text)))) continue;
      line.append(line.childNodes.length ? " · " : "", element("i", {}, table.columns[position].name), ` ${text}`);
    }
    return line.childNodes.length ? element("tr", { class: "beneath" }, line) : null;
  }

  function printedTable(table, rows, positions, others, caption) {
    const columns = positions.map((position) => table.columns[position]);
    const widths = widthsOf(columns);
    const total = Math.max(sum(widths), 1);
    const group = element("colgroup", {});
    for (const width of widths) {
      const column = element("col", {});
      column.style.width = `${(100 * width) / total}%`;
      group.append(column);
    }
    const head = element("tr", {}, ...columns.map((column) => element("th", {}, breakable(column.name))));
    const body = element("tbody", {});
    for (const cells of rows) {
      const length = Math.max(...positions.map((position) => printedLength(cells[position], table.columns[position])));
      const row = element("tr", length > TALL ? { class: "tall" } : {});
      positions.forEach((position, index) => row.append(element("td", {}, content(cells[position], columns[index]))));
      body.append(row);
      const line = beneath(table, cells, positions, others);
      if (line) {
        row.classList.add("continued");
        body.append(line);
      }
    }
    const printed = element("table", { class: "printed" }, group, element("thead", {}, head), body);
    printed.style.width = `${Math.min(100, (100 * total) / LINE)}%`;
    if (caption) printed.prepend(element("caption", {}, caption));
    return printed;
  }

  // The tables that are printed for one of the page: a matrix that is wider than a page in blocks of
  // columns, and any other with the columns of the input beneath each row.
  //
  // chosen: whether a column is shown, by its position, where people have said so.
  function printedTables(table, rows, chosen) {
    const positions = table.columns.map((column, position) => position);
    const isShown = (position) => (chosen.has(position) ? chosen.get(position) : !table.columns[position].hidden);
    const shown = positions.filter(isShown);
    if (!shown.length) return [];
    if (isMatrix(shown.map((position) => table.columns[position]))) {
      const blocks = blocksOf(table.columns, shown);
      let before = 0;
      return blocks.map((block) => {
        const from = before + 1;
        before += block.length - 1;
        const caption = blocks.length > 1 ? `Columns ${from} to ${before} of ${shown.length - 1}` : "";
        return printedTable(table, rows, block, [], caption);
      });
    }
    const kept = fitting(table.columns, shown);
    const own = (position) => table.columns[position].own && !chosen.has(position);
    const others = positions.filter((position) => !kept.includes(position) && (isShown(position) || own(position)));
    return [printedTable(table, rows, kept, others, "")];
  }

  return { printedTables };
})();
