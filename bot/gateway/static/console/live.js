// The live line to the gateway: one WebSocket that comes back by itself, and says how it is doing.

const PING_SECONDS = 20;
const SILENCE_SECONDS = 50;
const BACKOFF_SECONDS = [1, 2, 4, 8, 15];

/**
 * Calls `on.frame(frame)` for what the server says and `on.state("connecting" | "online" | "offline")`.
 * A line that breaks asks `on.broken()` first, which may answer false to stop trying (the session has ended).
 */
export class Live {
  constructor(on) {
    Object.assign(this, { on, state: "connecting", fails: 0 });
    this._now = () => this.retry();
    this._gone = () => this._say("offline");
  }

  open() {
    window.addEventListener("online", this._now);
    window.addEventListener("offline", this._gone);
    this._connect();
  }

  close() {
    this.closed = true;
    clearTimeout(this._timer);
    clearInterval(this._pings);
    window.removeEventListener("online", this._now);
    window.removeEventListener("offline", this._gone);
    if (this.socket) this.socket.close();
  }

  /** True when the frame went into an open line. */
  send(frame) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Try at once instead of when the pause is over. */
  retry() {
    this.fails = 0;
    clearTimeout(this._timer);
    this._connect();
  }

  _connect() {
    if (this.closed || this.socket) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/console/api/socket`);
    this.socket = socket;
    const patience = setTimeout(() => socket.close(), 8000);
    socket.addEventListener("open", () => {
      clearTimeout(patience);
      this.fails = 0;
      this._keepAwake(socket);
      this._say("online");
    });
    socket.addEventListener("message", (event) => {
      this._heard = Date.now();
      this.on.frame(JSON.parse(event.data));
    });
    socket.addEventListener("close", () => {
      clearTimeout(patience);
      clearInterval(this._pings);
      this.socket = null;
      this._again();
    });
  }

  /** A line can die without closing (sleep, a lost network): no answer to a ping means that it did. */
  _keepAwake(socket) {
    this._heard = Date.now();
    this._pings = setInterval(() => {
      if (Date.now() - this._heard > SILENCE_SECONDS * 1000) socket.close();
      else this.send({ type: "ping" });
    }, PING_SECONDS * 1000);
  }

  async _again() {
    if (this.closed) return;
    this.fails += 1;
    this._say(navigator.onLine === false || this.fails > 2 ? "offline" : "connecting");
    const goOn = await this.on.broken();
    if (!goOn || this.closed) return;
    const pause = BACKOFF_SECONDS[Math.min(this.fails, BACKOFF_SECONDS.length) - 1];
    this._timer = setTimeout(() => this._connect(), pause * 1000 * (0.75 + Math.random() / 2));
  }

  _say(state) {
    if (state === this.state) return;
    this.state = state;
    this.on.state(state);
  }
}
