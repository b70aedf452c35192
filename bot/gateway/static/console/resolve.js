// Giving a conversation back to the bot: how it ended is chosen from a closed list.

import { h, icon } from "../widget/dom.js";

export const OUTCOMES = ["answered", "referred", "follow_up", "no_reply"];

/**
 * A dialog; `resolve(outcome)` does it and may reject, `unsent()` says whether words are still in the answer
 * field, `done()` is called when the dialog has closed after it.
 */
export function resolveDialog({ t, resolve, unsent, done }) {
  const problem = h("p", { class: "field-error", role: "alert", id: "outcome-error", hidden: true });
  const warning = h(
    "p",
    { class: "alert info", hidden: true },
    icon("alert"),
    h("span", { text: t("resolve.unsent") }),
  );
  const choices = OUTCOMES.map((outcome) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "outcome", value: outcome, "aria-describedby": "outcome-error" }),
      h(
        "span",
        {},
        h("b", { text: t(`outcome.${outcome}`) }),
        h("span", { class: "quiet", text: t(`outcome.${outcome}.hint`) }),
      ),
    ),
  );
  const submit = h("button", { type: "submit", class: "primary", text: t("resolve.submit") });
  const cancel = h("button", { type: "button", text: t("cancel"), on: { click: () => dialog.close() } });

  async function send(event) {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    if (!chosen) {
      refuse(t("resolve.missing"));
      form.querySelector("input").focus();
      return;
    }
    submit.disabled = true;
    try {
      await resolve(chosen.value);
      dialog.close();
      done();
    } catch (error) {
      if (error.status === undefined) throw error;
      refuse(error.message || t("error.unreachable"));
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
    h("h2", { id: "resolve-title", text: t("resolve.title") }),
    h("p", { text: t("resolve.intro") }),
    warning,
    h("fieldset", {}, h("legend", { text: t("resolve.legend") }), problem, choices),
    h("div", { class: "dialog-actions" }, submit, cancel),
  );
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "resolve-title" }, form);

  return {
    element: dialog,
    open() {
      form.reset();
      refuse("");
      warning.hidden = !unsent();
      dialog.showModal();
      form.querySelector("input").focus();
    },
  };
}
