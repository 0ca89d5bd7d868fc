// Parallel coordinates of the genomes. Axes lie, one below the other, so that their names can be read on a phone too.

const grains = ["tensor", "column-tile", "channel"];

function genomeAxes() {
  const axes = page.stages.map((stage, i) => ({ name: stage, words: grains, of: (t) => grains.indexOf(t.granularity[i]) }));
  const figure = (name, of, places) => axes.push({ name, of, places });
  figure("weight budget, bits", (t) => t.weight_budget, 1);
  figure("activation budget, bits", (t) => t.activation_budget, 1);
  page.budgets.forEach((b, i) => figure(`${b} budget`, (t) => t.budgets[i], 2));
  const phases = trials.reduce((n, t) => (t.set === "baseline" ? n : Math.max(n, t.phases.length)), 0);
  for (let i = 0; i < phases; i++) figure(["homogeneous", "mixed", "fine-tune"][i] + ", epochs", (t) => t.phases[i], 2);
  figure("memory, kB", (t) => t.memory_kb, 0);
  figure("accuracy, % held-out", (t) => t.held_accuracy, 1);
  return axes;
}

function drawGenomes(host) {
  const designs = trials.filter((t) => t.set !== "baseline" && !t.reason && t.granularity.length === page.stages.length && t.weight_budget !== null);
  const axes = genomeAxes(), gap = 36, left = narrow() ? 96 : 150;
  const c = canvas(host, 34 + gap * axes.length, { left, right: 24, top: 34, bottom: 0 }, "genomes as lines through one axis for each choice of the search");
  const marks = [];
  axes.forEach((a, i) => {
    const y = c.top + gap * i;
    const values = designs.map(a.of).filter((v) => v !== null && v !== undefined);
    const lo = a.words ? 0 : Math.min(...values), hi = a.words ? a.words.length - 1 : Math.max(...values);
    a.scale = linear(lo, hi > lo ? hi : lo + 1, c.left + 10, c.right - 10);
    a.y = y;
    const g = node("g", { "aria-hidden": "true" });
    g.append(node("line", { class: "rule", x1: c.left, x2: c.right, y1: y, y2: y }), node("text", { class: "end", x: c.left - 8, y: y + 4 }, narrow() ? a.name.replace(/,.*/, "").replace("activation", "act.") : a.name));
    const ticks = a.words ? a.words.map((w, k) => [k, i === 0 ? w : w[0] === "c" && k === 1 ? "k" : w[0]]) : values.length ? [[lo, text(lo, a.places)], ...(hi > lo ? [[hi, text(hi, a.places)]] : [])] : [];
    for (const [v, words] of ticks) g.append(node("text", { class: "mid soft", x: a.scale.at(v), y: y - 6 }, words));
    c.svg.append(g);
  });
  const ordered = [...designs].sort((a, b) => (a.set === "front") - (b.set === "front") || (a.id === chosen) - (b.id === chosen));
  for (const t of ordered) {
    // Lines of equal choices lie side by side: each is moved by a little that its id decides.
    const aside = ((t.id * 7) % 11) - 5;
    const at = axes.map((a) => [a.of(t), a]).filter(([v]) => v !== null && v !== undefined).map(([v, a]) => `${(a.scale.at(v) + (a.words ? aside * 1.6 : 0)).toFixed(1)},${a.y}`);
    const cls = "thread" + (t.set === "front" ? " on" : "") + (t.id === chosen ? " chosen" : "");
    const line = node("polyline", { class: cls, points: at.join(" "), "data-id": t.id });
    explain(line, () => `${t.name}\n${t.granularity.map((g, i) => `${page.stages[i]} ${g}`).join(", ")}\nbudgets ${text(t.weight_budget, 2)} / ${text(t.activation_budget, 2)} bits\nepochs ${t.phases.join(" + ")}`);
    if (t.set === "front") {
      line.setAttribute("aria-label", details.get(line)().replace(/\n/g, "; "));
      marks.push(line);
    }
    c.svg.append(line);
  }
  walk(marks, (m) => choose(+m.dataset.id));
  caption(host, `One line for each of ${designs.length} designs, ${marks.length} of them on the front (blue). Stages: the part of a weight tensor that has bits of its own, t tensor, k column tile, c channel.`);
}
