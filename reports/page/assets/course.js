// Hypervolume over cost.

function drawCourse(host) {
  const { points, objectives, total } = page.course;
  const c = canvas(host, narrow() ? 260 : 320, { left: 48, right: 16, top: 26, bottom: 44 }, "share of the box that the front dominates, over training images");
  const last = points.length ? points[points.length - 1] : null;
  const x = linear(0, total || 1, c.left, c.right, narrow() ? 3 : 5), y = linear(0, Math.min(100, (last ? last[1] : 1) * 1.08), c.bottom, c.top, 5);
  axisX(c, x, "training images, million");
  axisY(c, y, "hypervolume, %");
  const marks = [];
  if (last) {
    let d = `M${x.at(points[0][0])},${y.at(0)}`;
    for (const [cost, share] of points) d += `H${x.at(cost)}V${y.at(share)}`;
    c.svg.append(node("path", { class: "line", d: d + `H${x.at(total)}`, "aria-hidden": "true" }));
    for (const [cost, share, id] of points) {
      const dot = node("circle", { class: "front", cx: x.at(cost), cy: y.at(share), r: 4, "data-id": id });
      marks.push(explain(dot, `after ${brief(cost)} million images: ${share.toFixed(1)} %\nby ${byId.get(id) ? byId.get(id).name : "design " + id}`));
      c.svg.append(dot);
    }
    walk(marks);
  }
  const where = last ? `it ends at ${last[1].toFixed(1)} % after ${brief(total)} million training images` : "no design yet";
  caption(host, `Hypervolume in ${objectives.join(", ")}: the share of the box between the best and the worst value of each objective that the front dominates; ${where}. ${points.length} trials moved the front.`);
}
