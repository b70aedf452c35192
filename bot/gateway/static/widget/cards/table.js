// A table card: a real table with row and column headers that stacks into labelled lines when it does not fit.

import { h } from "../dom.js";

/** Roles are spelled out because browsers drop a table's meaning once CSS stacks its cells. */
export function tableCard(card) {
  const [first, ...others] = card.columns;
  const numeric = (key) => card.rows.length && card.rows.every((row) => NUMBER.test(String(row[key] ?? "0")));
  const align = (column) => (column.align === "end" || (column !== first && numeric(column.key)) ? "end" : undefined);
  const head = h(
    "tr",
    { role: "row" },
    card.columns.map((column) => h("th", { scope: "col", role: "columnheader", class: align(column), text: column.label })),
  );
  const rows = card.rows.map((row) =>
    h(
      "tr",
      { role: "row" },
      h("th", { scope: "row", role: "rowheader" }, label(first), value(row, first)),
      others.map((column) => h("td", { role: "cell", class: align(column) }, label(column), value(row, column))),
    ),
  );
  const box = h(
    "div",
    { class: "table" },
    h(
      "table",
      { role: "table" },
      h("caption", { text: card.caption }),
      h("thead", { role: "rowgroup" }, head),
      h("tbody", { role: "rowgroup" }, rows),
    ),
    card.note && h("p", { class: "note", text: card.note }),
  );
  stackWhenTight(box);
  return box;
}

/** Whether it fits depends on its words, the width and the reader's text size: so it is measured, not guessed. */
function stackWhenTight(box) {
  if (typeof ResizeObserver === "undefined") return;
  let width = -1;
  new ResizeObserver(([entry]) => {
    const now = Math.round(entry.contentRect.width);
    if (now === width || !now) return;
    width = now;
    box.classList.remove("stacked");
    box.classList.toggle("stacked", box.scrollWidth > box.clientWidth + 1);
  }).observe(box);
}

const NUMBER = /^[-+$]*[\d,.]+ ?%?$/;
const label = (column) => h("span", { class: "cell-label", "aria-hidden": "true", text: column.label });
const value = (row, column) => h("span", { class: "cell-value", text: row[column.key] ?? "–" });
