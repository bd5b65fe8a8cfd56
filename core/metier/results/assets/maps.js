// Maps of points: names of groups, a legend, search, selections and files, on a plot of Chart.js.
const Maps = (function () {
  "use strict";
  const { NARROW, element } = Cells;
  const CELL = 14; // pixels: the side of a cell of the grid, and how far from a point it is hovered
  const VEIL = 0.8; // how much of the color is taken from points that are not meant
  const NAME_LENGTH = NARROW ? 16 : 34;
  const NAME_HEIGHT = 16;
  const MODES = [["rectangle", "select in a rectangle"], ["lasso", "select in a lasso"], ["zoom", "enlarge"], ["move", "move"]];

  // The radius of the points of a group: smaller where there are many.
  function radiusOf(group, count) {
    const share = count > 8000 ? 0.5 : count > 2000 ? 0.7 : 1;
    return (group.faint ? 2.5 : 4.5) * Math.min(share, NARROW ? 0.7 : 1);
  }

  const shortName = (name) => (name.length > NAME_LENGTH ? name.slice(0, Cells.cutAt(name, NAME_LENGTH)) + " …" : name);
  const median = (numbers) => Float64Array.from(numbers).sort()[numbers.length >> 1];

  function isInside([x, y], corners) {
    let inside = false;
    for (let index = 0, last = corners.length - 1; index < corners.length; last = index++) {
      const [[ax, ay], [bx, by]] = [corners[index], corners[last]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  }

  // --- where points and names are ------------------------------------------------------------------

  const cellOf = (x, y) => Math.floor(x / CELL) * 10000 + Math.floor(y / CELL);

  // Places of the points that are shown, in pixels, with a grid in which the nearest is found.
  function locate(plot, figure, points) {
    const { x, y } = plot.scales, area = plot.chartArea;
    const [cells, places, shown] = [new Map(), [], figure.groups.map(() => [])];
    points.forEach((point, index) => {
      const at = [x.getPixelForValue(point.x), y.getPixelForValue(point.y)];
      places.push(at);
      const isOutside = at[0] < area.left || at[0] > area.right || at[1] < area.top || at[1] > area.bottom;
      if (isOutside || !plot.isDatasetVisible(point.group)) return;
      shown[point.group].push(index);
      const key = cellOf(at[0], at[1]);
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(index);
    });
    return { cells, places, shown };
  }

  function nearest({ cells, places }, x, y) {
    let [best, least] = [null, CELL * CELL];
    for (let column = -1; column <= 1; column++) {
      for (let row = -1; row <= 1; row++) {
        for (const index of cells.get(cellOf(x + column * CELL, y + row * CELL)) || []) {
          const distance = (places[index][0] - x) ** 2 + (places[index][1] - y) ** 2;
          if (distance < least) [best, least] = [index, distance];
        }
      }
    }
    return best;
  }

  // Names at the middles of their groups, the largest first; one that has no room is left out.
  function placeNames(figure, { places, shown }, area) {
    const order = figure.groups.map((group, index) => index).filter((index) => shown[index].length && !figure.groups[index].faint);
    order.sort((a, b) => shown[b].length - shown[a].length);
    const names = [];
    for (const index of order) {
      const text = shortName(figure.groups[index].name);
      const width = Pictures.widthOf(text, "600 12px") + 6;
      const middle = median(shown[index].map((point) => places[point][0]));
      const x = Math.max(area.left + width / 2, Math.min(area.right - width / 2, middle));
      const y = median(shown[index].map((point) => places[point][1])) + 4;
      for (const shift of [0, -1, 1, -2, 2]) {
        const name = { text, x, y: y + shift * NAME_HEIGHT, width };
        const overlaps = names.some((other) =>
          Math.abs(other.x - name.x) < (other.width + name.width) / 2 && Math.abs(other.y - name.y) < NAME_HEIGHT);
        if (overlaps || name.y < area.top + NAME_HEIGHT || name.y > area.bottom) continue;
        names.push(name);
        break;
      }
    }
    return names;
  }

  // --- the rows of what is selected ------------------------------------------------------------------

  // One table of rows of several: columns by their names, those of the widest table first.
  function tableOf(points, figure, tables) {
    const refs = points.filter((point) => point.row).map((point) => point.row).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    if (!refs.length) return plainTable(points, figure);
    const used = [...new Set(refs.map(([table]) => table))].map((index) => tables[index]);
    used.sort((a, b) => b.columns.length - a.columns.length);
    const columns = new Map();
    for (const column of used.flatMap((table) => table.columns)) {
      const known = columns.get(column.name);
      if (!known) columns.set(column.name, { ...column });
      else if (column.kind === "label") {
        const extra = column.values.filter((value) => !known.values.includes(value));
        known.values = [...known.values, ...extra];
        known.colors = [...known.colors, ...extra.map((value) => column.colors[column.values.indexOf(value)])];
      }
      if (known) known.widest = Math.max(known.widest, column.widest);
    }
    const names = [...columns.keys()];
    const rows = refs.map(([table, row]) =>
      names.map((name) => {
        const position = tables[table].columns.findIndex((column) => column.name === name);
        return position < 0 ? null : tables[table].rows[row][position];
      }));
    return { columns: [...columns.values()], rows };
  }

  function plainTable(points, figure) {
    const groups = figure.groups.map((group) => group.name);
    const column = (name, kind, rest) => ({ name, kind, hidden: false, main: false, own: false, digits: 0, highest: 0, widest: 80, values: [], colors: [], ...rest });
    return {
      columns: [column("group", "label", { values: groups, colors: figure.groups.map((group) => group.color) }), column("text", "text", { main: true })],
      rows: points.map((point) => [groups[point.group], point.label]),
    };
  }

  // CSV of a table, in which no text is run as a formula: as the files of a result have it.
  const NUMBER = /^[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?(?: ?%)?$/;
  function csvOf({ columns, rows }) {
    const cellOf = (cell) => {
      if (Cells.isScored(cell)) cell = cell.score;
      if (cell === null || cell === undefined) return "";
      if (Cells.isExcerpt(cell)) cell = cell.text;
      let text = String(cell).replaceAll("\0", "\ufffd");
      if (typeof cell === "string" && /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text)) text = `'${text}`;
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [columns.map((column) => column.name), ...rows].map((cells) => cells.map(cellOf).join(",") + "\r\n").join("");
  }

  // --- a map -------------------------------------------------------------------------------------------

  // The parts around a plot.
  function controlsOf(figure) {
    const name = `mode-${Math.random().toString(36).slice(2)}`;
    const button = (text, title) => element("button", { type: "button", ...(title ? { title } : {}) }, text);
    const modes = MODES.map(([mode, text], position) => {
      const input = element("input", { type: "radio", name, value: mode, checked: position === 0 });
      return [input, element("label", {}, input, ` ${text}`)];
    });
    const parts = {
      search: element("input", { type: "search", placeholder: "search the map", "aria-label": "search the map" }),
      found: element("span", { class: "found", "aria-live": "polite" }),
      take: button("select what was found"), modes: modes.map(([input]) => input),
      larger: button("+", "enlarge"), smaller: button("−", "make smaller"), all: button("whole plot"),
      names: element("input", { type: "checkbox", checked: true }), svg: button("SVG", "save this view as SVG"), png: button("PNG", "save this view as PNG"),
      legend: element("div", { class: "legend", role: "group", "aria-label": "groups" }),
      selection: element("div", { class: "selection" }),
      tip: element("div", { class: "tip", role: "status", hidden: true }),
      drag: document.createElementNS("http://www.w3.org/2000/svg", "svg"),
    };
    parts.take.hidden = true;
    parts.drag.setAttribute("class", "drag");
    parts.bars = [
      element("div", { class: "toolbar map-search" }, parts.search, parts.found, parts.take),
      element("div", { class: "toolbar map-tools" },
        element("span", { class: "modes", role: "radiogroup", "aria-label": "a drag over the map" }, ...modes.map(([, label]) => label)),
        element("span", {}, parts.larger, parts.smaller, parts.all),
        element("label", {}, parts.names, " names"), element("span", {}, parts.svg, parts.png)),
    ];
    return parts;
  }

  // Makes a map of a plot.
  //
  // tables: of the section, whose rows the points refer to.
  // drawTable: draws a table into a holder.
  function attach(plot, figure, holder, tables, drawTable) {
    const canvas = plot.canvas, frame = canvas.parentElement;
    const parts = controlsOf(figure);
    const points = figure.groups.flatMap((group, index) =>
      group.points.map(([x, y, label, table, row]) => ({ x, y, label, group: index, row: table === undefined ? null : [table, row] })));
    const state = { hovered: null, group: null, matches: null, selected: new Set(), located: null, drag: null };
    frame.before(parts.bars[0]);
    frame.append(parts.drag, parts.tip);
    holder.append(parts.bars[1], parts.legend, parts.selection);
    canvas.tabIndex = 0;

    const located = () => (state.located = state.located || locate(plot, figure, points));
    const isShown = (index) => plot.isDatasetVisible(points[index].group);

    // The points that are meant, or null for all of them.
    function meant() {
      if (state.group !== null) return points.map((point, index) => index).filter((index) => points[index].group === state.group);
      if (state.matches) return state.matches;
      return state.selected.size ? [...state.selected] : null;
    }

    let sprites = { key: "", images: [] };
    function paintPoints(ctx, indices) {
      const { places } = located(), ratio = plot.currentDevicePixelRatio;
      const key = `${ratio} ${plot.pageColors.ground}`;
      if (sprites.key !== key) {
        const images = figure.groups.map((group) => Pictures.spriteOf(group, radiusOf(group, points.length), ratio, plot.pageColors));
        sprites = { key, images };
      }
      for (const index of indices) {
        const { image, side } = sprites.images[points[index].group], [x, y] = places[index];
        ctx.drawImage(image, Math.round((x - side / 2) * ratio) / ratio, Math.round((y - side / 2) * ratio) / ratio, side, side);
      }
    }

    // Points from the last group to the first, those that are meant over the others; then names.
    function paint() {
      const { ctx, chartArea: area } = plot, { places, shown } = located(), { ink, ground } = plot.pageColors;
      const some = meant();
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left - 8, area.top - 8, area.width + 16, area.height + 16);
      ctx.clip();
      ctx.globalAlpha = some ? 1 - VEIL : 1;
      for (const indices of [...shown].reverse()) paintPoints(ctx, indices);
      ctx.globalAlpha = 1;
      paintPoints(ctx, (some || []).filter(isShown));
      ctx.beginPath();
      for (const index of [...state.selected].filter(isShown)) {
        ctx.moveTo(places[index][0] + 7, places[index][1]);
        ctx.arc(...places[index], 7, 0, 2 * Math.PI);
      }
      ctx.lineWidth = 1;
      ctx.strokeStyle = ink;
      ctx.stroke();
      Object.assign(ctx, { font: `600 12px ${Pictures.FONT}`, textAlign: "center", lineJoin: "round", lineWidth: 3, strokeStyle: ground, fillStyle: ink });
      for (const { text, x, y } of parts.names.checked ? placeNames(figure, { places, shown }, area) : []) {
        ctx.strokeText(text, x, y);
        ctx.fillText(text, x, y);
      }
      ctx.restore();
    }

    let isAsked = false;
    function redraw() {
      if (isAsked) return;
      isAsked = true;
      requestAnimationFrame(() => {
        isAsked = false;
        plot.draw();
      });
    }

    function select(indices) {
      state.selected = new Set(indices);
      showSelection();
      redraw();
    }

    let shownTable = null;
    function showSelection() {
      const old = shownTable;
      // a table is built after the script that asked for it, and can be taken down only then
      if (old && !old.initialized) old.on("tableBuilt", () => old.destroy());
      else if (old) old.destroy();
      shownTable = null;
      parts.selection.replaceChildren();
      const chosen = [...state.selected].sort((a, b) => a - b).map((index) => points[index]);
      if (!chosen.length) return;
      const table = tableOf(chosen, figure, tables);
      const [save, copy, clear] = ["download CSV", "copy as CSV", "clear"].map((text) => element("button", { type: "button" }, text));
      const said = element("span", { "aria-live": "polite" });
      save.addEventListener("click", () => Pictures.downloadText(csvOf(table), "text/csv", `${fileName(figure)}.csv`));
      copy.addEventListener("click", () => navigator.clipboard.writeText(csvOf(table)).then(
        () => (said.textContent = "copied"), () => (said.textContent = "The browser does not permit it here: download it instead.")));
      clear.addEventListener("click", () => select([]));
      const heading = element("b", { class: "chosen" }, `${chosen.length} of ${points.length} selected`);
      const rows = element("div", {});
      parts.selection.append(element("div", { class: "toolbar" }, heading, save, copy, clear, said), rows);
      shownTable = drawTable(table, rows);
    }

    // --- search ---

    let contents = null; // what each point is found by
    function contentOf(point) {
      const cells = point.row ? tables[point.row[0]].rows[point.row[1]] : [];
      const row = cells.map((cell, position) => Cells.searched(cell, tables[point.row[0]].columns[position]));
      return [point.label, figure.groups[point.group].name, ...row].join("\n").toLowerCase();
    }

    function find() {
      const words = parts.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      contents = contents || points.map(contentOf);
      state.matches = words.length ? points.map((point, index) => index).filter((index) =>
        isShown(index) && words.every((word) => contents[index].includes(word))) : null;
      parts.found.textContent = state.matches ? `${state.matches.length} of ${points.length} found` : "";
      parts.take.hidden = !state.matches || !state.matches.length;
      redraw();
    }

    // --- legend ---

    const buttons = figure.groups.map((group, index) => {
      const button = element("button", { type: "button", "aria-pressed": "true", title: "click: hide or show; double-click or Shift+Enter: this group alone" },
        Pictures.swatch(group), element("span", {}, group.name), element("i", {}, String(group.points.length)));
      button.addEventListener("click", (event) => (event.shiftKey ? isolate(index) : show(index, !plot.isDatasetVisible(index))));
      button.addEventListener("dblclick", () => isolate(index));
      for (const [name, chosen] of [["focus", index], ["mouseenter", index], ["blur", null], ["mouseleave", null]]) {
        button.addEventListener(name, () => {
          state.group = chosen !== null && plot.isDatasetVisible(chosen) ? chosen : null;
          redraw();
        });
      }
      return button;
    });
    parts.legend.append(...buttons);

    function update() {
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(plot.isDatasetVisible(index))));
      state.group = null;
      plot.update("none");
      find();
    }

    function show(index, isVisible) {
      plot.setDatasetVisibility(index, isVisible);
      update();
    }

    // One group alone; all of them if it is alone already.
    function isolate(index) {
      const isAlone = figure.groups.every((group, other) => plot.isDatasetVisible(other) === (other === index));
      figure.groups.forEach((group, other) => plot.setDatasetVisibility(other, isAlone || other === index));
      update();
    }

    // --- the pointer and the keys ---

    function hover(index) {
      if (state.hovered === index) return;
      state.hovered = index;
      parts.tip.hidden = index === null;
      if (index === null) return;
      const [x, y] = located().places[index];
      parts.tip.replaceChildren(element("b", {}, figure.groups[points[index].group].name), element("br"), points[index].label);
      const isRight = x > plot.width / 2;
      Object.assign(parts.tip.style, {
        top: `${y + 10}px`, left: isRight ? "auto" : `${x + 10}px`, right: isRight ? `${plot.width - x + 10}px` : "auto",
      });
    }

    const modeOf = () => parts.modes.find((input) => input.checked).value;

    function outline(corners) {
      const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
      polygon.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
      parts.drag.replaceChildren(...(corners.length ? [polygon] : []));
    }

    const rectangle = ([ax, ay], [bx, by]) => [[ax, ay], [bx, ay], [bx, by], [ax, by]];

    // Once a frame, however often the pointer reports its place.
    function move(at) {
      const drag = state.drag;
      if (!drag.at) {
        requestAnimationFrame(() => {
          plot.pan({ x: drag.at[0] - drag.last[0], y: drag.at[1] - drag.last[1] });
          [drag.last, drag.at] = [drag.at, null];
        });
      }
      drag.at = at;
    }

    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const start = [event.offsetX, event.offsetY];
      state.drag = { mode: modeOf(), start, path: [start], last: start, isClick: true };
      canvas.setPointerCapture(event.pointerId);
      hover(null);
    });
    canvas.addEventListener("pointermove", (event) => {
      const at = [event.offsetX, event.offsetY], drag = state.drag;
      if (!drag) return hover(nearest(located(), ...at));
      if (Math.hypot(at[0] - drag.start[0], at[1] - drag.start[1]) > 4) drag.isClick = false;
      if (drag.isClick) return undefined;
      if (drag.mode === "move") move(at);
      else if (drag.mode === "lasso") outline(drag.path = [...drag.path, at]);
      else outline(rectangle(drag.start, at));
      return undefined;
    });
    canvas.addEventListener("pointerup", (event) => {
      const drag = state.drag, at = [event.offsetX, event.offsetY];
      state.drag = null;
      outline([]);
      if (!drag) return;
      if (drag.isClick) {
        const index = nearest(located(), ...at);
        if (index !== null) {
          choose(index, event.shiftKey);
          hover(index);
        } else if (!event.shiftKey) select([]);
      } else if (drag.mode === "zoom") {
        plot.zoomRect({ x: drag.start[0], y: drag.start[1] }, { x: at[0], y: at[1] });
      } else if (drag.mode !== "move") {
        const corners = drag.mode === "lasso" ? drag.path : rectangle(drag.start, at);
        const inside = located().shown.flat().filter((index) => isInside(located().places[index], corners));
        select(event.shiftKey ? [...state.selected, ...inside] : inside);
      }
    });
    canvas.addEventListener("pointercancel", () => {
      state.drag = null;
      outline([]);
    });
    canvas.addEventListener("pointerleave", () => hover(null));
    canvas.addEventListener("blur", () => hover(null));

    // A point is added to the selection or taken out of it; without others it is the only one.
    function choose(index, withOthers) {
      const others = withOthers ? [...state.selected].filter((other) => other !== index) : [];
      select(withOthers && state.selected.has(index) ? others : [...others, index]);
    }

    // The nearest point in a direction, of those that are seen.
    function next([right, down]) {
      const { places, shown } = located(), area = plot.chartArea;
      const [x, y] = state.hovered === null ? [(area.left + area.right) / 2, (area.top + area.bottom) / 2] : places[state.hovered];
      let [best, least] = [state.hovered, Infinity];
      for (const index of shown.flat()) {
        const [dx, dy] = [places[index][0] - x, places[index][1] - y];
        const [ahead, aside] = [dx * right + dy * down, Math.abs(dx * down) + Math.abs(dy * right)];
        if (ahead > 0.5 && ahead + 2 * aside < least) [best, least] = [index, ahead + 2 * aside];
      }
      return best;
    }

    const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    canvas.addEventListener("keydown", (event) => {
      if (ARROWS[event.key]) hover(next(ARROWS[event.key]));
      else if (event.key === "Enter" && state.hovered !== null) choose(state.hovered, true);
      else if (event.key === "Escape") select([]);
      else if (event.key === "+" || event.key === "-") plot.zoom(event.key === "+" ? 1.4 : 1 / 1.4);
      else return;
      event.preventDefault();
    });

    // --- files ---

    function view() {
      const { places, shown } = located(), some = meant() && new Set(meant());
      const drawn = [...shown.keys()].reverse().flatMap((group) => shown[group]);
      return {
        title: figure.title, width: plot.width, height: plot.height,
        points: drawn.map((index) => {
          const group = figure.groups[points[index].group];
          const opacity = !some || some.has(index) ? 1 : 1 - VEIL;
          return { x: places[index][0], y: places[index][1], shape: group.shape, color: group.color, radius: radiusOf(group, points.length), opacity, label: points[index].label };
        }),
        names: parts.names.checked ? placeNames(figure, { places, shown }, plot.chartArea) : [],
        legend: figure.groups.filter((group, index) => plot.isDatasetVisible(index)),
      };
    }

    parts.search.addEventListener("input", find);
    parts.take.addEventListener("click", () => select(state.matches.filter(isShown)));
    parts.names.addEventListener("change", redraw);
    parts.larger.addEventListener("click", () => plot.zoom(1.4));
    parts.smaller.addEventListener("click", () => plot.zoom(1 / 1.4));
    parts.all.addEventListener("click", () => plot.resetZoom("none"));
    parts.svg.addEventListener("click", () => Pictures.downloadText(Pictures.svgOf(view()), "image/svg+xml", `${fileName(figure)}.svg`));
    parts.png.addEventListener("click", () => Pictures.downloadPng(Pictures.svgOf(view()), `${fileName(figure)}.png`));
    plot.map = { paint, forget: () => (state.located = null) };
    redraw();
  }

  const fileName = (figure) => figure.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "map";

  // For Chart.js, which keeps the scales and the view of a map: the map draws the points.
  const plugin = {
    id: "map",
    afterUpdate: (plot) => plot.map && plot.map.forget(),
    beforeDatasetsDraw: (plot) => {
      if (plot.map) plot.map.paint();
      return false;
    },
  };

  return { attach, plugin, radiusOf };
})();
