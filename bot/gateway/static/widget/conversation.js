// One conversation as the visitor's browser knows it: its messages, who answers, and every road to the server.

import { ApiError } from "./api.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";

const PAGE = 500;
const LOST_FRAME_SECONDS = 2;
const RETRY_CREATE_SECONDS = [2, 4, 8, 15, 30];

/**
 * Events (detail): "message" {message, fresh}, "pending" item, "handled" {handledBy, escalation, before, fresh},
 * "typing" author, "state" state, "proven", "revealed", "ended" reason, "reset".
 * `state`: "new", "connecting", "online", "offline", "down", "starting" (no model yet), "ended".
 */
export class Conversation extends EventTarget {
  constructor({ api, memory, program, locale }) {
    super();
    Object.assign(this, { api, memory, program, locale });
    this.outbox = new Outbox({
      memory,
      deliver: (item) => this._deliver(item),
      changed: (item) => this._emit("pending", item),
    });
    memory.onErased = () => this._end("erased");
    window.addEventListener("online", () => !this.started && this.retry());
    this._clear();
  }

  get started() {
    return Boolean(this.id);
  }

  /** The last message before the first gap: what came by another road first must not hide what is missing. */
  get newest() {
    let seq = 0;
    for (const message of this.messages) {
      if (message.seq !== seq + 1) break;
      seq = message.seq;
    }
    return seq;
  }

  get withPerson() {
    return Boolean(this.escalation && ["waiting", "active"].includes(this.escalation.state));
  }

  /** Resume the conversation of this tab or of another one, else make a new one. Never throws: `state` tells. */
  async begin() {
    if (this._beginning || this.started) return;
    this._beginning = true;
    this._payDebt();
    const kept = this.memory.session.id ? this.memory.session : await this.memory.askOtherTabs();
    if (kept && kept.id) await this._resume(kept);
    else await this._create();
    this._beginning = false;
  }

  /** Put words (or a button) in the outbox; they show at once and are stored once. */
  say(words) {
    this.lastActive();
    const item = this.outbox.add(words);
    if (!this.started && this.state === "down") this.retry();
    return item;
  }

  retrySay(clientId) {
    this.outbox.retry(clientId);
  }

  /** Check identity details. They go to the gateway and nowhere else; resolves or throws an ApiError. */
  async prove(fields, cardSeq) {
    const answer = await this._calls.prove(fields);
    const proven = Math.max(cardSeq || 0, this.memory.session.proven || 0);
    this.memory.keep({ proven });
    await this._reveal();
    this._emit("proven");
    this._receive(answer.messages || [], true);
    return answer;
  }

  /** Say how the last help was; the card of message `seq` has served. */
  async rateHelp(stars, words, seq) {
    const answer = await this._calls.rateHelp(words ? { stars, words } : { stars });
    this.memory.keep({ rated: seq });
    this._receive(answer.messages || [], true);
    this._emit("rated", seq);
  }

  /** Say whether an answer helped; resolves to what is stored, or throws an ApiError. */
  async rate(seq, body) {
    return (await this._calls.rate(seq, body)).feedback;
  }

  /** With a new proof the server gives back what it held back: shown in its place, in silence. */
  async _reveal() {
    if (!this.messages.some((message) => message.hidden)) return;
    try {
      const shown = new Map((await this._calls.messages(0)).messages.map((message) => [message.seq, message]));
      this.messages = this.messages.map((message) => (message.hidden && shown.get(message.seq)) || message);
      this._emit("revealed");
    } catch {
      // It shows when the chat is opened again; the new answer comes all the same.
    }
  }

  async askPerson() {
    this._answered(await this._calls.person());
  }

  /** Back to the bot instead of waiting. */
  async giveUp() {
    this._answered(await this._calls.giveUp());
  }

  /** Leave a message for later, once however often it is tried; resolves or throws an ApiError. */
  async leaveMessage(text, clientId) {
    this._answered(await this._calls.leave({ text, client_id: clientId }));
  }

  typing() {
    const now = Date.now();
    if (!this.withPerson || now - (this._typed || 0) < 3000 || !this._link) return;
    this._typed = now;
    this._link.send({ type: "typing" });
  }

