// Cells of tables as nodes of the document: all content gets into it as text, never as HTML.
const Cells = (function () {
  "use strict";
  const NARROW = window.innerWidth < 600;

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name in node && typeof value !== "string") node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  // --- cells -----------------------------------------------------------------------------------

  // A name in pieces between which a line may break: after spaces and, where a word is long, after
  // signs and inside of names written likeThis.
  const isLong = (name) => /\S{12}/.test(name);
  const namePieces = (name) => name.split(isLong(name) ? /(?<=[\s\-_./])(?!$)|(?<=\p{Ll})(?=\p{Lu})/u : /(?<=[\s-])(?!$)/);

  // A text in which lines break between the pieces of names, such as paths.
  function breakable(text) {
    const fragment = document.createDocumentFragment();
    if (!isLong(text)) return document.createTextNode(text);
    namePieces(text).forEach((piece, position) => fragment.append(...(position ? [element("wbr")] : []), piece));
    return fragment;
  }

  const isObject = (cell) => cell !== null && typeof cell === "object";
  const isScored = (cell) => isObject(cell) && "score" in cell;
  const isExcerpt = (cell) => isObject(cell) && "text" in cell;
  const isPosition = (cell) => isObject(cell) && "position" in cell;

  const isPassages = (cell) => isObject(cell) && "passages" in cell;

  const isNumber = (column) => ["number", "score", "count"].includes(column.kind);

  // Whether a column has labels that say good or bad, as the columns of a matrix of outcomes do.
  const isOutcome = (column) => column.kind === "label" && column.toned;

  // What a cell is sorted, filtered and drawn by: of a passage with a score the score.
  const valueOf = (cell) => (isScored(cell) ? cell.score : cell);

  function plain(cell, column) {
    if (cell === null || cell === undefined) return "";
    if (isExcerpt(cell)) return cell.text;
    if (isPosition(cell)) return cell.position;
    if (isPassages(cell)) return cell.passages.map((passage) => passage.label).join("; ");
    if (isScored(cell)) return plain(cell.score, column);
    if (typeof cell === "number") {
      return column.digits ? cell.toFixed(column.digits) : String(cell);
    }
    return cell;
  }

  // The text in pieces: a piece ends where a token of source code or a mark begins or ends.
  function pieces(text, tokens, marks, from, to) {
    const styles = [];
    let position = 0;
    for (const [length, style] of tokens || [[text.length, ""]]) {
      styles.push([position, position + length, style]);
      position += length;
    }
    const edges = new Set([from, to]);
    for (const [start, end] of [...styles, ...marks]) {
      if (start > from && start < to) edges.add(start);
      if (end > from && end < to) edges.add(end);
    }
    const order = [...edges].sort((a, b) => a - b);
    const fragment = document.createDocumentFragment();
    let token = 0;
    for (let index = 0; index + 1 < order.length; index++) {
      const [start, end] = [order[index], order[index + 1]];
      while (token < styles.length - 1 && styles[token][1] <= start) token++;
      let node = document.createTextNode(text.slice(start, end));
      if (styles[token] && styles[token][2]) node = element("span", { class: styles[token][2] }, node);
      if (marks.some(([from, to]) => from <= start && end <= to)) node = element("mark", {}, node);
      fragment.append(node);
    }
    return fragment;
  }

  // Source code line by line, each with its number; between parts that are shown stands a gap.
  function numbered(cell, parts) {
    const lines = cell.text.split("\n");
    const starts = [];
    lines.reduce((start, line) => { starts.push(start); return start + line.length + 1; }, 0);
    const block = element("pre", { class: "code lines" });
    const shown = parts.flatMap(([from, to]) => lines.slice(from, to)).filter((line) => line.trim());
    const indent = Math.min(...shown.map((line) => line.match(/^[ \t]*/)[0].length));
    const marked = new Set(cell.marked);
    parts.forEach(([from, to], index) => {
      if (index || from) block.append(element("div", { class: "gap", "aria-hidden": "true" }, "⋯"));
      for (let line = from; line < to; line++) {
        const [start, end] = [starts[line], starts[line] + lines[line].length];
        const content = pieces(cell.text, cell.tokens, cell.marks, Math.min(start + (shown.length ? indent : 0), end), end);
        const number = element("span", { class: "number", "data-line": String(cell.first + line) });
        block.append(element("div", { class: marked.has(line) ? "line marked" : "line" }, number, element("code", {}, content, "\n")));
      }
    });
    return block;
  }

  function whole(cell, column) {
    if (isPosition(cell)) return Links.node(cell);
    if (isPassages(cell)) return cell.passages.map((passage) => (passage.number ? `[${passage.number}] ` : "") + passage.label).join("; ");
    if (!isExcerpt(cell)) return breakable(plain(cell, column));
    if ("first" in cell) return numbered(cell, [[0, cell.text.split("\n").length]]);
    const content = pieces(cell.text, cell.tokens, cell.marks, 0, cell.text.length);
    return cell.tokens ? element("pre", { class: "code" }, content) : content;
  }

  // All that a cell holds, to be searched.
  const searched = (cell, column) =>
    isScored(cell) ? `${plain(cell, column)}\n${cell.location}\n${cell.passage.text}` : plain(cell, column);

  const SHORT = NARROW ? 120 : 200;
  const LINES = NARROW ? 6 : 8;

  // Where a text of at most so many characters ends: after a word.
  function cutAt(text, most) {
    if (text.length <= most) return text.length;
    const space = text.lastIndexOf(" ", most);
    return space > most - 40 ? space : most;
  }

  // The beginning of source code, with a note on how many lines are left out.
  function firstLines(cell, most, note) {
    const lines = cell.text.split("\n");
    const end = lines.slice(0, most).join("\n").length;
    const block = element("pre", { class: "code" }, pieces(cell.text, cell.tokens, cell.marks, 0, end));
    const left = lines.length - most;
    if (left > 0) block.append(`\n… ${left} ${left === 1 ? note.replace("lines", "line") : note}`);
    return block;
  }

  function short(cell) {
    if (typeof cell === "string") {
      return breakable(cell.length > SHORT ? cell.slice(0, cutAt(cell, SHORT)) + " …" : cell);
    }
    if (isPosition(cell)) return Links.node(cell);
    if ("first" in cell) return numbered(cell, cell.shown);
    if (cell.tokens) return firstLines(cell, LINES, "more lines");
    const first = cell.marks.length ? cell.marks[0][0] : 0;
    const start = first > 120 ? cell.text.indexOf(" ", first - 40) + 1 : 0;
    const end = cutAt(cell.text, start + SHORT);
    const node = element("span", {}, start ? "… " : "", pieces(cell.text, null, cell.marks, start, end));
    if (end < cell.text.length) node.append(" …");
    return node;
  }

  return {
    NARROW, element, isNumber, isOutcome, isScored, isExcerpt, isPosition, isPassages, numbered, valueOf, plain, pieces, whole, searched, short, firstLines, cutAt, breakable,
    namePieces,
  };
})();
