// The identity form: labels above fields, errors beside them and summed up; values go to the gateway only.

import { h, icon, newId } from "../dom.js";
import { dateField } from "./date_field.js";

/**
 * `prove(values)` sends the values and resolves or throws an ApiError; `person()` asks for a specialist.
 * Nothing typed here is stored, put in the address, announced or shown as chat text.
 */
export function identityCard(card, t, { prove, person, heading = "h3" }) {
  const fields = card.fields.map((field) => (field.kind === "date" ? dateField(field, t) : textField(field)));
  const summary = h("div", { class: "summary", tabindex: "-1", hidden: true });
  const tries = h("p", { class: "tries" });
  const submit = h("button", { type: "submit", class: "primary", text: card.submit || t("identity.submit") });
  const form = h(
    "form",
    { class: "identity", novalidate: true, autocomplete: "off" },
    h(heading, {}, icon("lock"), card.title),
    card.intro && h("p", { text: card.intro }),
    summary,
    fields.map((field) => field.element),
    submit,
    tries,
  );
  showTries(card.tries_left);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled") === "true") return;
    const problems = fields.map((field) => field.check(t)).filter(Boolean);
    if (problems.length) {
      showSummary(t(problems.length === 1 ? "identity.fix_one" : "identity.fix_many"), problems);
      return;
    }
    summary.hidden = true;
    busy(true);
    try {
      await prove(Object.fromEntries(fields.map((field) => [field.name, field.value()])));
      for (const field of fields) field.clear();
    } catch (error) {
      refused(error);
    } finally {
      busy(false);
    }
  });

  function refused(error) {
    const left = error.body && error.body.tries_left;
    if (error.status === 423 || left === 0) {
      lock(error.message);
      return;
    }
    if (typeof left === "number") showTries(left, true);
    const known = [401, 403, 422, 429].includes(error.status);
    showSummary(known && error.message ? error.message : t(error.status === 403 ? "identity.no_match" : "identity.unreachable"), []);
  }

  /** Focus goes to the summary, which a screen reader then reads: no second live region is needed. */
  function showSummary(message, problems) {
    const list = problems.map(({ text, focus }) =>
      h("li", {}, h("button", { type: "button", class: "as-link", text, on: { click: focus } })),
    );
    const left = tries.textContent && !problems.length ? h("p", { text: tries.textContent }) : null;
    summary.replaceChildren(h("p", { class: "summary-title" }, icon("alert"), message), ...[left, list.length && h("ul", {}, list)].filter(Boolean));
    summary.hidden = false;
    summary.focus();
  }

  function showTries(left, always) {
    if (typeof left !== "number" || (!always && left >= 5)) tries.textContent = "";
    else tries.textContent = left === 1 ? t("identity.try_left") : t("identity.tries_left", { count: left });
  }

  function lock(message) {
    const ask = h("button", { type: "button", class: "secondary ask-person", on: { click: person } }, icon("person"), t("person.ask"));
    const words = h("p", { tabindex: "-1", text: message || t("identity.locked") });
    form.replaceChildren(h(heading, {}, icon("lock"), card.title), words, ask);
    words.focus();
  }

  function busy(on) {
    submit.setAttribute("aria-disabled", String(on));
    submit.textContent = on ? t("identity.checking") : card.submit || t("identity.submit");
  }

  return form;
}

function textField({ name, label, hint, kind, autocomplete }) {
  const id = newId(name);
  const error = h("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const input = h("input", {
    id,
    type: kind === "secret" ? "password" : "text",
    inputmode: kind === "secret" ? "numeric" : "text",
    autocomplete: autocomplete || "off",
    autocapitalize: "characters",
    spellcheck: "false",
    required: true,
    "aria-describedby": hint ? `${id}-hint ${id}-error` : `${id}-error`,
  });
  return {
    name,
    element: h(
      "div",
      { class: "field" },
      h("label", { for: id, text: label }),
      hint && h("p", { class: "hint", id: `${id}-hint`, text: hint }),
      error,
      input,
    ),
    value: () => input.value.trim(),
    clear: () => (input.value = ""),
    check(t) {
      const text = input.value.trim() ? "" : t("identity.missing", { label });
      error.textContent = text;
      error.hidden = !text;
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      return text && { text, focus: () => input.focus() };
    },
  };
}
