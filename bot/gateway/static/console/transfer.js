// Passing a conversation on: to one colleague who is here, or to whoever knows a program or a language, with a note.

import { h, icon } from "../widget/dom.js";

const PROGRAMS = ["wa_ui", "wa_pfml", "wa_cares", "ok_insurance"];
const LANGUAGES = ["en", "es"];
const NOTE_LIMIT = 2000;

/**
 * A dialog; `colleagues()` resolves to who else there is, `transfer(to, note)` does it and may reject, `unsent()` says
 * whether words are still in the answer field, `done()` is called when the dialog has closed after it.
 */
export function transferDialog({ t, colleagues, transfer, unsent, done }) {
  const problem = h("p", { class: "field-error", role: "alert", id: "transfer-error", hidden: true });
  const warning = h("p", { class: "alert info", hidden: true }, icon("alert"), h("span", { text: t("resolve.unsent") }));
  const people = h("div", { class: "people" });
  const skills = h(
    "div",
    { class: "people" },
    [
      ...PROGRAMS.map((program) => choice("program", program, t.named("program", program))),
      ...LANGUAGES.map((language) => choice("language", language, t("transfer.speaks", { language: t.languageName(language) }))),
    ],
  );
  const note = h("textarea", { id: "transfer-note", rows: 3, maxlength: NOTE_LIMIT, "aria-describedby": "transfer-note-hint" });
  const submit = h("button", { type: "submit", class: "primary", text: t("transfer.submit") });
  const cancel = h("button", { type: "button", text: t("cancel"), on: { click: () => dialog.close() } });

  function choice(kind, value, name, hint = "", disabled = false) {
    return h(
      "label",
      { class: "choice small-choice" },
      h("input", { type: "radio", name: "to", value: `${kind}:${value}`, disabled, "aria-describedby": "transfer-error" }),
      h("span", {}, h("b", { text: name }), hint && h("span", { class: "quiet", text: hint })),
    );
  }

  function hintOf({ available, load, capacity }) {
    if (!available) return t("transfer.not_here");
    return load >= capacity ? t("transfer.full", { count: t.number(load) }) : t.count("transfer.load", load);
  }

  async function fill() {
    people.replaceChildren(h("p", { class: "quiet", text: t("transfer.loading") }));
    try {
      const all = await colleagues();
      const free = (one) => one.available && one.load < one.capacity;
      all.sort((one, other) => free(other) - free(one) || one.load - other.load);
      people.replaceChildren(
        ...(all.length
          ? all.map((one) => choice("specialist_id", one.id, one.alias, hintOf(one), !free(one)))
          : [h("p", { class: "quiet", text: t("transfer.nobody") })]),
      );
    } catch (error) {
      if (error.status === undefined) throw error;
      people.replaceChildren(h("p", { class: "quiet", text: error.message || t("error.unreachable") }));
    }
  }

  async function send(event) {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    if (!chosen) {
      refuse(t("transfer.missing"));
      form.querySelector("input:not(:disabled)").focus();
      return;
    }
    const [kind, value] = chosen.value.split(":");
    submit.disabled = true;
    try {
      await transfer({ [kind]: kind === "specialist_id" ? Number(value) : value }, note.value.trim());
      dialog.close();
      done();
    } catch (error) {
      if (error.status === undefined) throw error;
      refuse(error.message || t("error.unreachable"));
      fill();
    } finally {
      submit.disabled = false;
    }
  }

  function refuse(text) {
    problem.hidden = !text;
    problem.textContent = text;
  }

  const form = h(
    "form",
    { on: { submit: send } },
    h("h2", { id: "transfer-title", text: t("transfer.title") }),
    h("p", { text: t("transfer.intro") }),
    warning,
    problem,
    h("fieldset", {}, h("legend", { text: t("transfer.people") }), people),
    h("fieldset", {}, h("legend", { text: t("transfer.skills") }), skills),
    h(
      "div",
      { class: "field" },
      h("label", { for: "transfer-note", text: t("transfer.note") }),
      h("p", { class: "quiet", id: "transfer-note-hint", text: t("transfer.note_hint") }),
      note,
    ),
    h("div", { class: "dialog-actions" }, submit, cancel),
  );
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "transfer-title" }, form);

  return {
    element: dialog,
    async open() {
      form.reset();
      refuse("");
      warning.hidden = !unsent();
      dialog.showModal();
      await fill();
      const first = form.querySelector("input:not(:disabled)");
      if (first && dialog.open) first.focus();
    },
  };
}
