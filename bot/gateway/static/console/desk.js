// What lies on a specialist's desk: the open escalations and the transcripts they follow. All changes happen here.

import { now } from "./clock.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { Talk } from "./talk.js";

const RESOLVED = "resolved";
const LOOK_AGAIN_MILLISECONDS = 15000;
const IN_LINE = ["waiting", "offered"];
const PRIORITIES = ["crisis", "returned", "deadline", "locked", "usual"];

/**
 * Events (CustomEvent, what it is about in `detail`):
 * `list` the escalations changed; `fresh` {escalation} one began to wait;
 * `talk` {conversationId, added, news} a transcript changed (`news`: said since the console was opened);
 * `typing` {conversationId}; `outbox` {escalationId}; `line` {state} the live line's state;
 * `lost` {escalation} a colleague has taken over one of mine; `intakes` one was taken, put back or finished;
 * `missing` {id, error} an escalation that was asked for can't be read.
 */
export class Desk extends EventTarget {
  constructor(api, me) {
    super();
    Object.assign(this, { api, me, escalations: new Map(), talks: new Map(), following: new Set() });
    this.listState = "loading";
    this.openedAt = now();
    this.opened = null;
    this.outbox = new Outbox({
      send: (entry) => this._send(entry),
      changed: (escalationId) => this._tell("outbox", { escalationId }),
    });
    this.live = new Live({
      frame: (frame) => this._frame(frame),
      state: (state) => this._lineChanged(state),
      broken: () => this._stillSignedIn(),
    });
  }

  /** Keep what the same specialist had here before the session ended: transcripts, drafts, unsent answers. */
  inherit(before) {
    this.talks = before.talks;
    for (const entry of before.outbox.entries) this.outbox.adopt(entry);
  }

  async start() {
    this.live.open();
    this.lookTimer = setInterval(() => this._look(), LOOK_AGAIN_MILLISECONDS);
    await this.load();
  }

  stop() {
    clearInterval(this.lookTimer);
    this.live.close();
    this.outbox.stop();
  }

  get waiting() {
    return this._in((one) => IN_LINE.includes(one.state));
  }

  /** Messages left for later: the longest first. */
  get left() {
    return this._in((one) => one.state === "callback");
  }

  /** What is offered to me now, or undefined. */
  get offer() {
    return this.waiting.find((one) => one.offer && one.offer.id === this.me.id);
  }

  get mine() {
    return this._in((one) => one.state === "active" && this.isMine(one), byTaking);
  }

  get withOthers() {
    return this._in((one) => one.state === "active" && !this.isMine(one), byTaking);
  }

  /** Words for my conversations that would be lost with the page: drafts, and answers that could not be sent. */
  get hasUnsent() {
    return this.mine.some(
      (one) =>
        this.talk(one.conversation_id).draft.trim() || this.outbox.of(one.id).some((entry) => entry.state === "failed"),
    );
  }

  /** Whether this account may do something of bot/rights.py. */
  may(right) {
    return this.me.rights.includes(right);
  }

  isMine(escalation) {
    return Boolean(escalation.specialist && escalation.specialist.id === this.me.id);
  }

  talk(conversationId) {
    if (!this.talks.has(conversationId)) this.talks.set(conversationId, new Talk(conversationId));
    return this.talks.get(conversationId);
  }

  /** Read the whole queue; afterwards everything that is mine is followed. */
  async load() {
    try {
      const list = await this.api.escalations();
      const open = new Set(list.map((one) => one.id));
      for (const one of this.escalations.values()) {
        // What left the queue while the line was down is looked at again only if somebody has it open.
        if (!open.has(one.id) && one.state !== RESOLVED) {
          if (one.id === this.opened) this._refresh(one.id);
          else this.escalations.delete(one.id);
        }
      }
      for (const one of list) this._put(one, this.listState === "ready");
      this.listState = "ready";
    } catch (error) {
      if (this.listState !== "ready") this.listState = "error";
      if (error.status === undefined) throw error;
    }
    this._followMine();
    this._tell("list");
  }

  /** Open an escalation: its packet and transcript are read, and it is followed from here on. */
  async open(id) {
    const before = this.escalations.get(this.opened);
    this.opened = id;
    this._look();
    if (before && before.id !== id && !(before.state === "active" && this.isMine(before))) this._unfollow(before);
    if (id !== null) await this._refresh(id);
  }

  async take(id) {
    try {
      this._put(await this.api.take(id), false);
    } finally {
      // Whoever has it now, the queue is old news: the packet says what is true.
      this._tell("list");
      if (this.opened === id) this._refresh(id);
      this._followMine();
    }
  }

  async decline(id) {
    this._put(await this.api.decline(id), false);
    this._tell("list");
  }

  /** Pass a conversation of mine on; from here on it is read like anybody else's. */
  async transfer(id, to, note) {
    this._put(await this.api.transfer(id, to, note), false);
    this._tell("list");
  }

  async setAvailability(availability) {
    this.me.availability = await this.api.setAvailability(availability);
  }

  /** Take a colleague's conversation. */
  async takeOver(id) {
    try {
      this._put(await this.api.takeOver(id), false);
    } finally {
      this._tell("list");
      if (this.opened === id) this._refresh(id);
      this._followMine();
    }
  }

  async note(conversationId, text) {
    this.talk(conversationId).addNote(await this.api.addNote(conversationId, text));
    this._tell("talk", { conversationId, added: [] });
  }

  async resolve(id, outcome) {
    this._put(await this.api.resolve(id, outcome), false);
    this._tell("list");
  }

  typing(conversationId) {
    this.live.send({ type: "typing", conversation_id: conversationId });
  }

