// The console's HTTP calls: the CSRF token on every write, and one kind of error for everything that can go wrong.

import { learn } from "./clock.js";

const PATIENCE_SECONDS = 15;

/** `status` 0 means that the server was not reached; `message` then is empty and the caller says it in its words. */
export class ApiError extends Error {
  constructor(status, { code = "unreachable", message = "", ...values } = {}) {
    super(message);
    Object.assign(this, { status, code, values });
  }

  get unreachable() {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }
}

export class Api {
  constructor() {
    this.language = "en";
    /** Called when the session has ended behind our back. */
    this.onSignedOut = () => {};
  }

  async session() {
    return this._signedIn(await this._call("GET", "session", undefined, { mayRefuse: true }));
  }

  async signIn(login, password) {
    return this._signedIn(await this._call("POST", "session", { login, password }, { mayRefuse: true }));
  }

  async signOut() {
    await this._call("DELETE", "session", undefined, { mayRefuse: true });
    this._csrf = undefined;
  }

  async escalations() {
    return (await this._call("GET", "escalations")).escalations;
  }

  escalation(id) {
    return this._call("GET", `escalations/${id}`);
  }

  async take(id) {
    return (await this._call("POST", `escalations/${id}/take`, {})).escalation;
  }

  async answer(id, text, clientId) {
    const body = { text, client_id: clientId };
    return (await this._call("POST", `escalations/${id}/messages`, body, { keepalive: true })).message;
  }

  async resolve(id, outcome) {
    return (await this._call("POST", `escalations/${id}/resolve`, { outcome })).escalation;
  }

  async decline(id) {
    return (await this._call("POST", `escalations/${id}/decline`, {})).escalation;
  }

  async transfer(id, to, note) {
    return (await this._call("POST", `escalations/${id}/transfer`, { to, note })).escalation;
  }

  async colleagues() {
    return (await this._call("GET", "colleagues")).colleagues;
  }

  async setAvailability(availability) {
    return (await this._call("PUT", "availability", { availability })).availability;
  }

  _signedIn({ specialist, availability, csrf_token: csrf }) {
    this._csrf = csrf;
    return { ...specialist, availability };
  }

  async _call(method, path, body, { mayRefuse = false, keepalive = false } = {}) {
    const headers = { "Accept-Language": this.language };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET" && this._csrf) headers["X-CSRF-Token"] = this._csrf;
    const abort = new AbortController();
    const patience = setTimeout(() => abort.abort(), PATIENCE_SECONDS * 1000);
    let answer;
    let content;
    try {
      answer = await fetch(`/console/api/${path}`, {
        method,
        headers,
        keepalive,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: abort.signal,
      });
      content = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    } catch {
      throw new ApiError(0);
    } finally {
      clearTimeout(patience);
    }
    learn(answer.headers.get("Date"));
    if (answer.ok) return content;
    if (answer.status === 401 && !mayRefuse) this.onSignedOut();
    throw new ApiError(answer.status, content.error);
  }
}
