// "Did this help?" under an answer from a card: a quiet row, never a turn of the conversation.

import { h } from "./dom.js";

const REASONS = ["not_asked", "hard", "more_detail", "wrong", "other"];

/**
 * The row under one answer. What was said stays visible as the pressed button and can be changed.
 * `acts.rate(seq, {helpful, reason?})` resolves when it is stored; `acts.said(text)` tells a screen reader.
 */
export function feedbackRow(message, t, acts) {
  const title = (message.source && message.source.answers) || "";
  const row = h("div", { class: "feedback", role: "group", "aria-label": t("feedback.label", { title }) });
  let given = message.feedback === true ? {} : message.feedback;
  let busy = false;

  async function give(wanted, focus) {
    if (busy) return;
    busy = true;
    try {
      given = await acts.rate(message.seq, wanted);
      message.feedback = given; // Drawn again after a change of language, the row still knows.
      draw(given.helpful || given.reason ? t("feedback.thanks") : "");
      acts.said(t(given.helpful || given.reason ? "feedback.thanks" : "feedback.why"));
    } catch {
      draw(t("feedback.unsaved"));
      acts.said(t("feedback.unsaved"));
    }
    busy = false;
    const again = row.querySelector(`[data-say="${focus}"]`);
    if (again) again.focus();
  }

  function choice(name, pressed, wanted) {
    return h("button", {
      type: "button",
      class: "rate",
      "data-say": name,
      "aria-pressed": String(pressed),
      text: t(`feedback.${name}`),
      on: { click: () => give(wanted, name) },
    });
  }

  function draw(note = "") {
    const no = given.helpful === false;
    row.replaceChildren(
      h(
        "p",
        {},
        h("span", { text: t("feedback.ask") }),
        choice("yes", given.helpful === true, { helpful: true }),
        choice("no", no, { helpful: false }),
        note && h("span", { class: "feedback-note", text: note }),
      ),
    );
    if (!no) return;
    const reasons = REASONS.map((reason) => choice(reason, given.reason === reason, { helpful: false, reason }));
    const person = h("button", { type: "button", class: "rate", text: t("feedback.person"), on: { click: () => acts.person() } });
    row.append(h("p", {}, h("span", { text: t("feedback.why") }), reasons, person));
  }

  draw();
  return row;
}