  async speak(locale) {
    this.locale = locale;
    this.memory.keep({ locale });
    if (!this.started) return;
    try {
      await this._calls.speak(locale);
    } catch {
      this._localeOwed = true; // Told again when the line is back.
    }
  }

  transcript() {
    return this._calls.transcript();
  }

  /** End and erase: this browser first, then the server; an erasure the server can't hear now is owed to it. */
  async erase() {
    const { id, token } = this;
    this._end("erased");
    this.memory.erase(id);
    if (!id) return true;
    return this._disown({ id, token });
  }

  /** After an end: a new, empty conversation. */
  async restart() {
    this._clear();
    this._creating = false;
    this._emit("reset");
    await this._create();
  }

  retry() {
    if (this._link) this._link.retry();
    else if (this.state !== "ended" && !this.started) this._create();
  }

  lastActive() {
    this.memory.keep({ active: Date.now() });
  }

  _clear() {
    clearTimeout(this._timer);
    if (this._link) this._link.close();
    this._link = null;
    this._live = false;
    this.age = (this.age || 0) + 1; // Answers to questions of an earlier conversation are dropped.
    Object.assign(this, { id: null, token: null, messages: [], handledBy: "bot", escalation: null, fails: 0 });
    this.state = "new";
  }

  async _create() {
    if (this._creating || this.started) return;
    this._creating = true;
    clearTimeout(this._timer);
    this._setState("connecting");
    const { age } = this;
    try {
      const made = await this.api.create(this.locale, this.program);
      if (age !== this.age) {
        this._disown(made); // Ended while it was being made.
        return;
      }
      this._adopt(made, true);
      this._receive(made.messages, true);
      this._connect();
    } catch (error) {
      if (age !== this.age) return;
      this._setState(navigator.onLine === false ? "offline" : error.code === "starting" ? "starting" : "down");
      const wait = RETRY_CREATE_SECONDS[Math.min(this.fails, RETRY_CREATE_SECONDS.length - 1)];
      this.fails += 1;
      this._timer = setTimeout(() => this._create(), wait * 1000);
    } finally {
      this._creating = false;
    }
  }

  async _resume(kept) {
    this._adopt(kept);
    if (kept.proven) this.memory.keep({ proven: kept.proven, active: kept.active });
    this._setState("connecting");
    const { age } = this;
    try {
      const past = await this._calls.messages(0);
      if (age !== this.age) return;
      this._receive(past.messages, false);
      this._handled(past.handled_by, past.escalation || null, false);
      this._live = past.messages.length < PAGE; // A long history goes on arriving over the socket.
      this._connect();
    } catch (error) {
      if (age !== this.age) return;
      if (error.gone) {
        this.memory.erase();
        this._clear();
        await this._create();
        return;
      }
      this._setState("down");
      this._connect();
    }
  }

  _adopt({ id, token, locale }, fresh = false) {
    this._live = fresh;
    this.id = id;
    this.token = token;
    this._calls = this.api.of(this);
    this.memory.keep({ id, token, locale: locale || this.locale });
  }

  _connect() {
    this._link = new Link({
      calls: this._calls,
      token: this.token,
      since: () => this.newest,
      busy: () => this.withPerson || this.outbox.items.length > 0,
      on: {
        frame: (frame) => this._frame(frame),
        state: (state) => this._linkState(state),
        gone: (reason) => this._gone(reason),
      },
    });
    this._link.open();
  }

  _linkState(state) {
    this._setState(state);
    if (state !== "online") return;
    this.outbox.flush();
    this._payDebt();
    if (this._localeOwed) {
      this._localeOwed = false;
      this.speak(this.locale);
    }
    this._watchReadiness();
  }

  /** The process can be up while the model still loads: say so, and look again until it is ready. */
  async _watchReadiness() {
    clearTimeout(this._timer);
    const ready = await this.api.readiness();
    if (!["online", "starting"].includes(this.state)) return;
    this._setState(ready === "model" || ready === "database" ? "starting" : "online");
    if (this.state === "starting") this._timer = setTimeout(() => this._watchReadiness(), 5000);
  }

