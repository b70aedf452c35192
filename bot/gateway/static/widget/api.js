// The visitor's HTTP interface: every call, its time limit, and one kind of error.

/** What went wrong. `status` is 0 when no answer came at all; `body` is the server's JSON, if it sent any. */
export class ApiError extends Error {
  constructor(status, body = {}) {
    const error = body.error || {};
    super(error.message || "");
    this.status = status;
    this.code = error.code || (status ? `http_${status}` : "unreachable");
    this.body = body;
  }

  /** No answer, or one that says "later": what we wanted to say is worth keeping and sending again. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The server does not know this conversation, or not with this token. */
  get gone() {
    return this.status === 401 || this.status === 404 || this.status === 410;
  }
}

export class Api {
  constructor(base, language) {
    this.base = base;
    this.language = language; // Errors are answered in it.
  }

  async call(method, path, { token, body, seconds = 15, as = "json", keepalive = false } = {}) {
    const headers = { "Accept-Language": this.language };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), seconds * 1000);
    let answer;
    try {
      answer = await fetch(this.base + path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: stop.signal,
        cache: "no-store",
        credentials: "omit",
        keepalive,
      });
      if (answer.ok && as === "blob") return await answer.blob();
      const text = await answer.text();
      const content = text ? JSON.parse(text) : {};
      if (!answer.ok) throw new ApiError(answer.status, content);
      return content;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      // A proxy's HTML page in place of JSON is an answer, but not one of ours.
      throw new ApiError(answer && !answer.ok ? answer.status : 0);
    } finally {
      clearTimeout(timer);
    }
  }

  create(locale, program) {
    return this.call("POST", "api/conversations", { body: program ? { locale, program } : { locale } });
  }

  of({ id, token }) {
    const path = `api/conversations/${encodeURIComponent(id)}`;
    return {
      messages: (since) => this.call("GET", `${path}/messages?since=${since}`, { token }),
      say: (body) => this.call("POST", `${path}/messages`, { token, body, seconds: 25 }),
      prove: (fields) => this.call("POST", `${path}/identity`, { token, body: fields, seconds: 25 }),
      rate: (seq, body) => this.call("POST", `${path}/messages/${seq}/feedback`, { token, body }),
      person: () => this.call("POST", `${path}/escalation`, { token, body: {}, seconds: 25 }),
      giveUp: () => this.call("DELETE", `${path}/escalation`, { token }),
      leave: (body) => this.call("POST", `${path}/left-message`, { token, body, seconds: 25 }),
      speak: (locale) => this.call("PATCH", path, { token, body: { locale } }),
      transcript: () => this.call("GET", `${path}/transcript.txt`, { token, as: "blob" }),
      erase: () => this.call("DELETE", path, { token, keepalive: true }),
      socket: (since) => `${this.base.replace(/^http/, "ws")}${path}/socket?since=${since}`,
    };
  }

  /** Whether the assistant can answer: "ready", "model", "database", or "unreachable". */
  async readiness() {
    try {
      await this.call("GET", "readyz", { seconds: 6 });
      return "ready";
    } catch (error) {
      if (error.status === 503) return error.body.waiting_for || "model";
      return error.status ? "ready" : "unreachable";
    }
  }
}
