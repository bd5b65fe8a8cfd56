// Positions in files: links that an editor opens, which the reader chooses; else plain text.
const Links = (function () {
  "use strict";
  const KEY = "metier-editor";
  const nodes = []; // of all positions on the page, with their cells
  let editors = {};
  let address = "";

  // What the reader chose on another page; a frame of a notebook may not look.
  function remembered() {
    try { return window.localStorage.getItem(KEY); } catch { return null; }
  }
  function remember(choice) {
    try { window.localStorage.setItem(KEY, choice); } catch { /* for this page only */ }
  }

  const isAddress = (text) => text.includes("{path}") && /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^(javascript|data|vbscript|blob):/i.test(text);

  function target(cell) {
    if (!address || !cell.path) return "";
    return address.replaceAll("{path}", cell.path).replaceAll("{line}", cell.line).replaceAll("{column}", cell.column);
  }

  function update(node, cell) {
    const link = target(cell);
    if (link) node.setAttribute("href", link);
    else node.removeAttribute("href");
  }

  function node(cell) {
    const link = Cells.element("a", { class: "position" }, Cells.breakable(cell.position));
    link.addEventListener("click", (event) => event.stopPropagation());
    update(link, cell);
    nodes.push([new WeakRef(link), cell]);
    return link;
  }

  function choose(choice) {
    address = choice in editors ? editors[choice] : isAddress(choice) ? choice : "";
    for (const [reference, cell] of nodes) {
      const link = reference.deref();
      if (link) update(link, cell);
    }
  }

  // The choice of an editor, above the tables of a page that has positions.
  function menu(page) {
    if (!page.editors) return null;
    editors = page.editors;
    const kept = remembered();
    let choice = kept !== null && (kept in editors || isAddress(kept)) ? kept : page.editor;
    const select = Cells.element("select", {});
    const own = Cells.element("input", { type: "text", size: 44, placeholder: "editor://open?file={path}&line={line}", "aria-label": "address of a link" });
    for (const name of Object.keys(editors)) select.append(Cells.element("option", { value: name }, name === "none" ? "no links" : name));
    select.append(Cells.element("option", { value: "" }, "another address"));
    const isOwn = !(choice in editors);
    select.value = isOwn ? "" : choice;
    own.value = isOwn ? choice : "";
    own.hidden = !isOwn;
    const apply = () => {
      own.hidden = select.value !== "";
      choice = select.value || own.value.trim();
      choose(choice);
      remember(choice);
    };
    select.addEventListener("change", apply);
    own.addEventListener("change", apply);
    choose(choice);
    return Cells.element("div", { class: "toolbar editor" }, Cells.element("label", {}, "open files in ", select), own);
  }

  return { node, menu };
})();
