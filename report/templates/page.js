"use strict";
// The page is whole without this script; it adds a theme switch, a table of contents that follows,
// tables that sort and values under the pointer.

(function theme() {
  const button = document.getElementById("theme");
  const names = { auto: "automatic", light: "light", dark: "dark" };
  const order = Object.keys(names);
  let current = "auto";
  try { current = localStorage.getItem("octrepro-theme") || "auto"; } catch { /* no storage: not remembered */ }
  function apply(name) {
    current = name in names ? name : "auto";
    if (current === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = current;
    button.textContent = `Theme: ${names[current]}`;
  }
  button.addEventListener("click", () => {
    apply(order[(order.indexOf(current) + 1) % order.length]);
    try { localStorage.setItem("octrepro-theme", current); } catch { /* not remembered */ }
  });
  apply(current);
  button.hidden = false;
})();

(function contents() {
  const details = document.querySelector("nav details");
  const wide = matchMedia("(min-width: 72rem)");
  const fit = () => { details.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  details.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) details.open = false;
  });
  const links = new Map([...details.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  // The section that crosses a line at a third of the window's height is the one being read.
  const sections = [...document.querySelectorAll("main section")];
  const crossing = new Set();
  let shown = null;
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) crossing.add(entry.target);
      else crossing.delete(entry.target);
    }
    const inner = sections.filter((section) => crossing.has(section) && links.has(section.getAttribute("aria-labelledby"))).pop();
    const next = inner ? links.get(inner.getAttribute("aria-labelledby")) : null;
    if (next === shown) return;
    shown?.removeAttribute("aria-current");
    next?.setAttribute("aria-current", "location");
    if (next && wide.matches) {
      const nav = details.parentElement;
      const [box, row] = [nav.getBoundingClientRect(), next.getBoundingClientRect()];
      if (row.top < box.top) nav.scrollTop += row.top - box.top - 40;
      if (row.bottom > box.bottom) nav.scrollTop += row.bottom - box.bottom + 40;
    }
    shown = next;
  }, { rootMargin: "-33% 0px -66% 0px" });
  sections.forEach((section) => observer.observe(section));
})();

(function tables() {
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const value = (row, column) => {
      const text = row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
      const number = Number(text.replaceAll(",", ""));
      return text === "" || Number.isNaN(number) ? text : number;
    };
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...body.rows].map((row) => [value(row, column), row]);
        rows.sort(([a], [b]) => {
          if (a === "" || b === "") return (a === "") - (b === ""); // what is missing stays last
          const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
          return up ? order : -order;
        });
        body.append(...rows.map(([, row]) => row));
      });
    });
  }
})();

(function values() {
  // A curve's points lie in its path in the order of the figure's own CSV, which is either one column for
  // each curve after the epoch, or one row for each value with its run and measure.
  function curvesOf(header, rows) {
    const filled = (pairs) => pairs.filter(([, value]) => value !== "").map(([epoch, value]) => ({ epoch: Number(epoch), value: Number(value) }));
    if (header[0] === "epoch") return header.slice(1).map((_, column) => filled(rows.map((row) => [row[0], row[column + 1]])));
    if (!header.join().startsWith("run,measure,epoch,value")) return [];
    const groups = Map.groupBy ? Map.groupBy(rows, ([run, measure]) => `${run},${measure}`) : new Map();
    return [...groups.values()].map((group) => filled(group.map((row) => [row[2], row[3]])));
  }
  // Whether a curve is these values: as many points, and all on one straight scale.
  function onOneScale(points, values) {
    if (points.length !== values.length || points.length < 2) return false;
    const order = values.map((_, index) => index).sort((a, b) => values[a].value - values[b].value);
    const [low, high] = [order[0], order[order.length - 1]];
    const slope = (points[high].y - points[low].y) / (values[high].value - values[low].value || 1);
    return values.every(({ value }, index) => Math.abs(points[low].y + slope * (value - values[low].value) - points[index].y) < 0.5);
  }
  const tip = document.createElement("div");
  tip.setAttribute("aria-hidden", "true"); // the figure's description and its CSV say the same
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  for (const figure of document.querySelectorAll("figure.figure")) {
    const svg = figure.querySelector("svg");
    const link = figure.querySelector("a[download]");
    const groups = [...(svg?.querySelectorAll(".series") ?? [])];
    if (!groups.length || !link) continue;
    const csv = decodeURIComponent(link.href.slice(link.href.indexOf(",") + 1));
    const [header, ...rows] = csv.trim().split("\n").map((line) => line.split(","));
    const curves = curvesOf(header, rows);
    if (curves.length !== groups.length) continue;
    const points = groups.flatMap((group, index) => {
      const path = group.querySelector("path");
      const drawn = [...(path?.getAttribute("d") ?? "").matchAll(/[ML]\s*(-?[\d.]+)[\s,]+(-?[\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
      const values = curves[index];
      if (!onOneScale(drawn, values)) return [];
      return drawn.map((point, at) => ({ ...point, text: `${group.dataset.series}, epoch ${values[at].epoch}: ${values[at].value.toPrecision(4)}` }));
    });
    if (!points.length) continue;
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    dot.setAttribute("r", "3.2");
    dot.setAttribute("class", "dot");
    dot.setAttribute("visibility", "hidden");
    svg.append(dot);
    const hide = () => { tip.hidden = true; dot.setAttribute("visibility", "hidden"); };
    svg.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const distance = (point) => Math.hypot(point.x - at.x, (point.y - at.y) / 2);
      const best = points.reduce((a, b) => (distance(b) < distance(a) ? b : a));
      if (distance(best) > 30) { hide(); return; }
      dot.setAttribute("cx", best.x);
      dot.setAttribute("cy", best.y);
      dot.setAttribute("visibility", "visible");
      tip.textContent = best.text;
      tip.hidden = false;
      const width = tip.offsetWidth;
      tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
      tip.style.top = `${Math.max(8, event.clientY - 36)}px`;
    });
    svg.addEventListener("pointerleave", hide);
  }
})();

(function ledger() {
  const table = document.querySelector("#table-claims table");
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const values = [(row) => row.cells[0].dataset.sort, (row) => row.cells[1].querySelector(".badge").classList[1]];
  const controls = document.createElement("p");
  const shown = document.createElement("output");
  controls.className = "filter";
  const selects = ["Question", "Verdict"].map((name, column) => {
    const select = document.createElement("select");
    for (const each of ["all", ...new Set(rows.map(values[column]))]) select.add(new Option(each));
    const label = document.createElement("label");
    label.append(`${name} `, select);
    controls.append(label);
    select.addEventListener("change", filter);
    return select;
  });
  function filter() {
    for (const row of rows) {
      row.hidden = selects.some((select, column) => select.value !== "all" && select.value !== values[column](row));
    }
    shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} claims`;
  }
  controls.append(shown);
  table.closest(".scroll").before(controls);
  filter();
})();
