// A claim's status, read top down: what is happening, what to do and by when, the money, where to get help.

import { h } from "../dom.js";
import { dialable } from "../rich.js";
import { tableCard } from "./table.js";

export function statusCard(card, t) {
  return h(
    "div",
    { class: "status" },
    h("h3", { text: card.title }),
    card.claim_number && h("p", { class: "claim-number" }, `${t("status.claim")} `, h("span", { text: card.claim_number })),
    card.sections.map((section) =>
      h(
        "section",
        { class: `part part-${section.key}` },
        h("h4", { text: section.heading }),
        dialable(h("p", { class: "plain", text: section.text })),
        section.due && due(section.due, t),
      ),
    ),
    (card.tables || []).map((table) => tableCard(table, t)),
  );
}

/** The days left are the largest thing on the card, in digits and in words. */
function due(deadline, t) {
  const left = deadline.days_left;
  const number = typeof left === "number" && left >= 0;
  const urgent = number && left <= 3;
  return h(
    "p",
    { class: urgent ? "due urgent" : "due" },
    number && h("span", { class: "days" }, h("b", { text: t.number(left) }), t(left === 1 ? "status.day_left" : "status.days_left")),
    h("span", { class: "by" }, number ? t("status.due", { date: t.day(deadline.date) }) : deadline.label),
  );
}
