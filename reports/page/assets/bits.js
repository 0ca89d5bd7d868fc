// Bits of every slice as a heat map: a row for each weight tensor, its slices side by side.

function drawBits(host, a) {
  const row = 20, left = narrow() ? 104 : 150;
  const c = canvas(host, a.weights.length * row + 22, { left, right: 40, top: 18, bottom: 4 }, "bits of the weight slices of each layer, and of the activations that it stores");
  const widths = new Set(), marks = [];
  c.svg.append(node("text", { class: "soft", x: c.left, y: 12, "aria-hidden": "true" }, "output channels"), node("text", { class: "soft end", x: c.width, y: 12, "aria-hidden": "true" }, "act."));
  a.weights.forEach((layer, i) => {
    const y = c.top + i * row, perChannel = (c.right - c.left) / layer.channels;
    const all = [...layer.widths].map((d) => parseInt(d, 36));
    const mean = all.reduce((s, w, k) => s + w * (Math.min(layer.channels, (k + 1) * layer.group) - k * layer.group), 0) / layer.channels;
    const g = node("g", {});
    g.append(node("text", { class: "end", x: c.left - 6, y: y + 14, "aria-hidden": "true" }, short(layer.layer)));
    all.forEach((w, k) => {
      const lo = k * layer.group, hi = Math.min(layer.channels, lo + layer.group), wide = (hi - lo) * perChannel;
      widths.add(w);
      const rect = node("rect", { class: `slice b${Math.min(9, w)}`, x: c.left + lo * perChannel, y: y + 1, width: wide, height: row - 2 });
      g.append(explain(rect, `${layer.layer}, channels ${lo}–${hi - 1}: ${w} bit`));
      if (wide > 14) g.append(node("text", { class: "mid " + (w > 4 ? "on-dark" : "on-light"), x: c.left + ((lo + hi) / 2) * perChannel, y: y + 14, "aria-hidden": "true" }, String(w)));
    });
    if (layer.output) g.append(node("text", { class: "end", x: c.width - 4, y: y + 14, "aria-hidden": "true" }, String(layer.output)));
    const words = `${layer.layer} (${layer.stage}): ${all.length} ${all.length === 1 ? "slice" : "slices"} of ${layer.group} channels, ${Math.min(...all)} to ${Math.max(...all)} bit, mean ${mean.toFixed(2)}` + (layer.output ? `; activations ${layer.output} bit` : "");
    g.setAttribute("aria-label", words);
    explain(g, words);
    marks.push(g);
    c.svg.append(g);
  });
  walk(marks);
  legend(host, [...widths].sort((x, y) => x - y).map((w) => [`b${Math.min(9, w)}`, `${w} bit`]));
  caption(host, "A row for each weight tensor, its slices from the first output channel to the last; at the right the bits of the activations that the layer stores.");
}

// short drops what comes first in a layer's name where there is little room.
function short(name) {
  const most = narrow() ? 15 : 22;
  if (name.length > most) name = name.replace("block", "b").replace("stage", "s").replace("layer", "l");
  return name.length <= most ? name : "…" + name.slice(1 - most);
}
