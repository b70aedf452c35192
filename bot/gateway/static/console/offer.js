// An offer: somebody who waits is meant for this specialist for some seconds. It never takes the focus from under the hands.

import { h, icon } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { now } from "./clock.js";
import { urgent } from "./desk.js";
import { subject } from "./row.js";
import { minutesSince, waited } from "./waiting.js";

const LAST_CALL_SECONDS = 10;

export class OfferPanel {
  /** `acts` are {accept(id), decline(id), leave()}; `leave` takes the focus when the offer goes away under it. */
  constructor({ t, desk, acts }) {
    Object.assign(this, { t, desk, acts, id: null });
    this.title = h("h2", { id: "offer-title" });
    this.about = h("p", { class: "offer-about" });
    this.words = h("p", { class: "offer-words" });
    this.seconds = h("b");
    this.countdown = h("p", { class: "offer-count", "aria-hidden": "true" }, this.seconds, h("span", { text: t("offer.seconds") }));
    const button = (text, look, act) =>
      h("button", { type: "button", class: look, on: { click: () => act(this.id) } }, t(text));
    this.acceptButton = button("offer.accept", "primary", acts.accept);
    this.declineButton = button("offer.decline", "", acts.decline);
    this.problem = h("p", { class: "field-error", role: "alert", hidden: true });
    this.element = h(
      "section",
      { class: "offer", "aria-labelledby": "offer-title", hidden: true },
      this.countdown,
      h("div", { class: "offer-text" }, this.title, this.about, this.words, this.problem),
      h("div", { class: "offer-acts" }, this.acceptButton, this.declineButton),
    );
  }

  /** Draw the offer the desk has now, if any; a new one is told of once. */
  draw() {
    const one = this.desk.offer;
    const { t } = this;
    if (!one) {
      if (this.id !== null) this._close();
      return;
    }
    if (one.id !== this.id) {
      this.id = one.id;
      this.told = new Set();
      this.problem.hidden = true;
      const values = { subject: subject(one, t), language: t.languageName(one.language) };
      announce(t(urgent(one) ? "offer.spoken_urgent" : "offer.spoken", { ...values, seconds: this._left(one) }));
    }
    this.element.classList.toggle("danger", Boolean(urgent(one)));
    this.title.replaceChildren(urgent(one) ? icon("alert") : icon("person"), ` ${t("offer.title", { subject: subject(one, t) })}`);
    const program = one.program && t.named("program", one.program);
    const time = t("wait.waiting", { time: waited(minutesSince(one.opened_at), t).spoken });
    const from = one.transfer && one.transfer.by ? t("offer.from", { name: one.transfer.by }) : "";
    this.about.textContent = [t.languageName(one.language), program, time, from].filter(Boolean).join(" · ");
    const said = one.last_visitor_message;
    this.words.textContent = said ? t("log.spoken", { text: said.text.replace(/\s+/g, " ").slice(0, 160) }) : "";
    this.words.hidden = !said;
    this.element.hidden = false;
    this.tick();
  }

  tick() {
    const one = this.id === null ? null : this.desk.escalations.get(this.id);
    if (!one || !one.offer) return;
    const left = this._left(one);
    if (this.seconds.textContent !== String(left)) this.seconds.textContent = String(left);
    this.countdown.classList.toggle("last", left <= LAST_CALL_SECONDS);
    if (left <= LAST_CALL_SECONDS && left > 0 && !this.told.has("last")) {
      this.told.add("last");
      announce(this.t("offer.last_call", { seconds: left }));
    }
  }

  refuse(text) {
    this.problem.textContent = text;
    this.problem.hidden = false;
  }

  _left(one) {
    return Math.max(0, Math.ceil((Date.parse(one.offer.ends_at) - now()) / 1000));
  }

  _close() {
    const hadFocus = this.element.contains(document.activeElement);
    const gone = this.desk.escalations.get(this.id);
    const isMine = gone && gone.state === "active" && this.desk.isMine(gone);
    if (gone && gone.state === "active" && !isMine) announce(this.t("row.taken_by", { name: gone.specialist.alias }));
    else if (gone && !isMine && !this.declined) announce(this.t("offer.over"));
    this.declined = false;
    this.id = null;
    this.element.hidden = true;
    if (hadFocus) this.acts.leave();
  }
}
