// What the Options sheet and its neighbours hold: transcript, settings, help, privacy, starting over, ending.

import { h } from "./dom.js";
import { link } from "./rich.js";

const SETTINGS = ["sound", "motion", "times", "enter"];
const DEFAULTS = { sound: false, motion: true, times: false, enter: true };

export const setting = (memory, name) => memory.preferences[name] ?? DEFAULTS[name];

export function optionsContent(t, { memory, acts, started }) {
  return [
    h(
      "ul",
      { class: "actions" },
      started && action("download", t("options.transcript"), acts.transcript),
      action("privacy", t("options.privacy"), acts.privacy),
      action("help", t("options.help"), acts.help),
      started && action("restart", t("options.restart"), acts.restart),
      started && action("end", t("options.end"), acts.end, "danger"),
    ),
    h(
      "fieldset",
      { class: "settings" },
      h("legend", { text: t("settings.title") }),
      SETTINGS.map((name) => {
        const box = h("input", { type: "checkbox", on: { change: () => acts.set(name, box.checked) } });
        box.checked = setting(memory, name);
        return h("label", {}, box, h("span", { text: t(`settings.${name}`) }));
      }),
    ),
  ];
}

function action(name, text, act, kind = "") {
  return h("li", {}, h("button", { type: "button", class: `action ${kind}`, "data-action": name, text, on: { click: act } }));
}

export function helpContent(t, phones) {
  const topics = ["ask", "claim", "person", "keys", "leave"];
  return [
    ...topics.map((topic) =>
      h("section", {}, h("h3", { text: t(`help.${topic}.title`) }), h("p", { class: "plain", text: t(`help.${topic}`) })),
    ),
    h("h3", { text: t("help.phones.title") }),
    phoneList(t, phones),
  ];
}

export function privacyContent(t) {
  return [1, 2, 3, 4, 5].map((number) => h("p", { text: t(`privacy.${number}`) }));
}

/** A question with its consequence and two plain answers; the safe one is first in reading order. */
export function confirmContent(t, { text, yes, no, onYes, onNo, extra }) {
  return [
    h("p", { text }),
    h(
      "div",
      { class: "buttons" },
      extra,
      h("button", { type: "button", class: "secondary", text: no, on: { click: onNo } }),
      h("button", { type: "button", class: "danger", text: yes, on: { click: onYes } }),
    ),
  ];
}

/** Each program with its phone, textphone and hours, or its website where it has no phone. */
export function phoneList(t, programs) {
  if (!programs.length) return h("p", { text: t("phones.none") });
  const number = (digits) => h("a", { href: `tel:${String(digits).replace(/[^+\d]/g, "")}`, text: digits });
  const line = (kind, value) => h("div", {}, h("dt", { text: t(`phones.${kind}`) }), h("dd", {}, value));
  return h(
    "div",
    { class: "phones" },
    programs.map((program) => [
      programs.length > 1 && h("p", { class: "phones-of", text: program.name }),
      h(
        "dl",
        {},
        program.phone && line("phone", number(program.phone)),
        program.tty && line("tty", number(program.tty)),
        program.hours && line("hours", program.hours),
        !program.phone && program.url && line("website", link(program.url, program.url.replace(/^https:\/\/|\/$/g, ""), t)),
      ),
    ]),
  );
}

