// The rating card: five choices as radio buttons, words if one likes, and the conversation to keep.

import { h, icon, newId } from "../dom.js";

/** `rate(stars, words)` sends it and resolves or throws an ApiError; `save()` gives the transcript. */
export function ratingCard(card, t, { rate, save }) {
  const name = newId("rating");
  const error = h("p", { class: "field-error", id: `${name}-error`, role: "alert", hidden: true });
  const choices = card.choices.map(({ value, label }) =>
    h(
      "label",
      { class: "star" },
      h("input", { type: "radio", name, value: String(value), "aria-describedby": `${name}-error` }),
      h("span", { text: label }),
    ),
  );
  const words = h("textarea", { id: `${name}-words`, rows: "2", maxlength: "2000" });
  const submit = h("button", { type: "submit", class: "primary", text: card.submit });
  const keep = h("button", { type: "button", class: "as-link", text: t("options.transcript"), on: { click: save } });
  const form = h(
    "form",
    { class: "rating", novalidate: true },
    h("fieldset", {}, h("legend", { text: card.title }), error, choices),
    h("div", { class: "field" }, h("label", { for: words.id, text: card.words_label }), words),
    submit,
    keep,
  );
  form.addEventListener("change", () => refuse(""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    refuse(chosen ? "" : t("rating.missing"));
    if (!chosen) {
      form.querySelector("input").focus();
      return;
    }
    submit.setAttribute("aria-disabled", "true");
    try {
      await rate(Number(chosen.value), words.value.trim());
    } catch (problem) {
      refuse(problem.message || t("rating.unreachable"));
    } finally {
      submit.removeAttribute("aria-disabled");
    }
  });

  function refuse(text) {
    error.hidden = !text;
    error.textContent = text;
  }

  return form;
}

/** What stands in place of the card once it has served: thanks, and still the conversation to keep. */
export function doneRating(t, isRated, { save }) {
  return h(
    "div",
    { class: "rating" },
    h("p", { class: "identity-done" }, icon("check"), h("span", { text: t(isRated ? "rating.done" : "rating.over") })),
    h("button", { type: "button", class: "as-link", text: t("options.transcript"), on: { click: save } }),
  );
}
