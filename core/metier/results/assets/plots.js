// Plots of a page.
const Plots = (function () {
  "use strict";
  const { element } = Cells;

  const plots = [];

  function screenColors() {
    const style = getComputedStyle(document.documentElement);
    const named = ["ink", "quiet", "line", "ground"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
    return Object.fromEntries(named);
  }

  function color(plot, colors) {
    const { ink, quiet, line } = colors;
    plot.pageColors = colors;
    for (const axis of Object.values(plot.options.scales)) {
      axis.title.color = ink;
      axis.ticks.color = quiet;
      axis.grid.color = line;
    }
    plot.options.plugins.legend.labels.color = ink;
    plot.update("none");
  }

  // A plot as wide as paper, in its colors; and as before.
  function beforePrint() {
    for (const plot of plots) {
      plot.resize(680, 430);
      color(plot, Pictures.PAPER);
    }
  }

  function afterPrint() {
    for (const plot of plots) {
      plot.resize();
      color(plot, screenColors());
    }
  }

  function recolor() {
    for (const plot of plots) color(plot, screenColors());
  }

  // Low and high shares: an axis that went on to 1.2 would say that there can be more.
  const areShares = (values) =>
    values.every((value) => value >= 0 && value <= 1) && values.some((value) => value < 0.25) && values.some((value) => value > 0.75);

  // The ends of an axis of a map: a bit more than its points need.
  function endsOf(values) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const room = (high - low) * 0.04 || 1;
    return { min: low - room, max: high + room };
  }

  // tables: of the section of the figure.
  // drawTable: draws a table into a holder.
  function drawFigure(figure, holder, tables, drawTable) {
    const canvas = element("canvas", { role: "img", "aria-label": figure.title });
    holder.append(element("div", { class: "plot" }, canvas));
    const axis = (title, values) => ({
      display: title !== null, title: { display: title !== null, text: title || "" }, grid: {}, ticks: {},
      ...(figure.map ? endsOf(values) : title !== null && areShares(values) ? { min: 0, max: 1 } : { grace: "4%" }),
    });
    const [x, y] = figure.axes || [null, null];
    const points = figure.groups.flatMap((group) => group.points);
    const plot = new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: figure.groups.map((group) => ({
          label: group.name, data: group.points.map(([x, y, label]) => ({ x, y, label })),
          backgroundColor: group.color, borderColor: group.color, pointStyle: group.shape,
          pointRadius: group.line ? 0 : Maps.radiusOf(group, points.length), pointHoverRadius: group.line ? 4 : 7,
          showLine: group.line, pointHitRadius: group.line ? 6 : 1, borderWidth: group.line ? 2 : 1.5,
          clip: 8,
          borderDash: group.line && group.faint ? [6, 4] : [],
        })),
      },
      plugins: figure.map ? [Maps.plugin] : [],
      options: {
        animation: false, maintainAspectRatio: false, ...(figure.map ? { events: [] } : {}),
        scales: { x: axis(x, points.map((point) => point[0])), y: axis(y, points.map((point) => point[1])) },
        plugins: {
          legend: { display: !figure.map, position: "bottom", labels: { usePointStyle: true } },
          tooltip: { callbacks: { label: (context) => wrap(context.raw.label || context.dataset.label, 60) } },
          zoom: { zoom: { wheel: { enabled: true, modifierKey: "ctrl" }, drag: { enabled: !figure.map }, mode: "xy" } },
        },
      },
    });
    plots.push(plot);
    color(plot, screenColors());
    if (figure.map) Maps.attach(plot, figure, holder, tables, drawTable);
    else addReset(plot, holder);
  }

  function addReset(plot, holder) {
    const reset = element("button", {}, "whole plot");
    reset.addEventListener("click", () => plot.resetZoom("none"));
    holder.append(element("div", { class: "toolbar" }, reset, "Drag over a part to enlarge it; a click in the legend hides a group."));
  }

  function wrap(text, width) {
    const lines = [""];
    for (const word of text.split(/\s+/)) {
      if (lines[lines.length - 1].length + word.length > width) lines.push("");
      lines[lines.length - 1] += (lines[lines.length - 1] ? " " : "") + word;
    }
    return lines;
  }

  return { drawFigure, beforePrint, afterPrint, recolor };
})();
