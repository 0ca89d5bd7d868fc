// The front in any two quantities.

let chosen = null; // id of the design that is looked into

function figures(t) {
  const lines = [t.name];
  if (t.accuracy !== null) lines.push(`accuracy ${text(t.accuracy, 2)} ± ${text(t.accuracy_se, 2)} % of ${t.accuracy_split} images`);
  lines.push(`memory ${text(t.memory_kb, 1)} kB: weights ${text(t.weights_kb, 1)}, activations ${text(t.activations_kb, 1)}, metadata ${text(t.metadata_kb, 1)}`);
  if (t.latency_ms !== null) lines.push(`latency ${text(t.latency_ms, 3)} ms, energy ${text(t.energy_uj, 2)} uJ`);
  lines.push(`mean bits ${text(t.weight_bits, 2)} weights, ${text(t.activation_bits, 2)} activations`);
  if (!t.feasible) lines.push("over a limit");
  return lines.join("\n");
}

// stairs returns the points of the front in two quantities, from the cheapest on.
function stairs(points, across, up) {
  const sign = (q) => (q.up ? -1 : 1);
  const sorted = [...points].sort((a, b) => sign(across) * (across.of(a) - across.of(b)) || sign(up) * (up.of(a) - up.of(b)));
  let best = Infinity;
  return sorted.filter((t) => sign(up) * up.of(t) < best && ((best = sign(up) * up.of(t)), true));
}

function domain(q, front, others, baselines) {
  const values = (list) => list.map(q.of).sort((a, b) => a - b);
  const f = values(front.length ? front : others.length ? others : baselines), o = values(others);
  let lo = f[0], hi = f[f.length - 1];
  if (o.length) {
    lo = Math.min(lo, o[Math.floor(o.length * 0.1)]);
    hi = Math.max(hi, o[Math.ceil(o.length * 0.9) - 1]);
  }
  const span = hi - lo || Math.abs(hi) * 0.1 || 1;
  // Baselines widen the axis as long as the front keeps half of it.
  for (const v of values(baselines)) if (v <= hi + span && v >= lo - span) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  const pad = (hi - lo || span) * 0.07;
  return [q.up ? lo - pad : Math.max(0, lo - pad), q.up ? Math.min(100, hi + pad) : hi + pad];
}

function drawFront(host) {
  const across = quantities[document.getElementById("axis-x").value], up = quantities[document.getElementById("axis-y").value];
  const known = trials.filter((t) => across.of(t) !== null && up.of(t) !== null);
  const front = known.filter((t) => t.set === "front"), baselines = known.filter((t) => t.set === "baseline");
  const others = document.getElementById("show-trials").checked ? known.filter((t) => t.set === "trial") : [];
  const c = canvas(host, narrow() ? 340 : 460, { left: 48, right: 16, top: 26, bottom: 44 }, `${up.name} against ${across.name}; arrow keys go through front and baselines, Enter chooses a design`);
  if (!known.length) {
    c.svg.append(node("text", { x: c.left, y: 60 }, "No design has been trained yet."));
    return;
  }
  const [x0, x1] = domain(across, front, others, baselines), [y0, y1] = domain(up, front, others, baselines);
  const x = linear(x0, x1, c.left, c.right, narrow() ? 4 : 8), y = linear(y0, y1, c.bottom, c.top, 6);
  axisX(c, x, `${across.name}, ${across.unit}`);
  axisY(c, y, `${up.name}, ${up.unit}`);
  const clamp = (v, s) => Math.max(s.from, Math.min(s.to, v));
  const place = (t) => {
    const vx = across.of(t), vy = up.of(t), cx = clamp(vx, x), cy = clamp(vy, y);
    return { x: x.at(cx), y: y.at(cy), outside: cx !== vx || cy !== vy };
  };
  const faint = node("g", { "aria-hidden": "true" });
  let edge = 0;
  for (const t of others) {
    const p = place(t);
    edge += p.outside;
    faint.append(explain(node("circle", { class: "trial" + (t.feasible ? "" : " over"), cx: p.x, cy: p.y, r: p.outside ? 2 : 3.2, "data-id": t.id }), () => figures(t)));
  }
  c.svg.append(faint);
  const steps = stairs(front, across, up).map(place);
  if (steps.length > 1) {
    let d = `M${steps[0].x},${steps[0].y}`;
    for (const p of steps.slice(1)) d += up.up === across.up ? `V${p.y}H${p.x}` : `H${p.x}V${p.y}`;
    c.svg.append(node("path", { class: "stairs", d, "aria-hidden": "true" }));
  }
  const marks = [];
  const errorBar = (t, p) => {
    if (t.accuracy_se === null || p.outside) return;
    const e = t.accuracy_se, v = t.accuracy;
    if (up.name === "accuracy") c.svg.append(node("line", { class: "bar", x1: p.x, x2: p.x, y1: y.at(clamp(v - e, y)), y2: y.at(clamp(v + e, y)), "aria-hidden": "true" }));
    if (across.name === "accuracy") c.svg.append(node("line", { class: "bar", y1: p.y, y2: p.y, x1: x.at(clamp(v - e, x)), x2: x.at(clamp(v + e, x)), "aria-hidden": "true" }));
  };
  const taken = [], names = node("g", { "aria-hidden": "true" });
  for (const t of baselines) {
    const p = place(t), r = 6;
    const shape = node("polygon", { class: "baseline", points: `${p.x},${p.y - r} ${p.x + r},${p.y} ${p.x},${p.y + r} ${p.x - r},${p.y}`, "data-id": t.id });
    marks.push(explain(shape, figures(t)));
    c.svg.append(shape);
    const name = t.name.replace("homogeneous ", "") + (p.outside ? ` (${text(across.of(t), 0)} ${across.unit})` : "");
    const left = p.x > c.right - 90, from = left ? p.x - 110 : p.x;
    let ty = p.y + (p.y < c.bottom - 24 ? 18 : -10);
    while (taken.some((k) => Math.abs(k.y - ty) < 13 && Math.abs(k.x - from) < 110)) ty += 13;
    taken.push({ x: from, y: ty });
    names.append(node("text", { class: left ? "end halo" : "halo", x: p.x + (left ? 6 : -6), y: ty }, name));
  }
  for (const t of stairs(front, across, up).concat(front.filter((f) => !stairs(front, across, up).includes(f)))) {
    const p = place(t);
    errorBar(t, p);
    const dot = node("circle", { class: "front", cx: p.x, cy: p.y, r: t.id === chosen ? 7.5 : 5.5, "data-id": t.id });
    marks.push(explain(dot, figures(t)));
    c.svg.append(dot);
  }
  c.svg.append(names);
  for (const m of marks) m.classList.toggle("chosen", +m.dataset.id === chosen);
  walk(marks, (m) => choose(+m.dataset.id));
  const failed = trials.filter((t) => t.reason).length;
  caption(host, `${front.length} designs of the front (dots, with one standard error of the accuracy), ${baselines.length} baselines (diamonds), ${others.length} other designs (faint, accuracy on held-out images` +
    (edge ? `; ${edge} lie outside and stand at the edge` : "") + `)` + (failed ? `; ${failed} trials failed and have no figures` : "") + `. A mark that is chosen is looked into below.`);
}
