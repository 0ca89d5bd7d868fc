// Roofline: rate of each layer against its multiply-accumulates per byte of DRAM traffic.

function drawRoofline(host, a) {
  const chip = page.chip, c = canvas(host, narrow() ? 280 : 340, { left: 48, right: 16, top: 26, bottom: 44 }, "rate of the layers under the roofs of array and DRAM");
  const layers = a.steps.filter((s) => s.macs > 0).map((s) => {
    const ms = s.time.reduce((t, v) => t + v, 0);
    return { s, ms, rate: s.macs / ms / 1e6, intensity: s.dram > 0 ? s.macs / s.dram : null };
  });
  const known = layers.filter((l) => l.intensity !== null).map((l) => l.intensity);
  const top = chip.peaks[chip.peaks.length - 1].rate, ridge = top / chip.bandwidth;
  const x = logarithmic(Math.min(ridge, ...known), Math.max(ridge * 2, ...known), c.left, c.right);
  const y = logarithmic(Math.min(...layers.map((l) => l.rate)), top, c.bottom, c.top);
  axisX(c, x, "MAC per byte of DRAM traffic");
  axisY(c, y, "billion MAC/s");
  const slope = node("g", { "aria-hidden": "true" });
  const foot = Math.max(x.from, y.from / chip.bandwidth);
  slope.append(node("line", { class: "limit", x1: x.at(foot), y1: y.at(foot * chip.bandwidth), x2: x.at(ridge), y2: y.at(top) }));
  chip.peaks.forEach((p, i) => {
    const edge = Math.max(x.from, p.rate / chip.bandwidth);
    if (p.rate < y.from) return;
    slope.append(node("line", { class: "limit", x1: x.at(edge), x2: c.right, y1: y.at(p.rate), y2: y.at(p.rate) }));
    if (i === 0 || i === chip.peaks.length - 1) slope.append(node("text", { class: "end", x: c.right, y: y.at(p.rate) - 4 }, `${p.mode}: ${brief(p.rate)}`));
  });
  c.svg.append(slope);
  const longest = Math.max(...layers.map((l) => l.ms)), marks = [];
  for (const l of [...layers].sort((p, q) => q.ms - p.ms)) {
    const k = page.chip.timeCauses.indexOf(l.s.bound);
    const dot = node("circle", { class: `segment k${k}`, "fill-opacity": 0.85, cx: l.intensity === null ? c.right : x.at(l.intensity), cy: y.at(l.rate), r: 3 + 6 * Math.sqrt(l.ms / longest) });
    marks.push(explain(dot, `${l.s.name}\n${brief(l.rate)} billion MAC/s, ${l.intensity === null ? "no DRAM traffic" : brief(l.intensity) + " MAC per byte"}\nbound by ${l.s.bound}, ${brief(l.ms)} ms`));
    c.svg.append(dot);
  }
  walk(marks);
  const bounds = [...new Set(layers.map((l) => l.s.bound))].sort((p, q) => chip.timeCauses.indexOf(p) - chip.timeCauses.indexOf(q));
  legend(host, bounds.map((b) => [`k${chip.timeCauses.indexOf(b)}`, b]));
  const inside = layers.length - known.length;
  caption(host, `Each circle is a layer, its area its time, its colour what binds it. Dashed: ${brief(chip.bandwidth)} GB/s of DRAM as sustained, and the array's rate in its modes.` + (inside ? ` ${inside} layers have no DRAM traffic and stand at the right edge.` : ""));
}
