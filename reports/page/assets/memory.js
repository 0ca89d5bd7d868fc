// What lies in each on-chip memory while the layers run.

function drawMemory(host, a) {
  const times = a.steps.map((s) => s.time.reduce((t, v) => t + v, 0)), all = times.reduce((t, v) => t + v, 0);
  const high = narrow() ? 200 : 240, memories = page.chip.memories;
  const c = canvas(host, memories.length * (high + 24) + 40, { left: 48, right: 16, top: 26, bottom: 44 }, "space taken in each on-chip memory over the time of one image");
  const x = linear(0, all, c.left, c.right, narrow() ? 3 : 5), marks = [];
  const whole = a.tensors.length > 0;
  memories.forEach((m, k) => {
    const part = { ...c, top: 26 + k * (high + 24), bottom: 26 + k * (high + 24) + high - 20 };
    const most = Math.max(...a.steps.map((s) => s.occupied[k]));
    const y = linear(0, Math.max(most * 1.1, most > m.kib * 0.5 ? m.kib * 1.05 : 0), part.bottom, part.top, 4);
    axisX(part, k === memories.length - 1 ? x : { ...x, ticks: [] }, k === memories.length - 1 ? "ms" : "");
    const g = node("g", {});
    part.svg = g;
    c.svg.append(g);
    axisY({ ...part }, y, "");
    g.append(node("text", { x: 2, y: part.top - 12, "aria-hidden": "true" }, `${m.name}, KiB of ${brief(m.kib)}`));
    if (m.kib <= y.to) g.append(node("line", { class: "limit", x1: c.left, x2: c.right, y1: y.at(m.kib), y2: y.at(m.kib) }));
    let at = 0;
    a.steps.forEach((s, i) => {
      const step = node("g", {}), words = [];
      let base = 0;
      const stack = (kib, cls, name) => {
        if (kib <= 0) return;
        step.append(explain(node("rect", { class: `segment ${cls}`, x: x.at(at), width: x.at(at + times[i]) - x.at(at), y: y.at(base + kib), height: y.at(base) - y.at(base + kib) }), `while ${s.name} runs\n${name}: ${brief(kib)} KiB`));
        words.push(`${name} ${brief(kib)}`);
        base += kib;
      };
      if (k === a.pinnedHome) stack(Math.min(a.pinned, s.occupied[k]), "k5", "weights for good");
      if (k === a.home) a.tensors.forEach((t, n) => { if (t.from <= i && i <= t.to) stack(t.kib, n % 2 ? "k7" : "k0", `${t.name}${t.share < 1 ? ` (${(100 * t.share).toFixed(0)} % of it)` : ""}`); });
      stack(Math.max(0, s.occupied[k] - base), "k3", "buffers");
      step.setAttribute("aria-label", `${s.name}, ${m.name}: ${brief(s.occupied[k])} KiB of ${brief(m.kib)}; ${words.join(", ")}`);
      explain(step, step.getAttribute("aria-label"));
      marks.push(step);
      g.append(step);
      at += times[i];
    });
  });
  walk(marks);
  const entries = [["k3", "buffers of the running layer"]];
  if (a.tensors.length) entries.unshift(["k0", "activations that stay"], ["k7", "the next ones"]);
  if (a.pinned > 0) entries.unshift(["k5", "weights for good"]);
  legend(host, entries);
  caption(host, `Over the ${brief(all)} ms of the layers. ${whole ? `${a.tensors.length} tensors stay on chip between layers, wholly or in part.` : "No tensor stays on chip between layers."} Shares are amounts, not addresses.`);
}
