// The live line to the server: a WebSocket, and plain HTTP polling wherever or whenever a socket can't be had.

const PING_SECONDS = 25;
const BACKOFF_SECONDS = [1, 2, 4, 8, 15, 30];
const ENDED = 4409;
const UNKNOWN = 4401;
const TOO_MANY = 4429;

/**
 * Keeps trying until closed. Calls `on.frame(frame)` for every server frame (polled messages become frames too),
 * `on.state("online" | "connecting" | "offline" | "down")`, and `on.gone("ended" | "unknown")` once.
 */
export class Link {
  constructor({ calls, token, since, busy, on }) {
    Object.assign(this, { calls, token, since, busy, on, fails: 0, state: "" });
    this._wake = () => this._soon(0);
    this._sleep = () => this._say("offline");
    this._look = () => document.visibilityState === "visible" && this._checkAfterSleep();
  }

  open() {
    window.addEventListener("online", this._wake);
    window.addEventListener("offline", this._sleep);
    document.addEventListener("visibilitychange", this._look);
    this._connect();
  }

  close() {
    this.closed = true;
    clearTimeout(this._timer);
    clearInterval(this._pings);
    window.removeEventListener("online", this._wake);
    window.removeEventListener("offline", this._sleep);
    document.removeEventListener("visibilitychange", this._look);
    if (this.socket) this.socket.close();
  }

  get live() {
    return Boolean(this.socket && this.socket.readyState === WebSocket.OPEN);
  }

  /** True when the frame went into an open socket; whether it arrived is told by an ack. */
  send(frame) {
    if (!this.live) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Try again now, and not when the waiting time is over. */
  retry() {
    this.fails = 0;
    this._say("connecting");
    this._soon(0);
  }

  _connect() {
    if (this.closed) return;
    if (this.live) {
      this._say("online"); // The line outlived the outage.
      return;
    }
    let socket;
    try {
      socket = new WebSocket(this.calls.socket(this.since()), ["chat", this.token]);
    } catch {
      this._dropped(0);
      return;
    }
    this.socket = socket;
    const patience = setTimeout(() => socket.close(), 8000);
    socket.onopen = () => {
      clearTimeout(patience);
      this.fails = 0;
      this._say("online");
      this._keepAwake(socket);
    };
    socket.onmessage = (event) => {
      this._heard = Date.now();
      this.on.frame(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      clearTimeout(patience);
      clearInterval(this._pings);
      if (this.socket === socket) this.socket = null;
      this._dropped(event.code);
    };
  }

  /** A line can die without closing (sleep, a train tunnel): no word within a ping's answer time means it did. */
  _keepAwake(socket) {
    clearInterval(this._pings);
    this._heard = Date.now();
    this._pings = setInterval(() => {
      if (Date.now() - this._heard > 2.5 * PING_SECONDS * 1000) socket.close();
      else if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
    }, PING_SECONDS * 1000);
  }

  /** Back after a while: a line that was silent through it is not to be trusted. */
  _checkAfterSleep() {
    if (!this.live) this._soon(0);
    else if (Date.now() - this._heard > 1.5 * PING_SECONDS * 1000) this.socket.close();
  }

  _dropped(code) {
    if (this.closed) return;
    if (code === ENDED || code === UNKNOWN) {
      this.close();
      this.on.gone(code === ENDED ? "ended" : "unknown");
      return;
    }
    // With too many tabs open this one asks over HTTP, and tries for a socket only now and then.
    this.fails = code === TOO_MANY ? Math.max(this.fails + 1, 3) : this.fails + 1;
    if (this.state === "online" && !this.polling) this._say("connecting");
    this._poll();
  }

  /** Catch up over HTTP, which also tells a blocked socket from a service that is down; then try the socket again. */
  async _poll() {
    try {
      const news = await this.calls.messages(this.since());
      if (this.closed) return;
      for (const message of news.messages) this.on.frame({ type: "message", message });
      this.on.frame({ type: "handled_by", handled_by: news.handled_by, escalation: news.escalation || null });
      this.polling = true;
      this._say("online");
      this._soon(this.fails < 3 ? 1 : this.busy() ? 4 : 10);
    } catch (error) {
      if (this.closed) return;
      if (error.gone) {
        this.close();
        this.on.gone("unknown");
        return;
      }
      this.polling = false;
      this._say(navigator.onLine === false ? "offline" : "down");
      const wait = BACKOFF_SECONDS[Math.min(this.fails, BACKOFF_SECONDS.length) - 1] || 1;
      this._soon(wait * (0.75 + Math.random() / 2));
    }
  }

  _soon(seconds) {
    clearTimeout(this._timer);
    if (!this.closed) this._timer = setTimeout(() => this._connect(), seconds * 1000);
  }

  _say(state) {
    if (state === this.state) return;
    this.state = state;
    this.on.state(state);
  }
}