  async _refresh(id) {
    const known = this.escalations.get(id);
    if (known && this.talk(known.conversation_id).state === "error") this.talk(known.conversation_id).state = "loading";
    if (known) this._tell("talk", { conversationId: known.conversation_id, added: [] });
    try {
      const { escalation, packet, messages, notes } = await this.api.escalation(id);
      this._put(escalation, false);
      const talk = this.talk(escalation.conversation_id);
      Object.assign(talk, { state: "ready", error: null, packet, packetOf: id, notes });
      this._look();
      this._added(talk, messages);
      if (escalation.state !== RESOLVED && this.opened === id) this._follow(escalation);
      this._tell("list");
    } catch (error) {
      if (error.status === undefined) throw error;
      if (known) {
        const talk = this.talk(known.conversation_id);
        if (talk.packetOf !== id) Object.assign(talk, { state: "error", error });
        this._tell("talk", { conversationId: known.conversation_id, added: [] });
      } else {
        this._tell("missing", { id, error });
      }
    }
  }

  async _send(entry) {
    const message = await this.api.answer(entry.escalationId, entry.text, entry.clientId);
    const escalation = this.escalations.get(entry.escalationId);
    if (escalation) this._added(this.talk(escalation.conversation_id), [message]);
  }

  _frame(frame) {
    if (frame.type === "escalation") {
      this._put(frame.escalation, true);
      this._followMine();
      this._tell("list");
    } else if (frame.type === "message") {
      const talk = this.talk(frame.conversation_id);
      const isNew = this._added(talk, [frame.message]).length > 0 && this._isNew(frame.message);
      this._tell("list");
      // The bot speaks in an escalated conversation when something changed: who has it, or proven identity.
      const opened = this.escalations.get(this.opened);
      const concerned = opened && opened.conversation_id === frame.conversation_id && talk.state === "ready";
      if (concerned && frame.message.author === "bot" && isNew) this._refresh(opened.id);
    } else if (frame.type === "note") {
      this.talk(frame.conversation_id).addNote(frame.note);
      this._tell("talk", { conversationId: frame.conversation_id, added: [] });
    } else if (frame.type === "intake") {
      this._tell("intakes");
    } else if (frame.type === "looking") {
      this.talk(frame.conversation_id).looked(frame.specialist, frame.activity);
      this._tell("typing", { conversationId: frame.conversation_id });
    } else if (frame.type === "typing" && frame.author === "visitor") {
      this.talk(frame.conversation_id).typed();
      this._tell("typing", { conversationId: frame.conversation_id });
    }
  }

  _added(talk, messages) {
    const added = talk.add(messages);
    const news = added.filter((message) => this._isNew(message));
    this._tell("talk", { conversationId: talk.conversationId, added, news });
    return added;
  }

  _isNew(message) {
    return Date.parse(message.created_at) > this.openedAt;
  }

  _put(escalation, live) {
    const before = this.escalations.get(escalation.id);
    this.escalations.set(escalation.id, escalation);
    if (live && !before && IN_LINE.includes(escalation.state)) this._tell("fresh", { escalation });
    const wasMine = before && before.state === "active" && this.isMine(before);
    if (live && wasMine && escalation.state === "active" && !this.isMine(escalation)) this._tell("lost", { escalation });
    // Passed on, taken over, or taken back after a lost connection: followed no longer than it is looked at.
    if (wasMine && !this.isMine(escalation) && escalation.id !== this.opened) this._unfollow(escalation);
    if (escalation.state === RESOLVED && escalation.id !== this.opened) {
      this.escalations.delete(escalation.id);
      this._unfollow(escalation);
    }
  }

  _in(belongs, order = byWait) {
    return Array.from(this.escalations.values()).filter(belongs).sort(order);
  }

  _followMine() {
    for (const one of this.mine) this._follow(one);
  }

  _follow(escalation) {
    const id = escalation.conversation_id;
    if (this.following.has(id)) return;
    this.following.add(id);
    this.live.send({ type: "watch", conversation_id: id, since: this.talk(id).since });
  }

  _unfollow(escalation) {
    if (this.following.delete(escalation.conversation_id)) {
      this.live.send({ type: "unwatch", conversation_id: escalation.conversation_id });
    }
  }

  /** Tell colleagues which conversation is open here. */
  _look() {
    const opened = this.escalations.get(this.opened);
    const id = opened ? opened.conversation_id : null;
    if (id === null && !this.looked) return;
    this.looked = id;
    this.live.send({ type: "look", conversation_id: id });
  }

  _lineChanged(state) {
    if (state === "online") {
      this._look();
      for (const id of this.following) {
        this.live.send({ type: "watch", conversation_id: id, since: this.talk(id).since });
      }
      if (this.wasOnline || this.listState === "error") this.load();
      this.wasOnline = true;
      this.outbox.retryAll();
    }
    this._tell("line", { state });
  }

  async _stillSignedIn() {
    try {
      await this.api.session();
      return true;
    } catch (error) {
      if (error.status === 401) this.api.onSignedOut();
      return error.status !== 401;
    }
  }

  _tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The first in the queue: the highest priority, then the longest wait. */
function byWait(one, other) {
  return rank(one) - rank(other) || Date.parse(one.opened_at) - Date.parse(other.opened_at) || one.id - other.id;
}

/** What is taken next comes last, so that what is on the desk stays where it is. */
function byTaking(one, other) {
  return Date.parse(one.taken_at) - Date.parse(other.taken_at) || one.id - other.id;
}

function rank(escalation) {
  const at = PRIORITIES.indexOf(escalation.priority);
  return at < 0 ? PRIORITIES.length : at;
}

/** Somebody may be in danger. */
export function urgent(escalation) {
  return escalation.reason === "crisis" ? 1 : 0;
}
