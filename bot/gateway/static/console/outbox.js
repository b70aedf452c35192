// Answers on their way out: each is held a few seconds so that it can be undone, then sent in the order written.

export const UNDO_SECONDS = 5;

/** An entry is {clientId, escalationId, text, state: "held" | "sending" | "failed", sendAt, problem}. */
export class Outbox {
  /** `send(entry)` delivers one; `changed(escalationId)` is called after every change. */
  constructor({ send, changed }) {
    Object.assign(this, { send, changed, entries: [], busy: new Map() });
  }

  of(escalationId) {
    return this.entries.filter((entry) => entry.escalationId === escalationId);
  }

  put(escalationId, text, holdSeconds) {
    const entry = {
      clientId: newClientId(),
      escalationId,
      text,
      state: "held",
      sendAt: Date.now() + holdSeconds * 1000,
    };
    this.entries.push(entry);
    entry.timer = setTimeout(() => this.release(entry), holdSeconds * 1000);
    this.changed(escalationId);
    return entry;
  }

  /** Stop sending: what is here waits to be adopted. */
  stop() {
    this.stopped = true;
    for (const entry of this.entries) clearTimeout(entry.timer);
  }

  /** Take over an entry of another outbox, as one that could not be sent. */
  adopt(entry) {
    clearTimeout(entry.timer);
    this.entries.push({ ...entry, state: "failed", ready: true });
  }

  /** Take an entry back before it is sent, or after it failed; true when that was still possible. */
  undo(entry) {
    if (entry.state === "sending" || !this.entries.includes(entry)) return false;
    clearTimeout(entry.timer);
    this._remove(entry);
    return true;
  }

  /** Send an entry now, and before it everything written earlier in the same conversation. */
  release(entry) {
    for (const one of this.of(entry.escalationId)) {
      clearTimeout(one.timer);
      one.ready = true;
      if (one === entry) break;
    }
    return this._drain(entry.escalationId);
  }

  /** Send everything of a conversation now; true when nothing is left over. */
  async flush(escalationId) {
    const last = this.of(escalationId).pop();
    if (last) await this.release(last);
    return this.of(escalationId).length === 0;
  }

  /** Send everything of every conversation now. */
  flushAll() {
    return Promise.all(Array.from(new Set(this.entries.map((one) => one.escalationId)), (id) => this.flush(id)));
  }

  /** Try again whatever was waiting for the network. */
  retryAll() {
    for (const id of new Set(this.entries.filter((one) => one.ready).map((one) => one.escalationId))) this._drain(id);
  }

  _drain(escalationId) {
    if (!this.busy.has(escalationId)) this.busy.set(escalationId, this._sendReady(escalationId));
    return this.busy.get(escalationId);
  }

  async _sendReady(escalationId) {
    let entry = this.of(escalationId)[0];
    while (entry && entry.ready && !this.stopped) {
      entry.state = "sending";
      this.changed(escalationId);
      try {
        await this.send(entry);
        this._remove(entry);
        entry = this.of(escalationId)[0];
      } catch (error) {
        Object.assign(entry, { state: "failed", problem: error });
        entry = undefined;
      }
    }
    this.busy.delete(escalationId);
    this.changed(escalationId);
  }

  _remove(entry) {
    this.entries.splice(this.entries.indexOf(entry), 1);
    this.changed(entry.escalationId);
  }
}

function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `c-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
