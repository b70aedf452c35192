// Leaving a message for later: the way to its form under the bot's words, and the form itself in a sheet.

import { h, icon, newId } from "../dom.js";

const LIMIT = 2000;

/** Under the words that say nobody is here now. */
export function leaveButton(card, write) {
  return h("div", { class: "buttons" }, h("button", { type: "button", class: "primary", text: card.title, on: { click: write } }));
}

/** The form; `leave(text)` resolves when the message is left or throws an ApiError, and loses nothing when it does. */
export function leaveForm(t, leave) {
  const id = newId("message");
  const problem = h("p", { class: "field-error", id: `${id}-error`, role: "alert", hidden: true });
  const field = h("textarea", { id, rows: 6, maxlength: LIMIT, required: true, "aria-describedby": `${id}-hint ${id}-error` });
  const submit = h("button", { type: "submit", class: "primary", text: t("message.submit") });
  const refuse = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  field.addEventListener("input", () => refuse(""));
  const send = async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled") === "true") return;
    const text = field.value.trim();
    refuse(text ? "" : t("message.empty"));
    if (!text) {
      field.focus();
      return;
    }
    submit.setAttribute("aria-disabled", "true");
    try {
      await leave(text);
    } catch (error) {
      refuse(error.status === 409 || error.status === 422 ? error.message : t("message.failed"));
      field.focus();
    }
    submit.setAttribute("aria-disabled", "false");
  };
  return h(
    "form",
    { novalidate: true, on: { submit: send } },
    h("p", { class: "hint", id: `${id}-hint` }, icon("lock"), " ", t("message.intro")),
    h("div", { class: "field" }, h("label", { for: id, text: t("message.label") }), problem, field),
    h("div", { class: "buttons" }, submit),
  );
}