  async _deliver(item) {
    if (!this.started) throw new ApiError(0);
    const words = item.payload ? { payload: item.payload } : { text: item.text };
    if (this._link && this._link.send({ type: "say", client_id: item.client_id, ...words })) {
      try {
        return await this.outbox.acked(item.client_id);
      } catch (error) {
        if (error.status !== 0) throw error; // Refused; only silence is worth a second road.
      }
    }
    try {
      const answer = await this._calls.say({ ...words, client_id: item.client_id });
      this._answered(answer);
    } catch (error) {
      if (error.gone) this._gone("unknown");
      throw error;
    }
    return undefined;
  }

  /** Until the first "caught_up" of a resumed conversation, messages are history: shown, not announced as news. */
  _frame(frame) {
    if (frame.type === "caught_up") this._live = true;
    if (frame.type === "message") this._receive([frame.message], this._live);
    if (frame.type === "ack") this._acked(frame);
    if (frame.type === "error") this._refused(frame);
    if (frame.type === "handled_by") this._handled(frame.handled_by, frame.escalation);
    if (frame.type === "typing") this._emit("typing", frame.author);
  }

  /** Stored. The line itself comes back in a frame, with any secret number masked; if that is lost, it is fetched. */
  _acked({ client_id: clientId }) {
    setTimeout(async () => {
      if (!this.started || !this.outbox.items.some((item) => item.client_id === clientId)) return;
      try {
        this._receive((await this._calls.messages(this.newest)).messages, true);
      } catch {
        // The line is down again; reconnecting brings the message.
      }
    }, LOST_FRAME_SECONDS * 1000);
  }

  _refused({ client_id: clientId, error }) {
    const later = error && ["unavailable", "internal"].includes(error.code);
    const refusal = new ApiError(later ? 503 : 422, { error });
    if (clientId) this.outbox.settle(clientId, refusal);
  }

  /** The transcript is the truth: each seq is taken once, in order, whatever road it came by. */
  _receive(messages, fresh) {
    for (const message of messages || []) {
      if (this.messages.some((known) => known.seq === message.seq)) continue;
      let at = this.messages.length;
      while (at > 0 && this.messages[at - 1].seq > message.seq) at -= 1;
      this.messages.splice(at, 0, message);
      if (message.client_id) {
        this.outbox.drop(message.client_id);
        this.outbox.settle(message.client_id);
      }
      this._emit("message", { message, fresh });
    }
  }

  _answered(answer) {
    this._receive(answer.messages, true);
    this._handled(answer.handled_by, answer.escalation);
  }

  _handled(handledBy, escalation, fresh = true) {
    const before = this.escalation;
    this.handledBy = handledBy || this.handledBy;
    this.escalation = escalation || null;
    if (JSON.stringify(before) !== JSON.stringify(this.escalation)) {
      this._emit("handled", { handledBy: this.handledBy, escalation: this.escalation, before, fresh });
    }
  }

  _gone(reason) {
    const id = this.id;
    this._end(reason);
    this.memory.erase(id);
  }

  _end(reason) {
    this._clear();
    this.outbox.clear();
    this._setState("ended");
    this._emit("ended", reason);
  }

  /** Erase a conversation on the server; what it can't hear now is kept as owed. True when it is done. */
  async _disown({ id, token }) {
    try {
      await this.api.of({ id, token }).erase();
      return true;
    } catch (error) {
      if (error.gone) return true;
      this.memory.keep({ owed: [...(this.memory.session.owed || []), { id, token }] });
      return false;
    }
  }

  async _payDebt() {
    const owed = this.memory.session.owed || [];
    for (const one of owed) {
      try {
        await this.api.of(one).erase();
      } catch (error) {
        if (!error.gone) return;
      }
      this.memory.keep({ owed: (this.memory.session.owed || []).filter((other) => other.id !== one.id) });
    }
  }

  _setState(state) {
    if (state === this.state) return;
    this.state = state;
    this._emit("state", state);
  }

  _emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
