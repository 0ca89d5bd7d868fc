// The design that is looked into.

function table(id, heads, rows) {
  const t = document.getElementById(id);
  t.replaceChildren(
    node("thead", {}, node("tr", {}, ...heads.map((h) => node("th", { scope: "col" }, h)))),
    node("tbody", {}, ...rows.map((r) => node("tr", {}, ...r.map((cell, i) => node(i ? "td" : "th", i ? {} : { scope: "row" }, cell))))));
}

function drawDesign() {
  const t = byId.get(chosen), a = page.anatomies[chosen];
  const facts = [["accuracy", `${text(t.accuracy, 2)} ± ${text(t.accuracy_se, 2)} % (${t.accuracy_split})`], ["memory", `${text(t.memory_kb, 1)} kB`], ["latency", `${text(t.latency_ms, 3)} ms`],
    ["energy", `${text(t.energy_uj, 2)} uJ`], ["mean bits", `${text(t.weight_bits, 2)} weights, ${text(t.activation_bits, 2)} activations`]];
  if (t.weight_budget !== null) facts.push(["budgets", `${text(t.weight_budget, 2)} / ${text(t.activation_budget, 2)} bits`], ["epochs", t.phases.join(" + ")]);
  document.getElementById("summary").replaceChildren(...facts.map(([k, v]) => node("div", {}, node("dt", {}, k), node("dd", {}, v))));
  for (const row of document.querySelectorAll("#table-front tr[data-id]")) row.classList.toggle("chosen", +row.dataset.id === chosen);
  table("table-phases", ["phase", "steps", "loss", "training accuracy %", "weight bits", "activation bits"],
    a.phases.map((p) => [p.name, String(p.steps), p.loss.toFixed(3), p.accuracy.toFixed(2), p.weightBits ? p.weightBits.toFixed(2) : "–", p.activationBits ? p.activationBits.toFixed(2) : "–"]));
  const time = page.chip.timeCauses, energy = page.chip.energyCauses, sum = (v) => v.reduce((s, x) => s + x, 0);
  table("table-steps", ["layer", "kind", "bound", "MACs", "ms", ...time.map((n) => `${n} ms`), "uJ", ...energy.map((n) => `${n} uJ`), "DRAM bytes"],
    a.steps.map((s) => [s.name, s.kind, s.bound, String(s.macs), brief(sum(s.time)), ...s.time.map(brief), brief(sum(s.energy)), ...s.energy.map(brief), s.dram.toFixed(0)]));
  const words = document.getElementById("repeat-words");
  words.textContent = `${t.name} is trial ${t.id} of the study that this command makes` + (page.repeat.exact ? ", the same in every bit on machines with the same instruction set:" : ". The study ended by the clock; the command trains as many designs without it:");
  document.getElementById("command").textContent = page.repeat.command;
}

function choose(id) {
  if (!page.anatomies[id]) return;
  chosen = id;
  document.getElementById("choose").value = String(id);
  for (const redraw of charts) redraw();
  drawDesign();
}
