// The middle column: one conversation, what can be done with it now, and why not when it can't.

import { h, icon } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { Composer } from "./composer.js";
import { urgent } from "./desk.js";
import { Log } from "./log.js";
import { UNDO_SECONDS } from "./outbox.js";
import { preferences } from "./preferences.js";
import { resolveDialog } from "./resolve.js";
import { subject } from "./row.js";
import { minutesSince, waited } from "./waiting.js";

export class Conversation {
  /** `go` are {back(), details(), takeNext()}; `take(id)` takes an escalation and resolves when it is decided. */
  constructor({ t, desk, go, take }) {
    Object.assign(this, { t, desk, go, take, id: null, notice: "" });
    this.log = new Log({ t, me: desk.me, acts: { undo: (entry) => this.undo(entry), sendNow: (entry) => desk.outbox.release(entry) } });
    this.composer = new Composer({
      t,
      on: {
        send: (text) => this._send(text),
        typing: () => desk.typing(this.escalation.conversation_id),
        drafted: (text) => {
          this.talk.draft = text;
        },
      },
    });
    this.resolving = resolveDialog({
      t,
      resolve: (outcome) => this._resolve(outcome),
      unsent: () => Boolean(this.talk.draft.trim()),
      done: () => {
        announce(t("resolve.done"));
        this.focus();
      },
    });

    this.title = h("h2", { id: "talk-title", tabindex: "-1" });
    this.sub = h("p", { class: "sub" });
    const back = h("button", { type: "button", class: "icon-button only-phone", "aria-label": t("talk.back"), on: { click: go.back } }, icon("back"));
    this.detailsButton = h("button", { type: "button", class: "only-collapsed", text: t("context.title"), on: { click: go.details } });
    this.resolveButton = h("button", { type: "button", class: "resolve", text: t("resolve.open"), on: { click: () => this.openResolve() } });
    this.head = h("header", { class: "pane-head" }, back, h("div", { class: "titles" }, this.title, this.sub), this.detailsButton, this.resolveButton);
    this.typing = h("p", { class: "typing", "aria-hidden": "true" });
    this.stage = h("div", { class: "stage" });
    this.place = h("div", { class: "log-place" }, this.log.element, this.log.toEnd);
    this.element = h("section", { class: "talk", id: "talk", tabindex: "-1", "aria-labelledby": "talk-title" }, this.head, this.place, this.typing, this.stage, this.resolving.element);
    this.show(null);
  }

  get escalation() {
    return this.desk.escalations.get(this.id);
  }

  get talk() {
    return this.escalation && this.desk.talk(this.escalation.conversation_id);
  }

  get isMine() {
    const one = this.escalation;
    return Boolean(one && one.state === "active" && this.desk.isMine(one));
  }

  /** Turn to an escalation, or to none. */
  show(id) {
    if (id !== this.id) {
      this.notice = "";
      this.log.clear();
    }
    this.id = id;
    this.shownStage = "";
    this.missing = null;
    this.update(true);
  }

  showMissing(error) {
    this.missing = error;
    this.update();
  }

  /** Draw what the desk knows of the open conversation. */
  update(isOpening = false) {
    const { escalation, talk, t } = this;
    this.element.classList.toggle("is-none", this.id === null);
    this.detailsButton.hidden = !escalation;
    this.resolveButton.hidden = !this.isMine;
    this.title.textContent = escalation ? subject(escalation, t) : t(this.id === null ? "talk.none" : "talk.untitled");
    this.place.hidden = !talk || talk.messages.length === 0;
    if (talk) {
      const wasEmpty = this.log.items.size === 0;
      this.log.draw(talk.messages, isOpening || wasEmpty);
      this._drawPending();
    }
    this._drawTyping();
    this._drawStage();
    this.tick();
  }

  tick() {
    const { escalation, t } = this;
    if (!escalation) {
      this.sub.textContent = "";
      this._drawStage();
      return;
    }
    const line = [this._whoHasIt(), t.languageName(escalation.language), escalation.program && t.named("program", escalation.program)];
    const text = line.filter(Boolean).join(" · ");
    if (this.sub.textContent !== text) this.sub.textContent = text;
    this._drawTyping();
    this._drawPending();
  }

  _whoHasIt() {
    const { t } = this;
    const { state, outcome, specialist, taken_at: takenAt, opened_at: openedAt } = this.escalation;
    if (state === "resolved") return outcome === "left" ? t("outcome.left") : t("talk.resolved");
    const time = waited(minutesSince(state === "active" ? takenAt : openedAt), t).spoken;
    if (state === "waiting") return t("wait.waiting", { time });
    return t(this.isMine ? "talk.with_you" : "talk.with", { name: specialist.alias, time });
  }

  focus() {
    (this.id !== null ? this.title : this.stage.querySelector("button") || this.element).focus();
  }

  /** Say something about this conversation where its actions are. */
  tell(text) {
    this.notice = text;
    this.shownStage = "";
    this._drawStage();
    announce(text);
  }

  undo(entry) {
    if (!this.desk.outbox.undo(entry)) return;
    this.composer.putBack(entry.text);
    announce(this.t("outbox.undone"));
  }

