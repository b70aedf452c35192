// The top of the panel: its name and controls, who is answering, and the way to a person.

import { h, icon } from "./dom.js";

/** `page` has no close button. The other language is always one press away, written in that language. */
export function headerBar(t, { title, page, acts }) {
  const other = t.language === "es" ? "en" : "es";
  return h(
    "div",
    { class: "bar" },
    h(page ? "h1" : "h2", { class: "title", text: title }),
    h("button", { type: "button", class: "language", lang: other, text: t(`language.${other}`), on: { click: () => acts.speak(other) } }),
    h("button", { type: "button", class: "options", "aria-label": t("options.title"), title: t("options.title"), on: { click: acts.options } }, icon("menu")),
    !page && h("button", { type: "button", class: "close", "aria-label": t("panel.close"), title: t("panel.close"), on: { click: acts.close } }, icon("close")),
  );
}

/** One line that says who answers now, and beside it the way to a person while there is none. */
export function whoBar(t, { escalation, ended, acts }) {
  if (ended) return h("div", { class: "who-bar", hidden: true });
  const state = escalation && escalation.state;
  const line = (name, text) => h("p", { class: `answering answering-${name}` }, icon(name === "bot" ? "bot" : "person"), h("span", { text }));
  if (state === "active") {
    return h("div", { class: "who-bar" }, line("person", t("who.specialist", { name: escalation.name || t("author.someone") })));
  }
  if (state === "waiting") {
    const button = (words, act) => h("button", { type: "button", class: "secondary", text: t(words), on: { click: act } });
    return h(
      "div",
      { class: "who-bar waiting" },
      line("waiting", waitingText(t, escalation)),
      h("div", { class: "who-acts" }, button("who.back", acts.giveUp), button("who.leave", acts.leave)),
    );
  }
  const { reference } = escalation || {};
  return h(
    "div",
    { class: "who-bar" },
    line("bot", reference ? t("who.callback", { reference }) : t("who.bot")),
    h("button", { type: "button", class: "secondary ask-person", on: { click: acts.person } }, icon("person"), t("person.ask")),
  );
}

/** The place in line, and how long people have waited lately where that was measured. */
export function waitingText(t, { position, wait_minutes: wait }) {
  const place = position ? t("who.position", { position: t.number(position) }) : t("who.waiting");
  if (!wait) return place;
  const range = wait.low < 1 ? t("who.wait_up_to", { high: t.number(wait.high) }) : t("who.wait", { low: t.number(wait.low), high: t.number(wait.high) });
  return `${place} ${wait.low === wait.high ? t("who.wait_about", { high: t.number(wait.high) }) : range}`;
}

/** The state of the line in words, with the phones when the service can't be reached. Empty when all is well. */
export function connectionBanner(t, { state, phones, retry }) {
  if (!["connecting", "offline", "down", "starting"].includes(state)) return h("div", { class: "banner", hidden: true });
  const quiet = state === "connecting";
  return h(
    "div",
    { class: `banner banner-${state}` },
    h("p", {}, !quiet && icon("alert"), h("span", { text: t(`line.${state}`) })),
    !quiet && phones,
    state === "down" && h("button", { type: "button", class: "secondary", text: t("line.retry"), on: { click: retry } }),
  );
}
