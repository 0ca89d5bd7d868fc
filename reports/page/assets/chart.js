"use strict";
// Scales, axes, marks and the box with details, for all charts of the page.

const page = JSON.parse(document.getElementById("data").textContent);
const trials = page.trials.map((cells) => Object.fromEntries(page.columns.map((key, i) => [key, cells[i]])));
const byId = new Map(trials.map((t) => [t.id, t]));
const narrow = () => document.documentElement.clientWidth < 600;

const quantities = {
  memory: { name: "memory", unit: "kB", of: (t) => t.memory_kb, places: 1, up: false },
  accuracy: { name: "accuracy", unit: "%", of: (t) => t.accuracy, places: 2, up: true },
  latency: { name: "latency", unit: "ms", of: (t) => t.latency_ms, places: 3, up: false },
  energy: { name: "energy", unit: "uJ", of: (t) => t.energy_uj, places: 2, up: false },
};

const text = (value, places) => (value === null || value === undefined ? "–" : value.toFixed(places));
// brief writes a figure with three significant digits and no exponent.
function brief(value) {
  if (value === 0) return "0";
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(6, places));
}

function node(tag, attributes, ...inside) {
  const svg = ["svg", "g", "path", "rect", "circle", "line", "text", "polyline", "polygon", "title"].includes(tag);
  const n = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) n.setAttribute(key, value);
  n.append(...inside.filter((x) => x !== null));
  return n;
}

// linear maps [from, to] to pixels [a, b]; ticks are round numbers within.
function linear(from, to, a, b, count) {
  if (!(to > from)) to = from + (Math.abs(from) || 1) * 0.1;
  const at = (v) => a + ((v - from) / (to - from)) * (b - a);
  const rough = (to - from) / (count || 5), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((m) => m * power >= rough) * power;
  const ticks = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) ticks.push(k * step);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0));
  return { at, ticks, label: (v) => v.toFixed(Math.min(6, places)), from, to };
}

// logarithmic maps powers of ten.
function logarithmic(from, to, a, b) {
  const lo = Math.floor(Math.log10(from)), hi = Math.max(lo + 1, Math.ceil(Math.log10(to)));
  const at = (v) => a + ((Math.log10(v) - lo) / (hi - lo)) * (b - a), ticks = [];
  for (let k = lo; k <= hi; k++) ticks.push(10 ** k);
  return { at, ticks, label: (v) => String(+v.toPrecision(2)), from: 10 ** lo, to: 10 ** hi };
}

// canvas makes an empty chart in a host, as wide as the host, and returns it with its inner edges.
function canvas(host, height, margin, label) {
  const width = Math.max(260, Math.round(host.clientWidth));
  const caption = host.id.replace("chart-", "caption-");
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label, "aria-describedby": caption });
  host.replaceChildren(svg);
  return { svg, host, width, height, left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom };
}

function axisX(c, scale, label) {
  const g = node("g", { "aria-hidden": "true" });
  for (const v of scale.ticks) {
    const x = scale.at(v);
    g.append(node("line", { class: "grid", x1: x, x2: x, y1: c.top, y2: c.bottom }), node("text", { class: "mid soft", x, y: c.bottom + 16 }, scale.label(v)));
  }
  g.append(node("line", { class: "rule", x1: c.left, x2: c.right, y1: c.bottom, y2: c.bottom }), node("text", { class: "end", x: c.right, y: c.bottom + 34 }, label));
  c.svg.append(g);
}

function axisY(c, scale, label) {
  const g = node("g", { "aria-hidden": "true" });
  for (const v of scale.ticks) {
    const y = scale.at(v);
    g.append(node("line", { class: "grid", x1: c.left, x2: c.right, y1: y, y2: y }), node("text", { class: "end soft", x: c.left - 6, y: y + 4 }, scale.label(v)));
  }
  g.append(node("line", { class: "rule", x1: c.left, x2: c.left, y1: c.top, y2: c.bottom }), node("text", { x: 2, y: 12 }, label));
  c.svg.append(g);
}

function legend(host, entries) {
  host.append(node("ul", { class: "legend" }, ...entries.map(([cls, words]) => node("li", {}, node("i", { class: cls, "aria-hidden": "true" }), words))));
}

// Details of a mark: shown under the pointer, and beside the mark while it has the keyboard's attention.
const tip = document.getElementById("tip");
const details = new WeakMap();
function explain(mark, words) {
  details.set(mark, words);
  return mark;
}
function wordsOf(target) {
  for (let n = target; n && n.nodeType === 1; n = n.parentNode) if (details.has(n)) return { n, words: details.get(n) };
  return null;
}
function showTip(found, x, y) {
  tip.textContent = typeof found.words === "function" ? found.words() : found.words;
  tip.hidden = false;
  const box = tip.getBoundingClientRect(), w = document.documentElement.clientWidth;
  tip.style.left = Math.max(4, Math.min(x + 14, w - box.width - 4)) + "px";
  tip.style.top = (y + box.height + 20 > innerHeight ? Math.max(4, y - box.height - 12) : y + 16) + "px";
}
// When the page scrolls or is drawn anew, marks come under a pointer that rests: that is no wish of the user's, and must
// not take away what the keyboard asked for.
let rests = "";
document.addEventListener("pointerover", (e) => {
  const at = `${e.clientX},${e.clientY}`;
  if (at === rests) return;
  rests = at;
  const found = wordsOf(e.target);
  if (found) showTip(found, e.clientX, e.clientY);
  else tip.hidden = true;
});
document.addEventListener("focusin", (e) => {
  const found = wordsOf(e.target);
  if (!found) return void (tip.hidden = true);
  const box = found.n.getBoundingClientRect();
  showTip(found, box.right, box.bottom);
});
document.addEventListener("keydown", (e) => { if (e.key === "Escape") tip.hidden = true; });

// walk makes marks reachable by keyboard: one stop for the chart, arrows from mark to mark, Enter to choose.
function walk(marks, choose) {
  marks.forEach((m, i) => {
    m.setAttribute("tabindex", i === 0 ? "0" : "-1");
    m.setAttribute("role", choose ? "button" : "img");
    if (!m.hasAttribute("aria-label")) m.setAttribute("aria-label", details.get(m));
    m.addEventListener("keydown", (e) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
      if (step) {
        const next = marks[(i + step + marks.length) % marks.length];
        m.setAttribute("tabindex", "-1");
        next.setAttribute("tabindex", "0");
        next.focus();
        e.preventDefault();
      } else if (choose && (e.key === "Enter" || e.key === " ")) {
        choose(m);
        e.preventDefault();
      }
    });
    if (choose) m.addEventListener("click", () => choose(m));
  });
}

// chart draws into a host now and whenever its width changes.
const charts = [];
function chart(id, draw) {
  const host = document.getElementById(id);
  let drawn = 0;
  const redraw = () => {
    drawn = host.clientWidth;
    draw(host);
  };
  new ResizeObserver(() => { if (host.clientWidth !== drawn) redraw(); }).observe(host);
  charts.push(redraw);
  redraw();
  return redraw;
}

function caption(host, words) {
  document.getElementById(host.id.replace("chart-", "caption-")).textContent = words;
}