  /** Take back the newest answer that is still held; true when there was one. */
  undoLast() {
    const entry = this.desk.outbox.of(this.id).filter((one) => one.state === "held").pop();
    if (entry) this.undo(entry);
    return Boolean(entry);
  }

  openResolve() {
    if (this.isMine) this.resolving.open();
  }

  drawPending() {
    this._drawPending();
  }

  _send(text) {
    const seconds = preferences.get("undo") ? UNDO_SECONDS : 0;
    this.desk.outbox.put(this.id, text, seconds);
    if (seconds) announce(this.t("outbox.held_spoken", { seconds }));
    this.log.scrollToEnd();
  }

  async _resolve(outcome) {
    const { id } = this;
    // Everything the specialist has sent goes out before the bot takes over.
    if (!(await this.desk.outbox.flush(id))) throw Object.assign(new Error(this.t("resolve.not_sent")), { status: 0 });
    await this.desk.resolve(id, outcome);
  }

  _drawPending() {
    const { talk } = this;
    if (!talk) return;
    const known = new Set(talk.messages.slice(-20).map((message) => message.client_id));
    this.log.drawPending(this.desk.outbox.of(this.id).filter((entry) => !known.has(entry.clientId)));
  }

  _drawTyping() {
    const isTyping = Boolean(this.talk && this.talk.isTyping && this.escalation.state !== "resolved");
    const text = isTyping ? this.t("typing.visitor") : "";
    if (this.typing.textContent !== text) this.typing.textContent = text;
  }

  /** The place under the transcript changes only when what can be done changes, so that a draft is never redrawn. */
  _drawStage() {
    const stage = this._stageName();
    const key = `${this.id} ${stage} ${this.notice} ${stage === "none" ? this._nextSays() : ""}`;
    if (key === this.shownStage) return;
    const hadFocus = this.stage.contains(document.activeElement) && this.shownStage !== "";
    this.shownStage = key;
    const notice = this.notice && h("p", { class: "alert info" }, icon("alert"), h("span", { text: this.notice }));
    this.stage.replaceChildren(...[notice, ...this[`_${stage}`]()].filter(Boolean));
    this.stage.dataset.stage = stage;
    if (stage === "answering") this.composer.show(this.talk.draft, this.escalation.language);
    if (hadFocus && !this.stage.contains(document.activeElement)) {
      if (stage === "answering") this.composer.focus();
      else this.title.focus();
    }
  }

  _stageName() {
    const { escalation, talk } = this;
    if (!this.id) return "none";
    if (!escalation) return this.missing ? "failed" : "loading";
    if (talk.state === "error" && talk.messages.length === 0) return "failed";
    if (talk.state === "loading" && talk.messages.length === 0) return "loading";
    if (escalation.state === "waiting") return "takable";
    if (escalation.state === "resolved") return "resolved";
    return this.isMine ? "answering" : "elsewhere";
  }

  /** What to do while nothing is open: who is next, and how long they have waited. */
  _nextSays() {
    const { desk, t } = this;
    const [next] = desk.waiting;
    if (next && urgent(next)) return t("talk.none_urgent");
    if (next) return t("talk.none_next", { time: waited(minutesSince(next.opened_at), t).spoken });
    return desk.listState === "ready" && !desk.mine.length ? t("talk.none_free") : t("talk.none_hint");
  }

  _none() {
    const { t } = this;
    const take = h("button", { type: "button", class: "primary", text: t("take.next"), on: { click: this.go.takeNext } });
    return [h("div", { class: "empty calm" }, h("p", { class: "lead", text: this._nextSays() }), this.desk.waiting.length > 0 && take)];
  }

  _loading() {
    const ghosts = [1, 2, 3].map((at) => h("div", { class: `ghost ghost-${at}`, "aria-hidden": "true" }));
    return [h("div", { class: "empty" }, h("p", { text: this.t("talk.loading") }), ghosts)];
  }

  _failed() {
    const { t } = this;
    const error = this.missing || this.talk.error;
    const why = error.status === 404 ? t("talk.missing") : error.message || t("error.unreachable");
    const again = h("button", { type: "button", text: t("again"), on: { click: () => this.desk.open(this.id) } });
    return [h("div", { class: "alert problem", role: "alert" }, icon("alert"), h("div", {}, h("p", { text: why }), again))];
  }

  _takable() {
    const { t } = this;
    const button = h("button", { type: "button", class: "primary large", text: t("take.long"), on: { click: () => this.take(this.id) } });
    return [h("div", { class: "take-bar" }, h("p", { class: "quiet", text: t("take.hint") }), button)];
  }

  _answering() {
    return [this.composer.element];
  }

  _elsewhere() {
    if (this.notice) return []; // It says already who has it.
    const { specialist, taken_at: at } = this.escalation;
    const text = this.t("talk.elsewhere", { name: specialist.alias, time: this.t.time(at) });
    return [h("p", { class: "alert info" }, icon("person"), h("span", { text }))];
  }

  _resolved() {
    const { outcome } = this.escalation;
    const text = this.t(outcome === "left" ? "talk.left" : "talk.given_back", { outcome: outcome ? this.t.named("outcome", outcome) : "" });
    return [h("p", { class: "alert info" }, icon("check"), h("span", { text }))];
  }
}
