// Draws the tables and plots of a page. All content comes from the JSON in the page and gets into
// the document as text, never as HTML.
(function () {
  "use strict";
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const PAGE_SIZE = 25;
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

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

  const isObject = (cell) => cell !== null && typeof cell === "object";
  const isScored = (cell) => isObject(cell) && "score" in cell;
  const isExcerpt = (cell) => isObject(cell) && "text" in cell;

  // What a cell is sorted, filtered and drawn by: of a passage with a score the score.
  const valueOf = (cell) => (isScored(cell) ? cell.score : cell);

  function plain(cell, column) {
    if (cell === null || cell === undefined) return "";
    if (isExcerpt(cell)) return cell.text;
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

  function whole(cell, column) {
    if (!isExcerpt(cell)) return document.createTextNode(plain(cell, column));
    const content = pieces(cell.text, cell.tokens, cell.marks, 0, cell.text.length);
    return cell.tokens ? element("pre", { class: "code" }, content) : content;
  }

  // All that a cell holds, to be searched.
  const searched = (cell, column) =>
    isScored(cell) ? `${plain(cell, column)}\n${cell.location}\n${cell.passage.text}` : plain(cell, column);

  const SHORT = 200;
  const LINES = 8;
  const HINT = 600;

  // Where a text of at most so many characters ends: after a word.
  function cutAt(text, most) {
    if (text.length <= most) return text.length;
    const space = text.lastIndexOf(" ", most);
    return space > most - 40 ? space : most;
  }

  function short(cell) {
    if (typeof cell === "string") {
      return document.createTextNode(cell.length > SHORT ? cell.slice(0, cutAt(cell, SHORT)) + " …" : cell);
    }
    if (cell.tokens) {
      const lines = cell.text.split("\n");
      const end = lines.slice(0, LINES).join("\n").length;
      const block = element("pre", { class: "code" }, pieces(cell.text, cell.tokens, cell.marks, 0, end));
      if (lines.length > LINES) block.append(`\n… ${lines.length - LINES} more lines`);
      return block;
    }
    const first = cell.marks.length ? cell.marks[0][0] : 0;
    const start = first > 120 ? cell.text.indexOf(" ", first - 40) + 1 : 0;
    const end = cutAt(cell.text, start + SHORT);
    const node = element("span", {}, start ? "… " : "", pieces(cell.text, null, cell.marks, start, end));
    if (end < cell.text.length) node.append(" …");
    return node;
  }

  const hint = (text) => (text.length > HINT ? text.slice(0, cutAt(text, HINT)) + " …" : text);

  function colorOf(column, value) {
    return column.colors[column.values.indexOf(value)] || null;
  }

  function formatter(column) {
    return function (cell) {
      const content = cell.getValue();
      const value = valueOf(content);
      if (value === null || value === "") return "";
      if (column.kind === "score" || column.kind === "count") {
        if (typeof value !== "number") return document.createTextNode(plain(value, column));
        const share = column.kind === "score" ? value : value / (column.highest || 1);
        const bar = element("i", {});
        bar.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
        const passage = isScored(content) ? { title: `${content.location}\n${hint(content.passage.text)}` } : {};
        return element("div", { class: "bar", ...passage }, bar, element("span", {}, plain(value, column)));
      }
      if (column.kind === "label") {
        const dot = element("i", {});
        const color = colorOf(column, value);
        if (color) dot.style.background = color;
        return element("span", { class: "chip" }, dot, plain(value, column));
      }
      if (typeof value === "string" || isExcerpt(value)) return short(value);
      return document.createTextNode(plain(value, column));
    };
  }

  // --- tables ----------------------------------------------------------------------------------

  const isText = (column) => column.kind === "text" && !column.hidden;
  const isNumber = (column) => ["number", "score", "count"].includes(column.kind);

  function sorter(column) {
    if (isNumber(column)) {
      // cells that are no numbers stand below all that are
      const key = (cell) => (typeof valueOf(cell) === "number" ? valueOf(cell) : -Infinity);
      return (a, b) => (key(a) === key(b) ? 0 : key(a) - key(b));
    }
    return (a, b) => collator.compare(plain(a, column), plain(b, column));
  }

  function filterElement(column) {
    return function (cell, onRendered, success) {
      let input;
      if (column.kind === "label") {
        input = element("select", { "aria-label": `only where ${column.name} is` });
        input.append(element("option", { value: "" }, "all"));
        column.values.forEach((value, position) => {
          input.append(element("option", { value: String(position) }, value));
        });
        input.addEventListener("change", () => success(input.value === "" ? "" : column.values[Number(input.value)]));
      } else {
        const number = isNumber(column);
        input = element("input", {
          type: number ? "number" : "search", step: "any",
          "aria-label": number ? `only where ${column.name} is at least` : `only where ${column.name} contains`,
        });
        input.addEventListener("input", () => success(input.value));
      }
      input.style.width = "100%";
      return input;
    };
  }

  function filter(column) {
    return function (wanted, value) {
      if (wanted === "" || wanted === null || wanted === undefined) return true;
      if (column.kind === "label") return value === wanted;
      if (isNumber(column)) return typeof valueOf(value) === "number" && valueOf(value) >= Number(wanted);
      return plain(value, column).toLowerCase().includes(String(wanted).toLowerCase());
    };
  }

  function detail(table, cells) {
    const list = element("dl", {});
    table.columns.forEach((column, position) => {
      const cell = cells[position];
      if (cell === null || cell === "") return;
      list.append(element("dt", {}, column.name || "#"));
      const wide = isExcerpt(cell) && cell.tokens;
      const content = element("dd", wide ? { class: "wide" } : {}, whole(cell, column));
      if (isScored(cell)) {
        content.append(" ", element("b", {}, cell.location), "\n", whole(cell.passage, column));
      }
      list.append(content);
    });
    return element("div", { class: "detail" }, list);
  }

  function toggle(table, row) {
    const node = row.getElement();
    const open = node.querySelector(":scope > .detail");
    if (open) open.remove();
    else {
      const all = detail(table, row.getData().cells);
      // a matrix is wider than its part that is seen, in which all of the row is to be read
      if (isMatrix(table)) all.style.width = `${node.closest(".tabulator-tableholder").clientWidth}px`;
      node.append(all);
    }
    const button = node.querySelector(".expand");
    if (button) {
      button.textContent = open ? "▸" : "▾";
      button.setAttribute("aria-expanded", String(!open));
    }
    row.normalizeHeight();
    node.style.height = "";
  }

  const HEADING_SPACE = 44; // the sign for sorting, and the space around the heading
  const NARROW = window.innerWidth < 600;
  const WIDTHS = NARROW ? { score: 90, count: 90, number: 80, label: 125 } : { score: 130, count: 130, number: 90, label: 170 };

  // A matrix keeps all of its columns and is moved sideways where they do not fit.
  const isMatrix = (table) => table.columns.filter((column) => isNumber(column) && !column.hidden).length > 3;

  // The order in which columns are left out on a narrow screen; a row that is opened has all.
  function importance(table, column) {
    if (column.main) return 0;
    if (column.kind === "label" || column.kind === "score") return 1;
    if (!isText(column) || column.widest <= 60) return 2;
    const longest = Math.max(...table.columns.filter(isText).map((other) => other.widest));
    return column.widest === longest ? 0 : 1;
  }

  // Room for the longest word of a heading, so that it is not broken: up to a limit, since a file's
  // name may be one long word.
  const measure = document.createElement("canvas").getContext("2d");
  function wordWidth(table, column) {
    const style = getComputedStyle(document.body);
    measure.font = `bold ${parseFloat(style.fontSize) * 0.93}px ${style.fontFamily}`;
    const widest = Math.max(...column.name.split(/[\s-]+/).map((word) => measure.measureText(word).width));
    return Math.min(Math.ceil(widest) + HEADING_SPACE, NARROW && !isMatrix(table) ? 140 : 260);
  }

  function leastWidth(table, column, position) {
    return Math.max(wordWidth(table, column), leastContent(table, column, position));
  }

  function leastContent(table, column, position) {
    if (isMatrix(table)) return position === 0 ? (NARROW ? 130 : 190) : column.kind === "number" ? 72 : 105;
    return column.kind !== "text" ? 80 : column.widest > 60 ? 200 : 110;
  }

  function columnOf(table, column, position) {
    const wide = column.widest > 60;
    return {
      title: column.name, field: `c${position}`, visible: !column.hidden, headerTooltip: false,
      titleFormatter: () => document.createTextNode(column.name),
      formatter: formatter(column), sorter: sorter(column), variableHeight: true,
      headerFilter: table.rows.length > 5 ? filterElement(column) : undefined,
      headerFilterFunc: filter(column), headerFilterLiveFilter: false,
      headerFilterPlaceholder: isNumber(column) ? "at least" : "contains",
      minWidth: leastWidth(table, column, position),
      frozen: isMatrix(table) && position === 0,
      width: table.columns.some(isText) && !isMatrix(table) && WIDTHS[column.kind]
        ? Math.max(WIDTHS[column.kind], wordWidth(table, column)) : undefined,
      widthGrow: wide ? 4 : column.main || column.widest > 25 ? 2 : 1,
      hozAlign: column.kind === "number" ? "right" : "left",
      responsive: importance(table, column),
    };
  }

  function drawTable(table, holder) {
    const data = table.rows.map((cells, index) => {
      const row = { index, cells };
      cells.forEach((cell, position) => (row[`c${position}`] = cell));
      return row;
    });
    const expand = {
      title: "", field: "index", headerSort: false, width: 34, responsive: 0, resizable: false, frozen: isMatrix(table),
      formatter: () => element("button", { class: "expand", "aria-expanded": "false", "aria-label": "all of this row" }, "▸"),
    };
    const box = element("div", {});
    const search = element("input", { type: "search", placeholder: "search all columns", "aria-label": "search all columns" });
    const count = element("span", { class: "count", "aria-live": "polite" });
    const bar = element("div", { class: "toolbar" }, search, count);
    if (table.rows.length > 5) holder.append(bar);
    holder.append(box);
    const tabulator = new Tabulator(box, {
      data, columns: [expand, ...table.columns.map((column, position) => columnOf(table, column, position))],
      layout: "fitColumns", responsiveLayout: isMatrix(table) ? false : "hide", renderVertical: "basic", headerSortClickElement: "header",
      pagination: data.length > PAGE_SIZE, paginationSize: PAGE_SIZE,
      paginationSizeSelector: [10, 25, 100, true], paginationCounter: "rows",
      placeholder: "No row has all that was asked for.",
    });
    tabulator.on("rowClick", (event, row) => {
      if (event.target.closest(".detail") || String(window.getSelection())) return;
      toggle(table, row);
    });
    const tell = (rows) => {
      const shown = rows === undefined ? data.length : rows.length;
      count.textContent = `${shown} of ${data.length} rows`;
    };
    tabulator.on("dataFiltered", (filters, rows) => tell(rows));
    tell();
    const texts = table.rows.map((cells) =>
      cells.map((cell, position) => searched(cell, table.columns[position])).join("\n").toLowerCase());
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      tabulator.setFilter((row) => words.every((word) => texts[row.index].includes(word)));
    });
    if (table.columns.some((column) => column.hidden)) bar.append(columnMenu(table, tabulator));
    holder.tabulator = tabulator;
    return tabulator;
  }

  function columnMenu(table, tabulator) {
    const boxes = element("div", {});
    table.columns.forEach((column, position) => {
      const box = element("input", { type: "checkbox", checked: !column.hidden });
      box.addEventListener("change", () => {
        if (box.checked) tabulator.showColumn(`c${position}`);
        else tabulator.hideColumn(`c${position}`);
        tabulator.redraw(true);
      });
      boxes.append(element("label", {}, box, ` ${column.name}`));
    });
    return element("details", { class: "columns" }, element("summary", {}, "columns"), boxes);
  }

  // Printed are all rows that are not filtered out, each text as a whole, in a plain table.
  function printTables() {
    for (const [table, holder] of drawn) {
      const head = element("tr", {});
      const shown = table.columns.map((column, position) => [column, position]).filter(([column, position]) => {
        const component = holder.tabulator.getColumn(`c${position}`);
        return !column.hidden || (component && component.isVisible());
      });
      for (const [column] of shown) head.append(element("th", {}, column.name));
      const body = element("tbody", {});
      for (const row of holder.tabulator.getData("active")) {
        const line = element("tr", {});
        for (const [column, position] of shown) {
          const kind = isNumber(column) ? "figures" : "words";
          line.append(element("td", { class: kind }, whole(row.cells[position], column)));
        }
        body.append(line);
      }
      holder.append(element("table", { class: "printed" }, element("thead", {}, head), body));
    }
  }

  // --- plots -----------------------------------------------------------------------------------

  const plots = [];

  function drawFigure(figure, holder) {
    const canvas = element("canvas", { role: "img", "aria-label": figure.title });
    holder.append(element("div", { class: "plot" }, canvas));
    const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = (title) => ({
      display: title !== null, title: { display: title !== null, text: title || "", color: style("--ink") },
      grid: { color: style("--line") }, ticks: { color: style("--quiet") }, grace: "4%",
    });
    const [x, y] = figure.axes || [null, null];
    const plot = new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: figure.groups.map((group) => ({
          label: group.name, data: group.points.map(([x, y, label]) => ({ x, y, label })),
          backgroundColor: group.color, borderColor: group.color, pointStyle: group.shape,
          pointRadius: group.faint ? 2.5 : 4.5, pointHoverRadius: 7, borderWidth: 1.5,
        })),
      },
      options: {
        animation: false, maintainAspectRatio: false, scales: { x: axis(x), y: axis(y) },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, color: style("--ink") } },
          tooltip: { callbacks: { label: (context) => wrap(context.raw.label || context.dataset.label, 60) } },
          zoom: { zoom: { wheel: { enabled: true, modifierKey: "ctrl" }, drag: { enabled: true }, mode: "xy" } },
        },
      },
    });
    const reset = element("button", {}, "whole plot");
    reset.addEventListener("click", () => plot.resetZoom("none"));
    holder.append(element("div", { class: "toolbar" }, reset, "Drag over a part to enlarge it; a click in the legend hides a group."));
    plots.push(plot);
  }

  function wrap(text, width) {
    const lines = [""];
    for (const word of text.split(/\s+/)) {
      if (lines[lines.length - 1].length + word.length > width) lines.push("");
      lines[lines.length - 1] += (lines[lines.length - 1] ? " " : "") + word;
    }
    return lines;
  }

  // --- the page --------------------------------------------------------------------------------

  const drawn = [];
  page.sections.forEach((section, index) => {
    section.figures.forEach((figure, position) => drawFigure(figure, document.getElementById(`s${index}-figure${position}`)));
    section.tables.forEach((table, position) => {
      const holder = document.getElementById(`s${index}-table${position}`);
      drawTable(table, holder);
      drawn.push([table, holder]);
    });
  });
  window.addEventListener("beforeprint", () => {
    printTables();
    for (const plot of plots) plot.resize();
  });
  window.addEventListener("afterprint", () => {
    for (const node of document.querySelectorAll(".printed")) node.remove();
    for (const plot of plots) plot.resize();
  });
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => window.location.reload());
})();
