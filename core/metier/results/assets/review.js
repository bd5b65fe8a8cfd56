// Documents beside tables: marks in their texts, and the rows that lead to them.
const Review = (function () {
  "use strict";
  const { element, isPassages, plain } = Cells;
  const PART = 2500; // characters that are laid out together, about

  // --- a text as parts ---------------------------------------------------------------------------

  // Where a part ends that begins at a position: after a line; in a text without lines after a word.
  function partEnd(text, start, end) {
    if (end - start <= 2 * PART) return end;
    const line = text.indexOf("\n", start + PART) + 1;
    if (line && line - start <= 4 * PART) return Math.min(line, end);
    const space = text.lastIndexOf(" ", start + PART) + 1;
    const cut = space > start ? space : start + PART;
    return /[\udc00-\udfff]/.test(text[cut]) ? cut + 1 : cut;
  }

  // Parts of a text, which is divided at each of its pages, too.
  function partsOf(content) {
    const parts = [];
    let start = 0;
    for (const end of [...content.pages.filter((page) => page > 0 && page < content.text.length), content.text.length]) {
      while (start < end) {
        const cut = partEnd(content.text, start, end);
        parts.push([start, cut]);
        start = cut;
      }
    }
    return parts;
  }

  // A part of the text: a piece ends where a mark, a part of one or a heading begins or ends.
  function pieces(content, from, to) {
    const marks = content.marks.filter((mark) => mark.start < to && mark.end > from);
    const headings = content.headings.filter(([start, end]) => start < to && end > from);
    const lines = content.lines.filter(([start, , end]) => start < to && end > from);
    const spans = [
      ...marks.flatMap((mark) => [[mark.start, mark.end], ...mark.parts]), ...headings,
      ...lines.flatMap(([start, title, end]) => [[start, title], [title, end]]),
    ];
    const edges = new Set([from, to, ...spans.flatMap(([start, end]) => [start, end]).filter((edge) => edge > from && edge < to)]);
    const order = [...edges].sort((a, b) => a - b);
    const fragment = document.createDocumentFragment();
    for (let index = 0; index + 1 < order.length; index++) {
      const [start, end] = [order[index], order[index + 1]];
      const inside = ([first, last]) => first <= start && end <= last;
      let node = document.createTextNode(content.text.slice(start, end));
      const line = lines.find(([first, , last]) => inside([first, last]));
      if (line && start === line[0]) fragment.append(headingNode(line[3]));
      const holder = line ? fragment.lastChild : fragment;
      if (line && end <= line[1]) {
        holder.append(element("span", { class: "sign", "aria-hidden": "true" }, node));
        continue;
      }
      if (headings.some(inside)) node = element("b", {}, node);
      const covering = marks.filter((mark) => inside([mark.start, mark.end]));
      const first = line && start === line[1] ? line[0] : start; // a mark may begin at the sign, which is not seen
      holder.append(covering.length ? marked(node, covering, [first, start], covering.some((mark) => mark.parts.some(inside))) : node);
    }
    return fragment;
  }

  // A line with a sign for headings, such as "# ", which stays in the text and is not seen.
  const headingNode = (level) => element("span", { class: `heading level${Math.min(level, 3)}`, role: "heading", "aria-level": String(Math.min(level + 2, 6)) });

  // A piece of one mark or of several: it looks like the shortest, which a click selects first.
  // Marks that start from the first to the last offset begin with it.
  function marked(node, marks, [first, last], isPart) {
    const ordered = [...marks].sort((a, b) => a.end - a.start - (b.end - b.start));
    const begun = marks.filter((mark) => first <= mark.start && mark.start <= last);
    const box = element("mark", { class: `${ordered[0].tone}${isPart ? " part" : ""}`, "data-marks": ordered.map((mark) => mark.index).join(" ") }, node);
    if (begun.length) {
      box.dataset.number = [...new Set(begun.map((mark) => mark.number))].join(", ");
      Object.assign(box, { tabIndex: 0, role: "button", title: begun.map((mark) => `${mark.number}: ${mark.name}`).join("\n") });
    }
    return box;
  }

  const lineCount = (text) => text.split("\n").reduce((lines, line) => lines + 1 + Math.floor(line.length / 85), 0);

  // The text as blocks, of which the browser lays out those that are seen.
  function textOf(content) {
    const pages = new Map(content.pages.map((start, index) => [start, index + 1]));
    return partsOf(content).map(([from, to]) => {
      const block = element("div", { class: "part", dir: "auto" }, pieces(content, from, to));
      if (pages.has(from)) block.dataset.page = `page ${pages.get(from)}`;
      block.style.containIntrinsicSize = `auto ${lineCount(content.text.slice(from, to)) * 1.55}em`;
      return block;
    });
  }

  // --- a pane with a document ----------------------------------------------------------------------

  function view(review, first) {
    const texts = new Map(); // blocks of each document that was shown, with how far it was moved
    const name = element("span", { class: "name" });
    const chooser = element("select", { "aria-label": "document" }, ...review.contents.map((content, index) => element("option", { value: String(index) }, content.name)));
    const outline = element("div", {});
    const menu = element("details", { class: "columns outline" }, element("summary", {}, "outline"), outline);
    const box = element("div", { class: "document", tabIndex: 0, role: "region" });
    const node = element("div", { class: "view" }, element("div", { class: "toolbar" }, review.contents.length > 1 ? chooser : name, menu), box);
    let shown = -1;

    function show(index) {
      if (index === shown) return;
      if (shown >= 0) texts.get(shown).top = box.scrollTop;
      shown = index;
      const content = review.contents[index];
      if (!texts.has(index)) texts.set(index, { blocks: textOf(content), top: 0 });
      box.replaceChildren(...texts.get(index).blocks);
      box.scrollTop = texts.get(index).top;
      box.setAttribute("aria-label", content.name);
      name.textContent = content.name;
      chooser.value = String(index);
      menu.hidden = !content.headings.length;
      outline.replaceChildren(...content.headings.map(([start, , level, title]) => {
        const button = element("button", {}, title || "–");
        button.style.marginLeft = `${level - 1}em`;
        button.addEventListener("click", () => {
          menu.open = false;
          reveal(() => lineAt(start));
        });
        return button;
      }));
      review.paint();
    }

    // Where a position of the text is on the screen.
    function lineAt(offset) {
      let from = 0;
      for (const block of texts.get(shown).blocks) {
        const to = from + block.textContent.length;
        if (offset < to || block === box.lastChild) {
          const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
          for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            if (offset < from + text.data.length) {
              const range = document.createRange();
              range.setStart(text, Math.max(0, offset - from));
              range.setEnd(text, Math.max(0, offset - from) + 1);
              return range;
            }
            from += text.data.length;
          }
        }
        from = to;
      }
      return box.firstChild;
    }

    // Moves the text until a node or range stands in its upper part; blocks get their true heights
    // when they are seen, which moves it again: until it has stayed for some frames.
    function reveal(target, left = 24, stayed = 0) {
      const area = target().getBoundingClientRect();
      const frame = box.getBoundingClientRect();
      const above = Math.min(frame.height * 0.2, Math.max(0, (frame.height - area.height) / 2));
      const before = box.scrollTop;
      box.scrollTop += area.top - frame.top - above;
      const frames = Math.abs(box.scrollTop - before) > 1 ? 0 : stayed + 1;
      if (left && frames < 4) requestAnimationFrame(() => reveal(target, left - 1, frames));
    }

    function go(mark) {
      show(mark.document);
      reveal(() => box.querySelector(`[data-marks~="${mark.index}"]`) || box);
    }

    chooser.addEventListener("change", () => show(Number(chooser.value)));
    const choose = (event) => {
      const piece = event.target.closest("mark");
      if (!piece || String(window.getSelection())) return;
      const marks = piece.dataset.marks.split(" ").map((index) => review.marks[Number(index)]).filter(review.isActive);
      if (!marks.length) return;
      const next = marks[(marks.findIndex(review.isCurrent) + 1) % marks.length];
      review.select(next.table, next.row, { mark: next, from: box });
    };
    box.addEventListener("click", choose);
    box.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === " ") && event.target.matches("mark")) {
        event.preventDefault();
        choose(event);
      }
    });
    return { node, box, show, go, start: () => show(first), shown: () => shown };
  }

  // --- findings and documents ----------------------------------------------------------------------

  // Tells the cells of tables which numbers their passages have, and returns all marks in order.
  function collect(section) {
    const marks = section.documents.flatMap((content, document) => content.marks.map((mark) => Object.assign(mark, { document })));
    marks.sort((a, b) => a.number - b.number || a.column - b.column);
    marks.forEach((mark, index) => {
      const table = section.tables[mark.table];
      mark.index = index;
      mark.name = nameOf(table, mark.row);
      const cell = table.rows[mark.row][mark.column];
      const passage = cell.passages.find((passage) => passage.mark === undefined && passage.label === mark.label);
      if (passage) Object.assign(passage, { mark: index, number: mark.number });
    });
    return marks;
  }

  const beginning = (text) => (text.length > 90 ? `${text.slice(0, Cells.cutAt(text, 90))} …` : text);

  // What people know a row by: its main text and its labels.
  function nameOf(table, row) {
    const cells = table.rows[row];
    const texts = table.columns.flatMap((column, position) => (column.kind === "text" && !column.hidden && !isPassages(cells[position]) ? [position] : []));
    const main = texts.find((position) => table.columns[position].main) ?? texts[0];
    const labels = table.columns.flatMap((column, position) => (column.kind === "label" && !column.hidden ? [position] : []));
    return [main, ...labels].filter((position) => position !== undefined).map((position) => beginning(plain(cells[position], table.columns[position]))).filter(Boolean).join(" · ");
  }

  // Columns of a table that lead to documents, as positions, but for hidden ones.
  const passageColumns = (table) => table.columns.flatMap((column, position) => (column.leads && !column.hidden ? [position] : []));

  // Whether a row leads to two documents that are read beside each other.
  function isPair(section, marks) {
    const beside = section.tables.filter((table) => passageColumns(table).length === 2);
    return beside.some((table) => table.rows.some((cells, row) => {
      const own = marks.filter((mark) => section.tables[mark.table] === table && mark.row === row);
      return new Set(own.map((mark) => mark.document)).size > 1;
    }));
  }

  // The review of a section; `draw` shows its documents once the tables are drawn.
  function create(section, holder) {
    const marks = collect(section);
    const contents = section.documents;
    const left = section.tables.map(() => null); // the rows that filters leave, of each table
    const drawn = new Map(); // tables by their index, as Tabulator has them
    let current = null;
    const status = element("span", { class: "status", "aria-live": "polite" });

    const isCurrent = (mark) => current !== null && mark.table === current.table && mark.row === current.row;
    const isActive = (mark) => left[mark.table] === null || left[mark.table].has(mark.row);
    const review = { section, contents, marks, isCurrent, isActive, paint, select, follow, isRow };

    function isRow(table, row) {
      return current !== null && current.table === table && current.row === row;
    }

    // Marks of rows that are filtered out are no marks, and those of the current row stand out.
    function paint() {
      for (const pane of panes) {
        for (const piece of pane.box.querySelectorAll("mark")) {
          const own = piece.dataset.marks.split(" ").map((index) => marks[Number(index)]);
          piece.classList.toggle("off", !own.some(isActive));
          const isRead = own.some(isCurrent);
          piece.classList.toggle("current", isRead);
          if (isRead) piece.setAttribute("aria-current", "true");
          else piece.removeAttribute("aria-current");
        }
      }
    }

    function select(table, row, { mark = null, from = null } = {}) {
      current = { table, row };
      const own = marks.filter(isCurrent);
      const columns = passageColumns(section.tables[table]);
      const isWide = columns.length > panes.length;
      const filled = new Set();
      for (const target of mark ? [mark, ...own] : own) {
        const index = isWide || !columns.includes(target.column) ? 0 : Math.max(0, Math.min(columns.indexOf(target.column), panes.length - 1));
        if (filled.has(index)) continue;
        filled.add(index);
        if (panes[index].box !== from) panes[index].go(target);
      }
      paint();
      const order = ordered(table);
      const number = order.indexOf(row) + 1;
      const shown = own.filter((mark) => columns.includes(mark.column));
      const where = own.length ? [...new Set((shown.length ? shown : own).map((mark) => mark.label))].join("; ") : NOWHERE;
      status.textContent = `${number} of ${order.length}: ${nameOf(section.tables[table], row)} · ${where}`;
      if (from === null) {
        const [index] = filled;
        const isLow = holder.offsetHeight > window.innerHeight; // where it is not seen whole, its document is
        (isLow && index !== undefined ? panes[index].node : holder).scrollIntoView({ block: "nearest" });
      }
      return showRow(table, row);
    }

    // Marks the row of a table, and turns to its page and moves to it where it is not seen.
    function showRow(table, row) {
      for (const [index, tabulator] of drawn) {
        for (const other of tabulator.getRows()) other.getElement().classList.toggle("current", isRow(index, other.getIndex()));
      }
      const tabulator = drawn.get(table);
      const node = () => tabulator.getRow(row).getElement();
      const move = () => {
        node().classList.add("current");
        const pane = node().closest(".findings");
        if (!pane) return;
        const [inner, outer] = [node().getBoundingClientRect(), pane.getBoundingClientRect()];
        if (inner.top < outer.top || inner.bottom > outer.bottom) pane.scrollTop += inner.top - outer.top - outer.height / 4;
      };
      if (node().isConnected) move();
      else if (tabulator.options.pagination) return tabulator.setPageToRow(row).then(move);
      return Promise.resolve();
    }

    // Rows of a table that filters leave, in its order.
    const ordered = (table) => drawn.get(table).getRows("active").map((row) => row.getIndex());

    function step(by) {
      const table = current === null ? drawn.keys().next().value : current.table;
      const order = table === undefined ? [] : ordered(table);
      if (!order.length) return Promise.resolve();
      const at = current === null ? -1 : order.indexOf(current.row);
      const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : (at + by + order.length) % order.length;
      return select(table, order[next]);
    }

    // Takes a table of the section, with its index, into the review.
    function follow(index, tabulator) {
      drawn.set(index, tabulator);
      tabulator.on("dataFiltered", (filters, rows) => {
        left[index] = new Set(rows.map((row) => row.getIndex()));
        paint();
      });
    }

    const panes = [];
    if (isPair(section, marks)) holder.classList.add("pair");
    const count = holder.classList.contains("pair") ? 2 : 1;
    for (let index = 0; index < count; index++) panes.push(view(review, Math.min(index, contents.length - 1)));
    const back = element("button", { "aria-label": "previous finding" }, "‹", element("span", {}, " previous"));
    const forth = element("button", { "aria-label": "next finding" }, element("span", {}, "next "), "›");
    back.addEventListener("click", () => step(-1));
    forth.addEventListener("click", () => step(1));
    const tools = element("div", { class: "toolbar tools" }, back, forth, status);
    if (section.tables.length) holder.prepend(tools);
    holder.querySelector(".documents").append(...panes.map((pane) => pane.node));
    for (const pane of panes) pane.start();
    holder.querySelector(".findings").addEventListener("keydown", (event) => {
      if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input, select")) return;
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1).then(() => {
        const button = holder.querySelector(".tabulator-row.current .passage, .tabulator-row.current .expand");
        if (button) button.focus({ preventScroll: true });
      });
    });
    return review;
  }

  const NOWHERE = "not in the document";

  // The cell of a table that leads to passages: a button for each.
  function cellNode(review, table, row, cell) {
    const fragment = document.createDocumentFragment();
    for (const passage of cell.passages) {
      const mark = review.marks[passage.mark];
      if (!mark) {
        fragment.append(element("span", { class: "passage" }, passage.label));
        continue;
      }
      const button = element("button", { class: `passage ${passage.tone}`, "data-mark": String(mark.index) }, element("sup", {}, String(mark.number)), passage.label);
      button.addEventListener("click", (event) => {
        event.stopPropagation();
        review.select(table, row, { mark });
      });
      fragment.append(button);
    }
    return fragment;
  }

  // All of the documents, for paper.
  function printed(section) {
    return section.documents.map((content) => element("div", { class: "printed document" }, element("h3", {}, content.name), ...textOf(content)));
  }

  // Whether an empty cell is the one that says that its row leads nowhere: the first that could.
  const isNowhere = (table, position, cells) =>
    passageColumns(table)[0] === position && !cells[position] && !cells.some(isPassages);

  return { NOWHERE, isNowhere, cellNode, create, passageColumns, printed };
})();
