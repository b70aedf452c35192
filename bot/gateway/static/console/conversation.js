// The middle column: one conversation with its title, its transcript, who is typing, and the stage under it.

import { h, icon } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { Composer } from "./composer.js";
import { Log } from "./log.js";
import { UNDO_SECONDS } from "./outbox.js";
import { preferences } from "./preferences.js";
import { resolveDialog } from "./resolve.js";
import { subject } from "./row.js";
import { Stage } from "./stage.js";
import { transferDialog } from "./transfer.js";
import { minutesSince, waited } from "./waiting.js";

export class Conversation {
  /** `go` are {back(), details(), takeNext()}; `take(id)` takes an escalation and resolves when it is decided. */
  constructor({ t, desk, go, take }) {
    Object.assign(this, { t, desk, id: null });
    this.log = new Log({
      t,
      me: desk.me,
      acts: { undo: (entry) => this.undo(entry), sendNow: (entry) => desk.outbox.release(entry) },
    });
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
    this.stage = new Stage({
      t,
      desk,
      composer: this.composer,
      acts: {
        take: () => take(this.id),
        takeNext: go.takeNext,
        again: () => desk.open(this.id),
        focusTitle: () => this.focus(),
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

    this.passing = transferDialog({
      t,
      colleagues: () => desk.api.colleagues(),
      transfer: (to, note) => this._transfer(to, note),
      unsent: () => Boolean(this.talk.draft.trim()),
      done: () => {
        announce(t("transfer.done"));
        this.focus();
      },
    });

    this.title = h("h2", { id: "talk-title", tabindex: "-1" });
    this.sub = h("p", { class: "sub" });
    const back = h(
      "button",
      { type: "button", class: "icon-button only-phone", "aria-label": t("talk.back"), on: { click: go.back } },
      icon("back"),
    );
    this.detailsButton = h("button", {
      type: "button",
      class: "only-collapsed",
      text: t("context.title"),
      on: { click: go.details },
    });
    this.resolveButton = h("button", {
      type: "button",
      class: "resolve",
      text: t("resolve.open"),
      on: { click: () => this.openResolve() },
    });
    this.transferButton = h("button", {
      type: "button",
      class: "transfer",
      text: t("transfer.open"),
      on: { click: () => this.passing.open() },
    });
    this.head = h(
      "header",
      { class: "pane-head" },
      back,
      h("div", { class: "titles" }, this.title, this.sub),
      this.detailsButton,
      this.transferButton,
      this.resolveButton,
    );
    this.typing = h("p", { class: "typing", "aria-hidden": "true" });
    this.place = h("div", { class: "log-place" }, this.log.element, this.log.toEnd);
    this.element = h(
      "section",
      { class: "talk", id: "talk", tabindex: "-1", "aria-labelledby": "talk-title" },
      this.head,
      this.place,
      this.typing,
      this.stage.element,
      this.resolving.element,
      this.passing.element,
    );
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
    if (id !== this.id) this.log.clear();
    this.id = id;
    this.missing = null;
    this.stage.reset();
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
    this.transferButton.hidden = !this.isMine;
    this.title.textContent = escalation ? subject(escalation, t) : t(this.id === null ? "talk.none" : "talk.untitled");
    this.place.hidden = !talk || talk.messages.length === 0;
    if (talk) {
      const wasEmpty = this.log.items.size === 0;
      this.log.draw(talk.messages, isOpening || wasEmpty);
    }
    this.tick();
  }

  /** Draw what changes with time alone. */
  tick() {
    const { id, escalation, talk, missing, isMine, t } = this;
    this.stage.draw({ id, escalation, talk, missing, isMine });
    const text = escalation ? `${this._whoHasIt()} · ${t.languageName(escalation.language)}` : "";
    if (this.sub.textContent !== text) this.sub.textContent = text;
    this._drawTyping();
    this.drawPending();
  }

  _whoHasIt() {
    const { t } = this;
    const { state, outcome, specialist, taken_at: takenAt, opened_at: openedAt } = this.escalation;
    if (state === "resolved") return outcome === "left" ? t("outcome.left") : t("talk.resolved");
    const time = waited(minutesSince(state === "active" ? takenAt : openedAt), t).spoken;
    if (state === "callback") return t("wait.left", { time });
    if (state !== "active") return t("wait.waiting", { time });
    return t(this.isMine ? "talk.with_you" : "talk.with", { name: specialist.alias, time });
  }

  /** Put the keyboard on the title, or while nothing is open on what can be done. */
  focus() {
    (this.id !== null ? this.title : this.stage.element.querySelector("button") || this.element).focus();
  }

  undo(entry) {
    if (!this.desk.outbox.undo(entry)) return;
    this.composer.putBack(entry.text);
    announce(this.t("outbox.undone"));
  }

  /** Take back the newest answer that is still held; true when there was one. */
  undoLast() {
    const entry = this.desk.outbox
      .of(this.id)
      .filter((one) => one.state === "held")
      .pop();
    if (entry) this.undo(entry);
    return Boolean(entry);
  }

  openResolve() {
    if (this.isMine) this.resolving.open();
  }

  _send(text) {
    const seconds = preferences.get("undo") ? UNDO_SECONDS : 0;
    this.desk.outbox.put(this.id, text, seconds);
    if (seconds) announce(this.t("outbox.held_spoken", { seconds }));
    this.log.scrollToEnd();
  }

  async _resolve(outcome) {
    const { id } = this;
    await this._sendRest(id);
    await this.desk.resolve(id, outcome);
  }

  async _transfer(to, note) {
    const { id } = this;
    await this._sendRest(id);
    await this.desk.transfer(id, to, note);
  }

  /** Everything the specialist has sent goes out before somebody else takes over. */
  async _sendRest(id) {
    if (!(await this.desk.outbox.flush(id))) throw Object.assign(new Error(this.t("resolve.not_sent")), { status: 0 });
  }

  /** Draw the answers that are not in the transcript yet. */
  drawPending() {
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
}
