// What stands under the transcript: the answer field, the button to take it, or why neither is there.

import { h, icon } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { urgent } from "./desk.js";
import { minutesSince, waited } from "./waiting.js";

export class Stage {
  /** `acts` are {take(), takeNext(), again(), focusTitle()}. */
  constructor({ t, desk, composer, acts }) {
    Object.assign(this, { t, desk, composer, acts, notice: "" });
    this.element = h("div", { class: "stage" });
    this.next = h("p", { class: "lead" });
  }

  /** Begin anew for another escalation. */
  reset() {
    this.notice = "";
    this.shown = "";
  }

  /** Say something that has just happened here, where the hands are. */
  tell(text) {
    this.notice = text;
    announce(text);
    this._redraw();
  }

  /** What was said here is settled. */
  quiet() {
    this.notice = "";
    this._redraw();
  }

  /** Put the keyboard into the answer field, now or as soon as it is there. */
  answer() {
    this.answerFor = this.now.id;
    this._redraw();
  }

  /** Redrawn only when what can be done changes, so that a draft or a focused button is never replaced under somebody. */
  draw(now) {
    this.now = now;
    const name = stageOf(now);
    if (name === "none") this._sayNext();
    const key = `${now.id} ${name} ${now.escalation && now.escalation.state === "callback"} ${this.notice} ${name === "none" && this.desk.waiting.length > 0}`;
    if (key === this.shown) return;
    const hadFocus = Boolean(this.shown) && this.element.contains(document.activeElement);
    this.shown = key;
    const notice = this.notice && note("alert", this.notice);
    this.element.replaceChildren(...[notice, ...this[`_${name}`]()].filter(Boolean));
    this.element.dataset.stage = name;
    if (name === "answering") this._startAnswering();
    if (hadFocus && !this.element.contains(document.activeElement)) {
      if (name === "answering") this.composer.focus();
      else this.acts.focusTitle();
    }
  }

  _redraw() {
    this.shown = "";
    this.draw(this.now);
  }

  _startAnswering() {
    const { id, talk, escalation } = this.now;
    this.composer.show(talk.draft, escalation.language);
    if (this.answerFor === id) this.composer.focus();
    this.answerFor = null;
  }

  /** While nothing is open: who is next, and how long they have waited. */
  _sayNext() {
    const { desk, t } = this;
    const [next] = desk.waiting;
    let text = t("talk.none_hint");
    if (next && urgent(next)) text = t("talk.none_urgent");
    else if (next) text = t("talk.none_next", { time: waited(minutesSince(next.opened_at), t).spoken });
    else if (desk.listState === "ready" && !desk.mine.length) text = t("talk.none_free");
    if (this.next.textContent !== text) this.next.textContent = text;
  }

  _none() {
    const take = this.desk.waiting.length > 0 && button(this.t("take.next"), this.acts.takeNext, "primary");
    return [h("div", { class: "empty calm" }, this.next, take)];
  }

  _loading() {
    const ghosts = [1, 2, 3].map((at) => h("div", { class: `ghost ghost-${at}`, "aria-hidden": "true" }));
    return [h("div", { class: "empty" }, h("p", { text: this.t("talk.loading") }), ghosts)];
  }

  _failed() {
    const { t, now } = this;
    const error = now.missing || now.talk.error;
    const why = error.status === 404 ? t("talk.missing") : error.message || t("error.unreachable");
    const words = h("div", {}, h("p", { text: why }), button(t("again"), this.acts.again));
    return [h("div", { class: "alert problem", role: "alert" }, icon("alert"), words)];
  }

  _takable() {
    const { t } = this;
    const isLeft = this.now.escalation.state === "callback";
    const take = button(t(isLeft ? "take.left_long" : "take.long"), this.acts.take, "primary large");
    const hint = h("p", { class: "quiet", text: t(isLeft ? "take.left_hint" : "take.hint") });
    return [h("div", { class: "take-bar" }, hint, take)];
  }

  _answering() {
    return [this.composer.element];
  }

  _elsewhere() {
    if (this.notice) return []; // It says already who has it.
    const { specialist, taken_at: takenAt } = this.now.escalation;
    return [note("person", this.t("talk.elsewhere", { name: specialist.alias, time: this.t.time(takenAt) }))];
  }

  _resolved() {
    const { t } = this;
    const { outcome } = this.now.escalation;
    if (outcome === "left") return [note("check", t("talk.left"))];
    return [note("check", t("talk.given_back", { outcome: outcome ? t.named("outcome", outcome) : "" }))];
  }
}

function stageOf({ id, escalation, talk, missing, isMine }) {
  if (id === null) return "none";
  if (!escalation) return missing ? "failed" : "loading";
  if (talk.messages.length === 0 && talk.state !== "ready") return talk.state === "error" ? "failed" : "loading";
  if (["waiting", "offered", "callback"].includes(escalation.state)) return "takable";
  if (escalation.state === "resolved") return "resolved";
  return isMine ? "answering" : "elsewhere";
}

function note(drawing, text) {
  return h("p", { class: "alert info" }, icon(drawing), h("span", { text }));
}

function button(text, click, look) {
  return h("button", { type: "button", class: look, text, on: { click } });
}
