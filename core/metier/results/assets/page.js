// Draws the tables and plots of a page from the JSON in it.
(function () {
  "use strict";
  const { NARROW, breakable, element, isExcerpt, isNumber, isPassages, isPosition, isScored, plain, short, valueOf, whole } = Cells;
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const PAGE_SIZE = 25;
  const IS_STACKED = window.innerWidth <= 1100; // documents stand below the tables that lead to them
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  const HINT = 600;
  const hint = (text) => (text.length > HINT ? text.slice(0, Cells.cutAt(text, HINT)) + " …" : text);

  function colorOf(column, value) {
    return column.colors[column.values.indexOf(value)] || null;
  }

  function formatter(table, column, position) {
    return function (cell) {
      const content = cell.getValue();
      const value = valueOf(content);
      if (table.review) {
        if (isPassages(content)) return Review.cellNode(table.review, indexOf(table), cell.getData().index, content);
        if (Review.isNowhere(table, position, cell.getData().cells)) return element("span", { class: "nowhere" }, Review.NOWHERE);
      }
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
        return element("span", { class: "chip" }, dot, element("span", {}, breakable(plain(value, column))));
      }
      if (table.review && typeof value === "string" && value.length > 60) return element("span", { class: "lines" }, short(value));
      if (typeof value === "string" || isExcerpt(value) || isPosition(value)) return short(value);
      return document.createTextNode(plain(value, column));
    };
  }

  // --- tables ----------------------------------------------------------------------------------

  const isText = (column) => column.kind === "text" && !column.hidden && !column.listed;

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
      if (column.kind === "label") return plain(value, column) === wanted;
      if (isNumber(column)) return typeof valueOf(value) === "number" && valueOf(value) >= Number(wanted);
      return plain(value, column).toLowerCase().includes(String(wanted).toLowerCase());
    };
  }

  // All of a row; of a matrix the cells that hold a number.
  function detail(table, cells) {
    const list = element("dl", {});
    table.columns.forEach((column, position) => {
      const cell = cells[position];
      if (cell === null || cell === "") return;
      if (isMatrix(table) && isNumber(column) && typeof valueOf(cell) !== "number") return;
      const isLong = isScored(cell) || isPassages(cell) || plain(cell, column).length > 40;
      const kind = isExcerpt(cell) && cell.tokens ? { class: "code" } : isLong ? { class: "long" } : {};
      list.append(element("dt", kind, column.name || "#"));
      const content = element("dd", kind, whole(cell, column));
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

  // A matrix, of numbers or of outcomes, keeps all of its columns and is moved sideways where they do not fit.
  const isMatrix = (table) => [isNumber, Cells.isOutcome].some((isOf) => table.columns.filter((column) => isOf(column) && !column.hidden).length > 3);

  const LABEL_SPACE = NARROW ? 34 : 40; // the point before a label, and the space around it
  const HEADING_SPACE = NARROW ? 38 : 44; // the sign for sorting, and the space around the heading
  const PLACEHOLDER = 96; // the width that "contains" needs in a column
  const CHARACTER = 8.5; // the width of one, about
  const WIDTHS = NARROW ? { score: 92, count: 92, number: 92, label: 125 } : { score: 130, count: 130, number: 92, label: 230 };

  const longestText = (table) => Math.max(...table.columns.filter(isText).map((column) => column.widest));
  const isLongest = (table, column) => isText(column) && column.widest > 60 && column.widest === longestText(table);

  const isLongMain = (column) => isText(column) && column.main && !column.leads && column.widest > 60;

  // Of several labels that people know a row by, the last says what it is about.
  const isLastMain = (table, column) => column === table.columns.filter((other) => other.main && other.kind === "label").at(-1);

  // The order in which columns are left out on a narrow screen, the highest first; a row that is
  // opened has all. What people know a row by stays: its first column, unless others are for that.
  function importance(table, column, position) {
    if (table.review && !column.widest) return 6;
    if (table.review && position === 0 && !table.columns.some((other) => other.main)) return 0;
    if (table.review && column.kind === "label" && !column.leads) return column.main && (!NARROW || isLastMain(table, column)) ? 0 : column.toned ? 1 : 2;
    if (table.review && column.leads) return NARROW && table.columns.some(isLongMain) ? 1 : 0; // a click on the row leads there, too
    if (table.review && column.main) return 0;
    if (table.review) return !isText(column) ? 4 : isLongest(table, column) ? 3 : 2;
    if (column.main || isLongest(table, column)) return 0;
    if (isText(column) && column.widest > 60) return 1;
    if (isText(column) && position === 0) {
      if (table.columns.some((other) => other.main)) return 5;
      return table.columns.filter((other) => isText(other) && other.widest > 60).length > 1 ? 4 : 1;
    }
    if (column.kind === "label" || (isText(column) && column.widest > 8)) return 2;
    return column.kind === "number" ? 5 : isText(column) ? 4 : 3;
  }

  // Room for the longest piece of a heading, so that it is not broken: up to a limit, since a name
  // may be one long word.
  const measure = document.createElement("canvas").getContext("2d");
  function widest(texts, weight) {
    const style = getComputedStyle(document.body);
    measure.font = `${weight} ${parseFloat(style.fontSize) * 0.93}px ${style.fontFamily}`;
    return Math.max(0, ...texts.map((text) => measure.measureText(text.trim()).width));
  }

  function headingWidth(table, column) {
    const needed = widest(Cells.namePieces(column.name), "bold");
    return Math.min(Math.ceil(needed) + HEADING_SPACE, NARROW && !isMatrix(table) ? 140 : 260);
  }

  function leastWidth(table, column, position) {
    return Math.max(headingWidth(table, column), leastContent(table, column, position));
  }

  function leastContent(table, column, position) {
    if (isMatrix(table)) return position === 0 ? (NARROW ? 130 : 190) : column.kind === "number" ? 92 : 105;
    if (column.kind === "label") return Math.max(80, labelWidth(table, column));
    if (column.kind !== "text") return 80;
    if (column.leads) return IS_STACKED ? 100 : 150;
    if (table.review && column.widest > 60) return NARROW ? (column.main ? 112 : 130) : IS_STACKED ? 100 : 160;
    if (column.widest > 60) return !NARROW ? 200 : column.code ? 205 : 140;
    const content = Math.ceil(column.widest * CHARACTER) + 20;
    const words = Math.min(wordWidth(cellsOf(table, column)) + 20, 180);
    return Math.max(words, NARROW ? Math.min(105, content) : Math.max(PLACEHOLDER, Math.min(110, content)));
  }

  // The texts of a column, each once.
  function cellsOf(table, column) {
    const position = table.columns.indexOf(column);
    return [...new Set(table.rows.map((cells) => Cells.plain(cells[position], column)))];
  }

  // The width of the longest piece of texts that is not broken, about: of the pieces with the most characters.
  function wordWidth(texts) {
    const pieces = [...new Set(texts.flatMap((text) => text.split(/\s+/).flatMap(Cells.namePieces)))];
    return Math.ceil(widest(pieces.sort((a, b) => b.length - a.length).slice(0, 8), "normal"));
  }

  const labelWidth = (table, column) => Math.min(wordWidth(cellsOf(table, column)) + LABEL_SPACE, 180);

  // The width of a column that does not grow with the page; undefined for one that does.
  function fixedWidth(table, column) {
    if (isMatrix(table) || !table.columns.some(isText)) return undefined;
    const most = WIDTHS[column.kind];
    if (!most) return undefined;
    const needed = column.kind === "label" ? Math.ceil(widest(cellsOf(table, column), "normal")) + LABEL_SPACE : most;
    if (table.review && IS_STACKED) return Math.max(Math.min(most, needed, 106), leastWidth(table, column));
    return Math.max(Math.min(most, needed), column.kind === "label" ? leastWidth(table, column) : headingWidth(table, column));
  }

  // Source code with numbers of its lines has the whole width, below the other cells of its row.
  const isBelow = (column) => column.listed && !column.hidden;

  function below(table) {
    const positions = table.columns.flatMap((column, position) => (isBelow(column) ? [position] : []));
    if (!positions.length) return undefined;
    return (row) => {
      const node = row.getElement();
      for (const old of node.querySelectorAll(":scope > .below")) old.remove();
      for (const position of positions) {
        const cell = row.getData().cells[position];
        if (isExcerpt(cell)) node.append(element("div", { class: "below" }, short(cell)));
      }
      node.style.height = "";
    };
  }

  const indexOf = (table) => table.review.section.tables.indexOf(table);

  // A row beside documents shows whether it is the one that is read.
  function currentRow(table) {
    if (!table.review) return undefined;
    return (row) => row.getElement().classList.toggle("current", table.review.isRow(indexOf(table), row.getIndex()));
  }

  function columnOf(table, column, position) {
    const least = leastWidth(table, column, position);
    const grows = isText(column) && column.widest > 60 && column.widest >= longestText(table) / 2 ? 6 : column.widest > 60 ? 4 : column.main || column.widest > 25 ? 2 : 1;
    return {
      title: column.name, field: `c${position}`, visible: !column.hidden && !isBelow(column), headerTooltip: false,
      titleFormatter: () => breakable(column.name),
      formatter: isBelow(column) ? () => "" : formatter(table, column, position), sorter: sorter(column), variableHeight: true,
      headerFilter: table.rows.length > 5 ? filterElement(column) : undefined,
      headerFilterFunc: filter(column), headerFilterLiveFilter: false,
      headerFilterPlaceholder: isNumber(column) ? "at least" : least < PLACEHOLDER ? " " : "contains",
      minWidth: least,
      frozen: isMatrix(table) && position === 0,
      width: fixedWidth(table, column),
      widthGrow: grows,
      hozAlign: column.kind === "number" ? "right" : "left",
      responsive: importance(table, column, position),
    };
  }

  // Whether the columns of a table that say more than its documents do have no room beside them.
  function needsWidth(table, width) {
    const needed = table.columns.filter((column) => !column.hidden && column.widest && !isNumber(column) && !isLongest(table, column));
    return needed.reduce((sum, column) => sum + leastWidth(table, column, table.columns.indexOf(column)), 34) > width;
  }

  function drawTable(table, holder) {
    const data = table.rows.map((cells, index) => {
      const row = { index, cells };
      cells.forEach((cell, position) => (row[`c${position}`] = cell));
      return row;
    });
    const expand = {
      title: "", field: "index", headerSort: false, width: NARROW ? 30 : 34, minWidth: 30, responsive: 0, resizable: false, frozen: isMatrix(table),
      formatter: () => element("button", { class: "expand", "aria-expanded": "false", "aria-label": "all of this row" }, "▸"),
    };
    const chosen = new Map(); // whether a column is shown, by its position, where people have said so
    const box = element("div", {});
    const search = element("input", { type: "search", placeholder: "search all columns", "aria-label": "search all columns" });
    const count = element("span", { class: "count", "aria-live": "polite" });
    const bar = element("div", { class: "toolbar" }, search, count);
    if (table.rows.length > 5) holder.append(bar);
    holder.append(box);
    const tabulator = new Tabulator(box, {
      data, columns: [expand, ...table.columns.map((column, position) => columnOf(table, column, position))],
      index: "index", layout: "fitColumns", responsiveLayout: isMatrix(table) ? false : "hide", renderVertical: "basic", headerSortClickElement: "header",
      rowFormatter: below(table) || currentRow(table), pagination: data.length > PAGE_SIZE, paginationSize: PAGE_SIZE,
      paginationSizeSelector: [10, 25, 100, true], paginationCounter: "rows",
      placeholder: "No row has all that was asked for.",
    });
    tabulator.on("rowClick", (event, row) => {
      if (event.target.closest(".detail") || String(window.getSelection())) return;
      if (table.review && !event.target.closest(".expand")) table.review.select(indexOf(table), row.getIndex());
      else toggle(table, row);
    });
    const tell = (rows) => {
      const shown = rows === undefined ? data.length : rows.length;
      count.textContent = `${shown} of ${data.length} rows`;
    };
    tabulator.on("dataFiltered", (filters, rows) => tell(rows));
    tell();
    const texts = table.rows.map((cells) =>
      cells.map((cell, position) => Cells.searched(cell, table.columns[position])).join("\n").toLowerCase());
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      tabulator.setFilter((row) => words.every((word) => texts[row.index].includes(word)));
    });
    const isCut = NARROW && table.review && !isMatrix(table); // columns without room are left out
    if (isCut || table.columns.some((column) => column.hidden)) bar.append(columnMenu(table, tabulator, chosen));
    holder.tabulator = tabulator;
    holder.chosen = chosen;
    return tabulator;
  }

  function columnMenu(table, tabulator, chosen) {
    const boxes = element("div", {});
    table.columns.forEach((column, position) => {
      if (isBelow(column)) return;
      const box = element("input", { type: "checkbox", checked: !column.hidden });
      box.addEventListener("change", () => {
        chosen.set(position, box.checked);
        if (NARROW && box.checked) tabulator.updateColumnDefinition(`c${position}`, { visible: true, responsive: 0 });
        else if (box.checked) tabulator.showColumn(`c${position}`);
        else tabulator.hideColumn(`c${position}`);
        tabulator.redraw(true);
      });
      boxes.append(element("label", {}, box, ` ${column.name}`));
    });
    const summary = element("summary", {}, "columns");
    const menu = element("details", { class: "columns" }, summary, boxes);
    summary.addEventListener("click", () => {
      const shown = table.columns.flatMap((column, position) => (isBelow(column) ? [] : [tabulator.getColumn(`c${position}`).isVisible()]));
      boxes.querySelectorAll("input").forEach((box, index) => (box.checked = shown[index]));
    });
    return menu;
  }

  // --- the page --------------------------------------------------------------------------------

  const editors = Links.menu(page);
  if (editors) document.querySelector("section").before(editors);
  const drawn = [];
  page.sections.forEach((section, index) => {
    section.figures.forEach((figure, position) => Plots.drawFigure(figure, document.getElementById(`s${index}-figure${position}`), section.tables, drawTable));
    const box = document.getElementById(`s${index}-review`);
    const review = box ? Review.create(section, box) : null;
    const holders = section.tables.map((table, position) => document.getElementById(`s${index}-table${position}`));
    section.tables.forEach((table, position) => {
      if (review && (holders[position].closest(".findings") || Review.passageColumns(table).length)) table.review = review;
    });
    const beside = section.tables.filter((table, position) => holders[position].closest(".findings"));
    if (review && beside.some((table) => needsWidth(table, box.clientWidth / 2 - 30))) box.classList.add("stacked");
    section.tables.forEach((table, position) => {
      const holder = holders[position];
      const tabulator = drawTable(table, holder);
      if (table.review) review.follow(position, tabulator);
      drawn.push([table, holder]);
    });
  });
  window.addEventListener("beforeprint", () => {
    for (const [table, holder] of drawn) {
      const rows = holder.tabulator.getData("active").map((row) => row.cells);
      holder.append(...Printing.printedTables(table, rows, holder.chosen));
    }
    page.sections.forEach((section, index) => {
      if (section.documents.length) document.getElementById(`s${index}-review`).append(...Review.printed(section));
    });
    Plots.beforePrint();
  });
  window.addEventListener("afterprint", () => {
    for (const node of document.querySelectorAll(".printed")) node.remove();
    Plots.afterPrint();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", Plots.recolor);
})();
