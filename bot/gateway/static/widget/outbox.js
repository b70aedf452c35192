// Words on their way: kept in order until the server has stored them, each sent as often as needed and stored once.

import { ApiError } from "./api.js";

const ACK_SECONDS = 8;
const RETRY_SECONDS = 6;

/**
 * `deliver(item)` resolves when the item is stored and rejects with an ApiError. `changed(item)` is called whenever
 * an item's state moves: "sending", "waiting" (kept until the line is back), "failed" (the visitor decides), "sent".
 */
export class Outbox {
  constructor({ memory, deliver, changed }) {
    Object.assign(this, { memory, deliver, changed });
    this.items = memory.session.outbox || [];
    for (const item of this.items) if (item.state === "sending") item.state = "waiting";
  }

  add(words) {
    const item = { client_id: newClientId(), state: "sending", at: new Date().toISOString(), ...words };
    this.items.push(item);
    this._save();
    this.changed(item);
    this.flush();
    return item;
  }

  retry(clientId) {
    const item = this.items.find((one) => one.client_id === clientId);
    if (!item) return;
    this._move(item, "waiting");
    this.flush();
  }

  drop(clientId) {
    this.items = this.items.filter((item) => item.client_id !== clientId);
    this._save();
  }

  /** Send what waits, one at a time so that nothing overtakes; stops at the first that finds no one there. */
  async flush() {
    clearTimeout(this._later);
    if (this._flushing) return;
    this._flushing = true;
    try {
      for (;;) {
        const item = this.items.find((one) => one.state === "waiting" || one.state === "sending");
        if (!item) return;
        this._move(item, "sending");
        try {
          await this.deliver(item);
          this.drop(item.client_id);
          this._move(item, "sent");
        } catch (error) {
          if (!this.items.includes(item)) continue; // Stored after all, or erased meanwhile.
          item.code = error instanceof ApiError ? error.code : "";
          item.problem = error.message || "";
          this._move(item, error.status === 0 ? "waiting" : "failed");
          if (error.status === 0) this._later = setTimeout(() => this.flush(), RETRY_SECONDS * 1000);
          if (error.passing) return;
        }
      }
    } finally {
      this._flushing = false;
    }
  }

  /** Wait for the server's word on an item sent over the socket; silence rejects, so that HTTP can try. */
  acked(clientId) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new ApiError(0)), ACK_SECONDS * 1000);
      this._waiting = { clientId, timer, resolve, reject };
    });
  }

  settle(clientId, error) {
    const waiting = this._waiting;
    if (!waiting || waiting.clientId !== clientId) return;
    clearTimeout(waiting.timer);
    this._waiting = null;
    if (error) waiting.reject(error);
    else waiting.resolve();
  }

  clear() {
    clearTimeout(this._later);
    this.items = [];
    if (this._waiting) clearTimeout(this._waiting.timer);
    this._waiting = null;
    this._flushing = false;
  }

  _move(item, state) {
    item.state = state;
    this._save();
    this.changed(item);
  }

  _save() {
    this.memory.keep({ outbox: this.items });
  }
}

export function newClientId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
