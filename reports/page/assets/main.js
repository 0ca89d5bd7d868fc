// Puts the charts on the page.

{
  const select = document.getElementById("choose");
  const ids = trials.filter((t) => page.anatomies[t.id]);
  for (const t of [...ids.filter((t) => t.set === "front"), ...ids.filter((t) => t.set !== "front")]) {
    select.append(node("option", { value: t.id }, `${t.name}: ${text(t.accuracy, 2)} %, ${text(t.memory_kb, 1)} kB`));
  }
  select.addEventListener("change", () => choose(+select.value));
  chosen = select.options.length ? +select.options[Math.floor(ids.filter((t) => t.set === "front").length / 2)].value : null;
  if (chosen !== null) select.value = String(chosen);
  const front = chart("chart-front", drawFront);
  for (const id of ["axis-x", "axis-y", "show-trials"]) document.getElementById(id).addEventListener("change", front);
  for (const form of document.forms) form.addEventListener("submit", (e) => e.preventDefault());
  chart("chart-course", drawCourse);
  chart("chart-genomes", drawGenomes);
  if (chosen === null) {
    document.getElementById("design").hidden = true;
    document.getElementById("command").textContent = page.repeat.command;
  } else {
    const one = (id, draw) => chart(id, (host) => draw(host, page.anatomies[chosen]));
    one("chart-bits", drawBits);
    one("chart-latency", drawLatency);
    one("chart-energy", drawEnergy);
    one("chart-roofline", drawRoofline);
    one("chart-memory", drawMemory);
    drawDesign();
  }
  document.documentElement.dataset.ready = "yes";
}
