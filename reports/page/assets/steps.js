// Latency and energy of each step, stacked by cause.

function drawStacks(host, o) {
  const row = 20, left = narrow() ? 104 : 150, right = o.last ? (narrow() ? 62 : 78) : 16;
  const totals = o.causes.map((_, k) => o.rows.reduce((s, r) => s + r.parts[k], 0)), layers = totals.reduce((s, v) => s + v, 0), all = layers + o.start;
  const c = canvas(host, o.rows.length * row + 62, { left, right, top: 18, bottom: 44 }, o.label);
  const sum = (r) => r.parts.reduce((s, v) => s + v, 0);
  const x = linear(0, Math.max(...o.rows.map(sum)), c.left, c.right, narrow() ? 3 : 5), marks = [];
  axisX(c, x, o.unit);
  o.rows.forEach((r, i) => {
    const y = c.top + i * row, g = node("g", {});
    g.append(node("text", { class: "end", x: c.left - 6, y: y + 14, "aria-hidden": "true" }, short(r.name)));
    let at = 0;
    r.parts.forEach((v, k) => {
      if (v <= 0) return;
      g.append(explain(node("rect", { class: `segment k${k}`, x: x.at(at), y: y + 2, width: Math.max(0.3, x.at(at + v) - x.at(at)), height: row - 4 }),
        `${r.name}\n${o.causes[k]}: ${brief(v)} ${o.unit} of ${brief(sum(r))}`));
      at += v;
    });
    if (r.note) g.append(node("text", { x: x.at(at) + 5, y: y + 14, "aria-hidden": "true" }, r.note));
    const parts = r.parts.map((v, k) => [v, o.causes[k]]).filter(([v]) => v > 0).map(([v, name]) => `${name} ${brief(v)}`).join(", ");
    const words = `${r.name}${r.kind ? ` (${r.kind})` : ""}: ${brief(sum(r))} ${o.unit}` + (r.note ? `, bound by ${r.note}` : "") + `; ${parts}`;
    g.setAttribute("aria-label", words);
    explain(g, words);
    marks.push(g);
    c.svg.append(g);
  });
  walk(marks);
  const share = (v) => `${((100 * v) / all).toFixed(0)} %`;
  const entries = o.causes.map((name, k) => [`k${k}`, `${name} ${share(totals[k])}`]).filter((_, k) => totals[k] > all * 0.0005);
  legend(host, o.start > 0 ? [...entries, ["", `start of the inference ${share(o.start)} (no bar)`]] : entries);
  caption(host, o.words(all, layers));
}

function drawLatency(host, a) {
  const rows = a.steps.map((s) => ({ name: s.name, kind: s.kind, parts: s.time, note: s.bound }));
  drawStacks(host, { rows, causes: page.chip.timeCauses, start: a.hostTime, unit: "ms", last: true, label: "latency of each layer by cause",
    words: (all, layers) => `${brief(all)} ms for one image, ${brief(layers)} of them in the layers. Causes follow one another: each is what it adds beyond those before it. At the end of a bar: the part that works longest and so binds the layer.` });
}

function drawEnergy(host, a) {
  const rows = a.steps.map((s) => ({ name: s.name, kind: s.kind, parts: s.energy }));
  drawStacks(host, { rows, causes: page.chip.energyCauses, start: a.hostEnergy, unit: "uJ", label: "energy of each layer by cause",
    words: (all, layers) => `${brief(all)} uJ for one image, ${brief(layers)} of them in the layers. The start of the inference is the host's power, leakage and DRAM background meanwhile.` });
}
