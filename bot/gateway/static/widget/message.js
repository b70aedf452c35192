// One message as a list item: who said it, its words or card, its source, its time and how its sending went.

import { h, icon } from "./dom.js";
import { feedbackRow } from "./feedback.js";
import { link, rich } from "./rich.js";
import { factsCard } from "./cards/facts.js";
import { identityCard } from "./cards/identity.js";
import { leaveButton } from "./cards/left_message.js";
import { statusCard } from "./cards/status.js";
import { tableCard } from "./cards/table.js";

const CARDS = { facts: factsCard, identity: identityCard, status: statusCard, table: tableCard };

/** The name over a message; a specialist's is the alias the server sends. */
export function authorName(message, t) {
  if (message.author === "specialist") return t("author.specialist", { name: message.name || t("author.someone") });
  return t(`author.${message.author}`);
}

export function messageItem(message, t, acts) {
  const item = frame(message, t);
  item.dataset.seq = message.seq;
  item.append(body(message, t, acts), ...[source(message, t)].filter(Boolean));
  if (message.feedback) item.append(feedbackRow(message, t, acts));
  if (message.author === "visitor") item.append(h("p", { class: "delivery delivery-sent", text: t("delivery.sent") }));
  return item;
}

/** The visitor's own line before the server has stored it. */
export function pendingItem(words, t, acts) {
  const message = { author: "visitor", text: words.title || words.text, created_at: words.at, language: t.language };
  const item = frame(message, t);
  item.dataset.clientId = words.client_id;
  item.append(h("div", { class: "text" }, h("p", { class: "plain", text: message.text })));
  const state = h("p", { class: `delivery delivery-${words.state}` });
  if (words.state === "sending") state.append(t("delivery.sending"));
  else {
    const why = words.state === "waiting" ? t("delivery.waiting") : problemOf(words, t);
    state.append(icon("alert"), h("span", { text: why }));
    state.append(
      h("button", { type: "button", class: "as-link", text: t("delivery.retry"), on: { click: () => acts.retry(words.client_id) } }),
    );
    if (words.state === "failed") {
      state.append(
        h("button", { type: "button", class: "as-link", text: t("delivery.edit"), on: { click: () => acts.edit(words) } }),
      );
    }
  }
  item.append(state);
  return item;
}

/** Why an item was refused, in the language of the panel; the server's words are the last resort. */
export function problemOf(words, t) {
  const key = `delivery.${words.code}`;
  return t.has(key) ? t(key) : words.problem || t("delivery.failed");
}

function frame(message, t) {
  const { author } = message;
  return h(
    "li",
    { class: `message ${author}`, "data-author": author + (message.name || "") },
    h(
      "p",
      { class: "who" },
      author !== "visitor" && icon(author === "bot" ? "bot" : "person"),
      h("span", { text: authorName(message, t) }),
      h("time", { datetime: message.created_at, text: t.time(message.created_at), title: t.moment(message.created_at) }),
    ),
  );
}

function body(message, t, acts) {
  const { card } = message;
  const make = card && CARDS[card.type];
  const note = message.hidden && h("p", { class: "hidden-note" }, icon("lock"), h("span", { text: message.text }));
  const box = make ? h("div", { class: "card" }, note) : note ? h("div", { class: "text" }, note) : rich(message, t);
  box.lang = message.language || t.language;
  box.dir = "auto";
  if (card && card.type === "message") box.append(leaveButton(card, acts.leave));
  if (!make) return box;
  box.removeAttribute("dir"); // A card mixes numbers and words; its own texts follow the panel.
  if (card.type === "identity" && !acts.open(message)) box.append(doneIdentity(message, t, acts));
  else box.append(make(card, t, { ...acts, prove: (values) => acts.prove(values, message.seq) }));
  return box;
}

function doneIdentity(message, t, acts) {
  const proven = acts.proven(message);
  const words = t(proven ? "identity.done" : "identity.closed");
  return h("p", { class: "identity-done" }, icon(proven ? "check" : "lock"), h("span", { text: words }));
}

function source({ source: origin, language }, t) {
  if (!origin) return null;
  const line = h("p", { class: "source" }, h("span", { class: "source-label", text: t("source.label") }), " ");
  const title = h("cite", { lang: language }, link(origin.url, origin.title, t));
  line.append(title);
  if (origin.effective) line.append(`, ${t("source.effective", { date: t.day(origin.effective) })}`);
  line.append(". ");
  if (origin.note) line.append(origin.note);
  return line;
}

/** The buttons a message offers. They are a list, so that a screen reader says how many there are. */
export function choices(message, t, choose) {
  return h(
    "ul",
    { class: "choices", "aria-label": t("choices.label"), lang: message.language },
    message.buttons.map((button) =>
      h("li", {}, h("button", { type: "button", class: "choice", text: button.title, on: { click: () => choose(button) } })),
    ),
  );
}

/** What a screen reader hears when the message arrives: its plain text, and the choices it offers. */
export function spoken(message, t) {
  const titles = (message.buttons || []).map((button) => button.title);
  const offer = titles.length ? ` ${t("choices.spoken", { titles: titles.join("; ") })}` : "";
  return `${authorName(message, t)}: ${message.text}${offer}`;
}

