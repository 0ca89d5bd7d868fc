// Looks over the page for what keeps people out: parts without a name, controls without a label, headings out of order,
// and text that stands out too little (WCAG 2.2, 1.4.3: 4.5 to 1, 3 to 1 for large text).
(() => {
  const findings = [], say = (what, e) => findings.push(`${what}: <${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}> ${(e.textContent || "").trim().slice(0, 40)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (!document.documentElement.lang) say("no language", document.documentElement);
  if (!document.title) findings.push("no title");
  const ids = new Set();
  for (const e of all("[id]")) ids.has(e.id) ? say("id used twice", e) : ids.add(e.id);
  for (const e of all("[aria-describedby],[aria-labelledby]")) {
    for (const a of ["aria-describedby", "aria-labelledby"]) if (e.getAttribute(a) && !ids.has(e.getAttribute(a))) say(`${a} leads nowhere`, e);
  }
  for (const e of all("svg,[role=img],[role=button],[role=region],nav")) if (!(e.getAttribute("aria-label") || "").trim()) say("no name", e);
  for (const e of all("figure")) if (!e.querySelector("figcaption") || !e.querySelector("figcaption").textContent.trim()) say("no caption", e);
  for (const e of all("select,input,textarea")) if (!e.labels || !e.labels.length) say("no label", e);
  for (const e of all("table")) if ([...e.querySelectorAll("th")].some((h) => !h.getAttribute("scope"))) say("head without scope", e);
  for (const e of all("[aria-hidden=true] [tabindex], [tabindex][aria-hidden=true]")) say("hidden, but stops the keyboard", e);
  let level = 0;
  for (const h of all("h1,h2,h3,h4")) {
    const n = +h.tagName[1];
    if (n > level + 1) say(`heading of level ${n} after ${level}`, h);
    level = n;
  }
  if (all("h1").length !== 1 || all("main").length !== 1) findings.push("not one h1 and one main");

  const parse = (css) => { const v = css.match(/[\d.]+/g).map(Number); return { rgb: v.slice(0, 3), a: v.length > 3 ? v[3] : 1 }; };
  const luminance = (rgb) => { const [r, g, b] = rgb.map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (p, q) => { const [x, y] = [luminance(p), luminance(q)].sort((a, b) => b - a); return (x + 0.05) / (y + 0.05); };
  // ground returns the colour behind an element: that of the slice for a number in the heat map, else of the nearest
  // ancestor that has one.
  const ground = (e) => {
    if (e.tagName === "text" && /on-(light|dark)/.test(e.getAttribute("class"))) return parse(getComputedStyle(e.previousElementSibling).fill).rgb;
    for (let n = e; n && n.nodeType === 1; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.a > 0.99) return c.rgb;
    }
    return [255, 255, 255];
  };
  let texts = 0;
  for (const e of all("body *")) {
    if (["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(e.tagName) || e.closest("script,noscript,[hidden],details:not([open]) > :not(summary)")) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e), colour = parse(e.closest("svg") ? style.fill : style.color), size = parseFloat(style.fontSize);
    texts++;
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700), got = ratio(colour.rgb, ground(e));
    if (got < (large ? 3 : 4.5)) say(`contrast ${got.toFixed(2)}`, e);
  }
  // Marks need 3 to 1 against the page (1.4.11); faint designs are not alone in saying what they say, the table has them.
  for (const e of all("svg .front, svg .baseline, svg .segment, svg .line, svg .thread.on, .legend i[class^=k]")) {
    const style = getComputedStyle(e), paint = e.tagName === "I" ? style.backgroundColor : style.fill === "none" ? style.stroke : style.fill;
    const got = ratio(parse(paint).rgb, parse(getComputedStyle(document.body).backgroundColor).rgb);
    if (got < 3) say(`mark with contrast ${got.toFixed(2)}`, e);
  }
  return { Texts: texts, Marks: all("[role=img],[role=button]").length, Findings: [...new Set(findings)] };
})()
