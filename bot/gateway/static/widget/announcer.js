// The one polite live region: every new thing is said once, in order, and nothing is swallowed.

import { h } from "./dom.js";

const KEEP_SECONDS = 45;
const GAP_MILLISECONDS = 120;

export class Announcer {
  constructor() {
    // Additions only: taking an old line away says nothing, and a line is never rewritten.
    this.element = h("div", { class: "unseen announcer", "aria-live": "polite", "aria-relevant": "additions" });
    this._queue = [];
  }

  say(text, language) {
    const words = (text || "").trim();
    if (!words) return;
    this._queue.push(h("p", { lang: language, text: words }));
    if (!this._timer) this._next();
  }

  /** Forget what was said: the conversation has been erased. */
  clear() {
    this._queue = [];
    this.element.replaceChildren();
  }

  /** One line at a time: several in one go are read as one, or partly not at all, by some screen readers. */
  _next() {
    const line = this._queue.shift();
    if (!line) {
      this._timer = null;
      return;
    }
    this.element.append(line);
    setTimeout(() => line.remove(), KEEP_SECONDS * 1000);
    this._timer = setTimeout(() => this._next(), GAP_MILLISECONDS);
  }
}
