// Shapes of points, and plots as files: SVG text, from which PNG is drawn.
const Pictures = (function () {
  "use strict";
  const FONT = "system-ui, 'Segoe UI', Roboto, sans-serif";
  const PAPER = { ink: "#000000", quiet: "#444444", line: "#bbbbbb", ground: "#ffffff" };
  const LINE = 20; // the height of a line of the legend
  const SCALE = 2; // pixels of a PNG for each of the page

  // What XML may hold of a text, with its signs as references.
  const NO_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const escape = (text) => text.replace(NO_XML, "\ufffd").replace(/[&<>"']/g, (sign) => SIGNS[sign]);
  const place = (number) => Number(number.toFixed(1));

  // The path of a shape around 0, 0, as Chart.js draws it; lines for shapes that have no area.
  function shapePath(shape, radius) {
    const r = place(radius), side = place(radius * Math.SQRT1_2);
    if (shape === "triangle") return `M0 ${-r}L${place(0.866 * r)} ${place(r / 2)}L${place(-0.866 * r)} ${place(r / 2)}Z`;
    if (shape === "rect") return `M${-side} ${-side}H${side}V${side}H${-side}Z`;
    if (shape === "rectRot") return `M0 ${-r}L${r} 0L0 ${r}L${-r} 0Z`;
    const upright = `M0 ${-r}V${r}M${-r} 0H${r}`;
    const turned = `M${-side} ${-side}L${side} ${side}M${-side} ${side}L${side} ${-side}`;
    if (shape === "cross") return upright;
    if (shape === "crossRot") return turned;
    if (shape === "star") return upright + turned;
    return `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`;
  }

  // A point of the legend as a node of the document.
  function swatch({ shape, color, faint }) {
    const space = "http://www.w3.org/2000/svg";
    const [picture, path] = [document.createElementNS(space, "svg"), document.createElementNS(space, "path")];
    picture.setAttribute("viewBox", "-7 -7 14 14");
    picture.setAttribute("aria-hidden", "true");
    for (const [name, value] of Object.entries({ d: shapePath(shape, faint ? 3 : 5), fill: color, stroke: color, "stroke-width": 1.5 })) {
      path.setAttribute(name, value);
    }
    picture.append(path);
    return picture;
  }

  const WITH_AREA = ["circle", "triangle", "rect", "rectRot"];
  const LEAST_CONTRAST = 2.2;

  // The contrast of two colors, `#rrggbb`, as WCAG 2 has it: from 1 to 21.
  function contrast(first, second) {
    const [low, high] = [first, second].map((color) => {
      const shares = [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16) / 255);
      const [r, g, b] = shares.map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    }).sort((a, b) => a - b);
    return high / low;
  }

  // A point as an image that is drawn many times: { image, side }, with the side in the page.
  //
  // colors: of the page; a point with an area that hardly differs from its ground gets an edge.
  function spriteOf({ shape, color }, radius, ratio, colors) {
    const side = 2 * Math.ceil(radius + 2), pixels = Math.ceil(side * ratio);
    const canvas = new OffscreenCanvas(pixels, pixels);
    const ctx = canvas.getContext("2d");
    ctx.setTransform(pixels / side, 0, 0, pixels / side, pixels / 2, pixels / 2);
    Object.assign(ctx, { fillStyle: color, strokeStyle: color, lineWidth: Math.min(1.5, radius / 2) });
    const path = new Path2D(shapePath(shape, radius));
    if (WITH_AREA.includes(shape) && contrast(color, colors.ground) < LEAST_CONTRAST) {
      Object.assign(ctx, { strokeStyle: colors.quiet, lineWidth: ctx.lineWidth + 1.5 });
      ctx.stroke(path);
      Object.assign(ctx, { strokeStyle: color, lineWidth: ctx.lineWidth - 1.5 });
    }
    ctx.fill(path);
    ctx.stroke(path);
    return { image: canvas.transferToImageBitmap(), side };
  }

  const measure = document.createElement("canvas").getContext("2d");
  function widthOf(text, font) {
    measure.font = `${font} ${FONT}`;
    return measure.measureText(text).width;
  }

  // Entries of the legend with their places, in as many lines as they need.
  function legendLines(entries, width) {
    let [x, line] = [10, 0];
    const placed = entries.map((entry) => {
      const needed = widthOf(entry.name, "12px") + 34;
      if (x > 10 && x + needed > width) [x, line] = [10, line + 1];
      const at = { ...entry, x, line };
      x += needed;
      return at;
    });
    return { placed, height: (line + 1) * LINE };
  }

  function mark({ x, y, shape, color, radius, opacity, label }) {
    const clear = opacity < 1 ? ` opacity="${opacity}"` : "";
    const title = label ? `<title>${escape(label)}</title>` : "";
    const drawn = `fill="${escape(color)}" stroke="${escape(color)}"${clear}`;
    return `<path class="point" transform="translate(${place(x)} ${place(y)})" d="${shapePath(shape, radius)}" ${drawn}>${title}</path>`;
  }

  // A view of a plot as SVG, in the colors of paper: { title, width, height, points, names, legend }.
  function svgOf(view) {
    const { ink, ground } = PAPER;
    const head = 30;
    const legend = legendLines(view.legend, view.width);
    const height = Math.ceil(head + view.height + legend.height + 10);
    const width = Math.ceil(view.width);
    const names = view.names.map(({ text, x, y }) =>
      `<text class="name" x="${place(x)}" y="${place(y)}" text-anchor="middle" font-size="12" font-weight="600" paint-order="stroke" stroke="${ground}" stroke-width="3" stroke-linejoin="round">${escape(text)}</text>`);
    const entries = legend.placed.map(({ name, shape, color, faint, x, line }) => {
      const y = head + view.height + line * LINE + LINE / 2;
      const point = mark({ x: x + 7, y, shape, color, radius: faint ? 3 : 5, opacity: 1 }).replace('"point"', '"key"');
      return `<g class="entry">${point}<text x="${place(x + 18)}" y="${place(y + 4)}" font-size="12">${escape(name)}</text></g>`;
    });
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" fill="${ink}">`,
      `<title>${escape(view.title)}</title>`,
      `<rect width="${width}" height="${height}" fill="${ground}"/>`,
      `<text x="10" y="20" font-size="15" font-weight="600">${escape(view.title)}</text>`,
      `<g class="points" transform="translate(0 ${head})" stroke-width="1.5">`, ...view.points.map(mark), "</g>",
      `<g class="names" transform="translate(0 ${head})">`, ...names, "</g>",
      '<g class="legend">', ...entries, "</g>", "</svg>",
    ].join("\n");
  }

  function download(blob, name) {
    const link = Cells.element("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function downloadText(text, type, name) {
    download(new Blob([text], { type: `${type};charset=utf-8` }), name);
  }

  function downloadPng(svg, name) {
    const image = new Image();
    image.addEventListener("load", () => {
      const canvas = Cells.element("canvas", { width: image.width * SCALE, height: image.height * SCALE });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => download(blob, name), "image/png");
    });
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  }

  return { swatch, spriteOf, svgOf, widthOf, downloadText, downloadPng, FONT, PAPER };
})();
