// Plots of a page.
const Plots = (function () {
  "use strict";
  const { element } = Cells;

  const PAPER = { ink: "#000000", quiet: "#444444", line: "#bbbbbb" };
  const plots = [];

  function screenColors() {
    const style = getComputedStyle(document.documentElement);
    const named = ["ink", "quiet", "line"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
    return Object.fromEntries(named);
  }

  function color(plot, { ink, quiet, line }) {
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
      color(plot, PAPER);
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

  function drawFigure(figure, holder) {
    const canvas = element("canvas", { role: "img", "aria-label": figure.title });
    holder.append(element("div", { class: "plot" }, canvas));
    const axis = (title, values) => ({
      display: title !== null, title: { display: title !== null, text: title || "" }, grid: {}, ticks: {},
      ...(title !== null && areShares(values) ? { min: 0, max: 1 } : { grace: "4%" }),
    });
    const [x, y] = figure.axes || [null, null];
    const points = figure.groups.flatMap((group) => group.points);
    const plot = new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: figure.groups.map((group) => ({
          label: group.name, data: group.points.map(([x, y, label]) => ({ x, y, label })),
          backgroundColor: group.color, borderColor: group.color, pointStyle: group.shape,
          pointRadius: group.line ? 0 : group.faint ? 2.5 : 4.5, pointHoverRadius: group.line ? 4 : 7,
          showLine: group.line, pointHitRadius: group.line ? 6 : 1, borderWidth: group.line ? 2 : 1.5,
          clip: 8,
          borderDash: group.line && group.faint ? [6, 4] : [],
        })),
      },
      options: {
        animation: false, maintainAspectRatio: false,
        scales: { x: axis(x, points.map((point) => point[0])), y: axis(y, points.map((point) => point[1])) },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true } },
          tooltip: { callbacks: { label: (context) => wrap(context.raw.label || context.dataset.label, 60) } },
          zoom: { zoom: { wheel: { enabled: true, modifierKey: "ctrl" }, drag: { enabled: true }, mode: "xy" } },
        },
      },
    });
    const reset = element("button", {}, "whole plot");
    reset.addEventListener("click", () => plot.resetZoom("none"));
    holder.append(element("div", { class: "toolbar" }, reset, "Drag over a part to enlarge it; a click in the legend hides a group."));
    plots.push(plot);
    color(plot, screenColors());
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
