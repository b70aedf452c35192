// Figures as people read them: tiles, tables, and plots that always have their table beside them.

import { h, newId } from "../widget/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 560;
const HEIGHT = 200;
const ROW = 30;
const NAMES = 190;
const PLACE = { left: 40, right: 8, top: 10, bottom: 26 };

/** Big numbers with what they are: [{label, value, hint?, look?}]. */
export function tiles(items) {
  return h(
    "dl",
    { class: "tiles" },
    items.map(({ label, value, hint, look }) =>
      h(
        "div",
        { class: `tile ${look || ""}` },
        h("dt", { text: label }),
        h("dd", {}, h("b", { text: value }), hint && h("span", { class: "quiet", text: hint })),
      ),
    ),
  );
}

/** A table whose first column heads the rows; cells are texts or elements, `numeric` the places of number columns. */
export function table({ caption, columns, rows, numeric = [], empty = "" }) {
  const id = newId("caption");
  const look = (at) => (numeric.includes(at) ? "end" : undefined);
  const cell = (content, at) => h(at ? "td" : "th", { class: look(at), scope: at ? undefined : "row" }, content);
  return h(
    "div",
    { class: "table figures", tabindex: "0", role: "region", "aria-labelledby": id },
    h(
      "table",
      {},
      h("caption", { id, text: caption }),
      h("thead", {}, h("tr", {}, columns.map((text, at) => h("th", { scope: "col", class: look(at), text })))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell)))),
    ),
    !rows.length && empty && h("p", { class: "quiet", text: empty }),
  );
}

/**
 * Bars over their labels, as SVG; `series` are [{name, values}], later ones stand in front of earlier ones.
 * `format(value)` says a value of the scale at the left; labels that would touch are left out.
 */
export function bars({ title, labels, series, format }) {
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", role: "img", "aria-label": title });
  const most = scaleEnd(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value || 0))));
  const inner = { width: WIDTH - PLACE.left - PLACE.right, height: HEIGHT - PLACE.top - PLACE.bottom };
  const y = (value) => PLACE.top + inner.height * (1 - value / most);
  for (const value of [0, most / 2, most]) {
    svg.append(element("line", { class: "grid", x1: PLACE.left, x2: WIDTH - PLACE.right, y1: y(value), y2: y(value) }));
    svg.append(text(format(value), { class: "axis", x: PLACE.left - 6, y: y(value) + 4, "text-anchor": "end" }));
  }
  const step = inner.width / Math.max(labels.length, 1);
  const width = Math.max(2, Math.min(46, step * 0.7));
  const every = Math.ceil(labels.length / 8);
  labels.forEach((label, at) => {
    const middle = PLACE.left + step * (at + 0.5);
    series.forEach(({ values }, place) => {
      const value = values[at] || 0;
      const height = (inner.height * value) / most;
      svg.append(element("rect", { class: `bar-${place}`, x: middle - width / 2, y: y(value), width, height }));
    });
    if (at % every === 0) svg.append(text(label, { class: "axis", x: middle, y: HEIGHT - 8, "text-anchor": "middle" }));
  });
  const key =
    series.length > 1 &&
    h("ul", { class: "plot-key" }, series.map(({ name }, at) => h("li", { class: `key-${at}`, text: name })));
  return h("div", { class: "plot-box" }, svg, key);
}

/** Bars that lie beside their names, as SVG: for names too long to stand under a bar. */
export function lyingBars({ title, labels, values, format }) {
  const height = labels.length * ROW + 8;
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "plot", role: "img", "aria-label": title });
  const most = Math.max(1, ...values);
  const room = WIDTH - NAMES - 50;
  labels.forEach((label, at) => {
    const y = at * ROW + 4;
    const width = (room * values[at]) / most;
    svg.append(text(label, { class: "axis", x: NAMES - 8, y: y + ROW / 2 + 4, "text-anchor": "end" }));
    svg.append(element("rect", { class: "bar-0", x: NAMES, y: y + 4, width, height: ROW - 8 }));
    svg.append(text(format(values[at]), { class: "axis", x: NAMES + width + 6, y: y + ROW / 2 + 4 }));
  });
  return h("div", { class: "plot-box" }, svg);
}

/** A figure: its title, a plot, the table beside it, and what else belongs there. */
export function figure(title, plot, ...beside) {
  return h("figure", { class: "figure" }, h("figcaption", {}, h("h3", { text: title })), plot, h("div", { class: "beside" }, beside));
}

function scaleEnd(most) {
  if (most <= 1) return most > 0 && most < 1 ? 1 : 2;
  const power = 10 ** Math.floor(Math.log10(most));
  // Half of the end is written too, and half of 3 people is none.
  const ends = power >= 10 ? [1, 2, 3, 4, 5, 6, 8, 10] : [1, 2, 4, 6, 8, 10];
  return ends.map((n) => n * power).find((end) => end >= most);
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function text(content, attributes) {
  const made = element("text", attributes);
  made.textContent = content;
  return made;
}
