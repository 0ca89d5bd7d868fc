// Latency and energy of each step, stacked by cause.

function drawStacks(host, o) {
  const row = 20, left = narrow() ? 104 : 150, right = o.last ? (narrow() ? 62 : 78) : 16;
  const totals = o.causes.map((_, k) => o.rows.reduce((s, r) => s + r.parts[k], 0)), all = totals.reduce((s, v) => s + v, 0);
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
  legend(host, o.causes.map((name, k) => [`k${k}`, `${name} ${((100 * totals[k]) / all).toFixed(0)} %`]).filter((_, k) => totals[k] > all * 0.0005));
  caption(host, o.words(all));
}

function drawLatency(host, a) {
  const causes = [...page.chip.timeCauses, "host"];
  const rows = a.steps.map((s) => ({ name: s.name, kind: s.kind, parts: [...s.time, 0], note: s.bound }));
  if (a.hostTime > 0) rows.push({ name: "start of inference", parts: [...page.chip.timeCauses.map(() => 0), a.hostTime], note: "" });
  drawStacks(host, { rows, causes, unit: "ms", last: true, label: "latency of each layer by cause",
    words: (all) => `${brief(all)} ms for one image. Causes follow one another: each is what it adds beyond those before it. At the end of a bar: the part that works longest and so binds the layer.` });
}

function drawEnergy(host, a) {
  const causes = page.chip.energyCauses;
  const rows = a.steps.map((s) => ({ name: s.name, kind: s.kind, parts: s.energy }));
  // What belongs to no layer is the host's start: its power, leakage and the DRAM's background meanwhile.
  if (a.hostEnergy > 0) rows.push({ name: "start of inference", parts: causes.map((n) => (n === "host" ? a.hostEnergy : 0)) });
  drawStacks(host, { rows, causes, unit: "uJ", label: "energy of each layer by cause",
    words: (all) => `${brief(all)} uJ for one image. The start of the inference counts as host, with the leakage and the DRAM background of that time.` });
}
