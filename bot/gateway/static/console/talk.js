// One conversation as the console knows it: its messages in order, who is typing, and what waits for an answer.

const TYPING_SECONDS = 6;
const LOOKING_SECONDS = 40;

export class Talk {
  constructor(conversationId) {
    Object.assign(this, { conversationId, messages: [], state: "loading", error: null, packet: null, draft: "" });
    this.typingUntil = 0;
    this.notes = [];
    this.lookers = new Map();
  }

  /** Put messages in their places; returns those that are new here. */
  add(messages) {
    const added = messages.filter((message) => this._insert(message));
    if (added.some((message) => message.author === "visitor")) this.typingUntil = 0;
    return added;
  }

  _insert(message) {
    let at = this.messages.length;
    while (at > 0 && this.messages[at - 1].seq > message.seq) at -= 1;
    if (at > 0 && this.messages[at - 1].seq === message.seq) return false;
    this.messages.splice(at, 0, message);
    return true;
  }

  /** The number up to which nothing is missing: where a new watch begins. */
  get since() {
    let seq = 0;
    for (const message of this.messages) {
      if (message.seq !== seq + 1) break;
      seq = message.seq;
    }
    return seq;
  }

  /**
   * What the visitor waits for: {since, count} with the moment (ISO) of the first unanswered message, or of the taking
   * while no specialist has said anything yet; `since` is null when everything is answered.
   */
  owed(takenAt) {
    const taken = Date.parse(takenAt);
    let since = null;
    let count = 0;
    for (let at = this.messages.length - 1; at >= 0; at -= 1) {
      const message = this.messages[at];
      if (message.author === "specialist") return { since, count };
      if (Date.parse(message.created_at) < taken) break;
      if (message.author === "visitor") {
        since = message.created_at;
        count += 1;
      }
    }
    return { since: takenAt, count };
  }

  addNote(note) {
    if (!this.notes.some((one) => one.id === note.id)) this.notes = [...this.notes, note];
  }

  /** A colleague looks at this conversation, types in it, or has gone. */
  looked({ id, alias }, activity) {
    if (activity === "gone") this.lookers.delete(id);
    else {
      const typing = activity === "types" ? Date.now() + TYPING_SECONDS * 1000 : 0;
      this.lookers.set(id, { alias, until: Date.now() + LOOKING_SECONDS * 1000, typing });
    }
  }

  /** The colleagues who are here now: [{alias, isTyping}]. */
  get company() {
    const now = Date.now();
    return [...this.lookers.values()]
      .filter((one) => one.until > now)
      .map(({ alias, typing }) => ({ alias, isTyping: typing > now }));
  }

  typed() {
    this.typingUntil = Date.now() + TYPING_SECONDS * 1000;
  }

  get isTyping() {
    return Date.now() < this.typingUntil;
  }
}
