// The list of messages: where each belongs, which buttons are still alive, and what stays in view.

import { h, icon } from "./dom.js";
import { choices, messageItem, pendingItem, problemOf, spoken } from "./message.js";

export class Log {
  constructor({ conversation, t, acts, announcer, top, page }) {
    Object.assign(this, { conversation, t, announcer });
    this.acts = { ...acts, open: (message) => this._formOpen(message), proven: (message) => this._proven(message) };
    this.list = h("ol", { class: "messages" });
    this.typing = h("p", { class: "typing", hidden: true });
    this.scroller = h(
      "section",
      { class: "log", tabindex: "0", "aria-label": t("log.label") },
      page && h("h2", { class: "unseen", text: t("log.label") }), // Under the page's h1; in a window the title is the h2.
      top,
      this.list,
      this.typing,
    );
    this.jump = h(
      "button",
      { type: "button", class: "jump", hidden: true, "aria-label": t("log.below"), title: t("log.below"), on: { click: () => this._jump() } },
      icon("down"),
    );
    this.element = h("div", { class: "log-box" }, this.scroller, this.jump);
    this._follow();
    this.refill();
  }

  /** Draw everything again, in silence: after a language change or a resume. */
  refill() {
    this.list.replaceChildren();
    for (const message of this.conversation.messages) this._place(messageItem(message, this.t, this.acts), message.seq);
    for (const item of this.conversation.outbox.items) this.list.append(pendingItem(item, this.t, this.acts));
    this._tidy();
    requestAnimationFrame(() => this.show());
  }

  add(message, fresh) {
    const waiting = message.client_id && this._pending(message.client_id);
    const item = messageItem(message, this.t, this.acts);
    if (waiting) waiting.remove();
    this._place(item, message.seq);
    if (message === this.identityMessage) this.redrawForms(message); // A new form closes the older ones.
    if (message.author !== "visitor") this.showTyping(null);
    this._tidy();
    if (!fresh) return;
    if (message.author !== "visitor") this.announcer.say(spoken(message, this.t), message.language);
    if (message.author !== "bot" || !this._anchor) this._anchor = item;
    if (message.author === "visitor") this._following = true;
    if (this._following) this._showFromAnchor();
    this.jump.hidden = this._endInView() || message.author === "visitor";
  }

  /** The visitor's own line while it is on its way. */
  pend(words) {
    const old = this._pending(words.client_id);
    if (words.state === "sent") {
      if (old) old.remove();
      return;
    }
    const item = pendingItem(words, this.t, this.acts);
    const focused = old && old.contains(old.getRootNode().activeElement);
    if (old) old.replaceWith(item);
    else this.list.append(item);
    if (focused) this.scroller.focus();
    this._tidy();
    this._anchor = item;
    if (!old || this._following) this.toEnd();
    if (words.state === "failed") this.announcer.say(problemOf(words, this.t), this.t.language);
    if (words.state === "waiting" && !words.told) {
      words.told = true;
      this.announcer.say(this.t("delivery.waiting"), this.t.language);
    }
  }

  /** A line that is nobody's message and not in the transcript. */
  note(text) {
    this.list.append(h("li", { class: "event" }, h("p", { text })));
    this.announcer.say(text, this.t.language);
    if (this._following) this.toEnd();
  }

