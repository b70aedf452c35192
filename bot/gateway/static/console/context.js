// The first tab of the right column: why a person was brought in, what it was about, who it is, and the claim when identity is proven.

import { h, icon } from "../widget/dom.js";
import { now } from "./clock.js";
import { factsCard } from "../widget/cards/facts.js";
import { statusCard } from "../widget/cards/status.js";

export class Context {
  constructor({ t }) {
    this.t = t;
    this.body = h("div");
    this.show(null, null);
  }

  show(escalation, talk) {
    const packet = talk && talk.packetOf === (escalation && escalation.id) ? talk.packet : null;
    // Drawing again what is the same would move what somebody reads.
    const key = JSON.stringify([escalation && { ...escalation, last_message: 0 }, packet, talk && talk.state]);
    if (key === this.shown) return;
    this.shown = key;
    if (!escalation) {
      this.body.replaceChildren(h("p", { class: "empty", text: this.t("context.empty") }));
      return;
    }
    this.body.replaceChildren(
      this._reason(escalation),
      ...[this._note(escalation)].filter(Boolean),
      ...(packet ? this._packet(packet, escalation) : [this._waiting(talk)]),
    );
  }

  _reason(escalation) {
    const { t } = this;
    const facts = [
      [t("context.reason"), t.named("reason", escalation.reason)],
      escalation.priority !== "usual" && [t("context.priority"), t.named("priority", escalation.priority)],
      escalation.reference && [t("context.reference"), escalation.reference],
      [t("context.language"), t.languageName(escalation.language)],
      escalation.program && [t("context.program"), t.named("program", escalation.program)],
      [t("context.asked_at"), shortMoment(escalation.opened_at, t)],
      escalation.taken_at && [
        t("context.taken_at"),
        t("context.taken_by", {
          time: shortMoment(escalation.taken_at, t),
          name: escalation.specialist ? escalation.specialist.alias : "",
        }),
      ],
      escalation.outcome && [t("context.outcome"), t.named("outcome", escalation.outcome)],
    ].filter(Boolean);
    return h(
      "section",
      { class: "part" },
      h("h3", { text: t("context.why") }),
      h(
        "dl",
        { class: "facts" },
        facts.map(([label, value]) => h("div", {}, h("dt", { text: label }), h("dd", { text: value }))),
      ),
    );
  }

  /** What the colleague who passed this on wants the next one to know. */
  _note({ transfer }) {
    if (!transfer || !transfer.by) return null;
    const { t } = this;
    return h(
      "section",
      { class: "part passed" },
      h("h3", { text: t("context.passed_by", { name: transfer.by }) }),
      h("p", { class: transfer.note ? "plain" : "quiet", text: transfer.note || t("context.no_note") }),
    );
  }

  _packet(packet, escalation) {
    const { t } = this;
    const isProven = packet.identity === "proven";
    const parts = [
      h("section", { class: "part" }, h("h3", { text: t("context.summary") }), packet.summary.map((text) => h("p", { text }))),
      h(
        "section",
        { class: "part" },
        h("h3", { text: t("context.identity") }),
        h(
          "p",
          { class: isProven ? "identity proven" : "identity" },
          icon(isProven ? "check" : "lock"),
          h("b", { text: t(`identity.${packet.identity}`) }),
        ),
        h("p", { class: "quiet", text: t(`identity.${packet.identity}.hint`) }),
      ),
    ];
    // The claim leaves the screen with the conversation.
    if (packet.claim && escalation.state === "active")
      parts.push(h("section", { class: "part claim" }, statusCard(packet.claim, t)));
    else if (isProven && escalation.state !== "active" && escalation.state !== "resolved")
      parts.push(h("p", { class: "quiet part", text: t("context.claim_after_take") }));
    // What was put on record shows as it was told, in the words of the one who told it.
    for (const intake of packet.intakes || [])
      parts.push(h("section", { class: "part claim", lang: escalation.language }, factsCard(intakeCard(intake, t))));
    if (packet.topics.length)
      parts.push(
        h(
          "section",
          { class: "part" },
          h("h3", { text: t("context.topics") }),
          h(
            "ol",
            { class: "topics" },
            packet.topics.map((topic) => h("li", { text: t.named("topic", topic) })),
          ),
        ),
      );
    if (packet.answers.length)
      parts.push(
        h(
          "section",
          { class: "part" },
          h("h3", { text: t("context.answers") }),
          h("ol", { class: "topics" }, packet.answers.map((answer) => h("li", { text: answer.title }))),
        ),
      );
    if (packet.earlier.length)
      parts.push(
        h(
          "section",
          { class: "part" },
          h("h3", { text: t("context.earlier") }),
          h("ul", { class: "earlier" }, packet.earlier.map((one) => this._earlier(one))),
        ),
      );
    return parts;
  }

  _earlier({ begun_at: begun, escalations }) {
    const { t } = this;
    const ends = escalations.map(({ reason, topic, outcome }) =>
      [t.named(topic ? "topic" : "reason", topic || reason), outcome && t.named("outcome", outcome)].filter(Boolean).join(": "),
    );
    return h("li", {}, h("b", { text: t.moment(begun) }), h("p", { class: "quiet", text: ends.join(" · ") || t("context.earlier_bot") }));
  }

  _waiting(talk) {
    return h("p", {
      class: "quiet part",
      text: this.t(talk && talk.state === "error" ? "context.error" : "context.loading"),
    });
  }
}

function intakeCard(intake, t) {
  const facts = [
    { label: t("intake.receipt"), value: intake.receipt },
    { label: t("intake.filed_at"), value: t.moment(intake.filed_at) },
    ...intake.answers,
  ];
  return { title: intake.title, facts, note: intake.is_late && t("intake.late") };
}

/** Today's moments need no date. */
export function shortMoment(moment, t) {
  const isToday = new Date(moment).toDateString() === new Date(now()).toDateString();
  return isToday ? t.time(moment) : t.moment(moment);
}
