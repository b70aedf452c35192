// A facts card: a title and a short list of labels with their values.

import { h } from "../dom.js";
import { dialable } from "../rich.js";

const LONG = 60;

export function factsCard(card) {
  const box = h(
    "div",
    { class: "facts" },
    card.title && h("h3", { text: card.title }),
    h("dl", {}, card.facts.map((fact) => h("div", { class: String(fact.value).length > LONG && "long" }, h("dt", { text: fact.label }), h("dd", { text: fact.value })))),
    card.note && h("p", { class: "note", text: card.note }),
  );
  return dialable(box);
}