  showTyping(text, seconds = 12) {
    clearTimeout(this._typingTimer);
    const follow = this._endInView();
    this.typing.hidden = !text;
    this.typing.replaceChildren(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), text || "");
    if (text) this._typingTimer = setTimeout(() => this.showTyping(null), seconds * 1000);
    if (text && follow) this.toEnd();
  }

  /** What comes next answers something that is not among the messages (a form, a button): start reading there. */
  expect() {
    this._anchor = null;
    this._following = true;
    this._asked = true;
  }

  /** On opening: the newest words, or the very top while only the bot has spoken (the privacy note is there). */
  show() {
    if (this._begun()) this.toEnd();
    else this.scroller.scrollTop = 0;
  }

  toEnd() {
    this._following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.jump.hidden = true;
  }

  focus() {
    this.scroller.focus({ preventScroll: true });
  }

  /** Redraw the messages with a form but one: after identity is proven, or when a newer form has come. */
  redrawForms(newest) {
    for (const message of this.conversation.messages) {
      if (message === newest || !message.card || message.card.type !== "identity") continue;
      const item = this.list.querySelector(`[data-seq="${message.seq}"]`);
      if (item) item.replaceWith(messageItem(message, this.t, this.acts));
    }
    this._tidy();
    if (this._following) this._showFromAnchor(); // A form that folded up has moved everything below it.
  }

  get identityMessage() {
    return [...this.conversation.messages].reverse().find((m) => m.card && m.card.type === "identity");
  }

  /** A proof that has died again, so that the server hides what it had opened, is none. */
  _proven(message) {
    if (this.conversation.messages.some((one) => one.hidden)) return false;
    return message.seq <= (this.conversation.memory.session.proven || 0);
  }

  /** Only the newest identity form can be filled in, and only until it has served. */
  _formOpen(message) {
    return !this._proven(message) && message === this.identityMessage;
  }

  _pending(clientId) {
    return [...this.list.children].find((item) => item.dataset.clientId === clientId);
  }

  _place(item, seq) {
    const later = [...this.list.children].find((one) => one.dataset.clientId || Number(one.dataset.seq) > seq);
    this.list.insertBefore(item, later || null);
  }

  /** Names only where the author changes; buttons only after the visitor's last words. */
  _tidy() {
    let before = null;
    for (const item of this.list.children) {
      item.classList.toggle("follows", Boolean(item.dataset.author) && item.dataset.author === before);
      before = item.dataset.author || null;
    }
    this._askAboutNewestOnly();
    const own = this.list.querySelectorAll(".visitor[data-seq]");
    own.forEach((item, index) => item.classList.toggle("last-own", index === own.length - 1));
    const { messages, outbox } = this.conversation;
    const lastOwn = messages.reduce((seq, m) => (m.author === "visitor" ? m.seq : seq), 0);
    const live = outbox.items.length ? [] : messages.filter((m) => m.seq > lastOwn && m.buttons && m.buttons.length);
    const keep = new Set(live.map((m) => String(m.seq)));
    for (const old of this.list.querySelectorAll(".choices")) {
      if (keep.delete(old.closest("[data-seq]").dataset.seq)) continue;
      if (old.contains(old.getRootNode().activeElement)) this.acts.focusAfterChoice();
      old.remove();
    }
    for (const message of live.filter((m) => keep.has(String(m.seq)))) {
      const item = this.list.querySelector(`[data-seq="${message.seq}"]`);
      item.insertBefore(choices(message, this.t, this.acts.choose), item.querySelector(".feedback"));
    }
  }

  /** "Did this help?" is asked under the answers to the visitor's last words; what was said stays. */
  _askAboutNewestOnly() {
    const { messages } = this.conversation;
    const lastOwn = messages.reduce((seq, m) => (m.author === "visitor" ? m.seq : seq), 0);
    for (const row of this.list.querySelectorAll(".feedback")) {
      const item = row.closest("[data-seq]");
      row.hidden = Number(item.dataset.seq) < lastOwn && !row.querySelector('[aria-pressed="true"]');
    }
  }

  /** News is brought into view until the visitor scrolls away from it, and again once back at the end. */
  _follow() {
    this._following = true;
    const away = () => (this._following = false);
    for (const name of ["wheel", "touchmove", "keydown"]) this.scroller.addEventListener(name, away, { passive: true });
    const back = () => {
      if (!this._endInView()) return;
      this._following = true;
      this.jump.hidden = true;
    };
    this.scroller.addEventListener("scroll", back, { passive: true });
  }

  _jump() {
    this.toEnd();
    this.focus();
  }

  _begun() {
    const { messages, outbox } = this.conversation;
    return this._asked || outbox.items.length > 0 || messages.some((message) => message.author === "visitor");
  }

  _endInView() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 60;
  }

  /** A long answer is read from its start: what was asked stays at the top, and the rest is below. */
  _showFromAnchor() {
    if (!this._begun()) return;
    const top = this._anchor && this._anchor.isConnected ? this._anchor.offsetTop - 12 : Infinity;
    this.scroller.scrollTop = Math.min(top, this.scroller.scrollHeight);
  }
}
