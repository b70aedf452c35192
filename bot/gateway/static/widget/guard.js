// Shared computers: claim data is covered after five idle minutes, and needs a new proof after fifteen.

const COVER_MINUTES = 5;
const PROVE_MINUTES = 15;
const LOOK_SECONDS = 10;
const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/** Calls `cover("touch" | "prove")` once each time the idle time passes a limit while claim data is on show. */
export class Guard {
  constructor({ element, memory, sensitive, cover }) {
    Object.assign(this, { memory, sensitive, cover });
    this.level = "";
    const alive = () => !this.level && this.touch();
    for (const name of SIGNS_OF_LIFE) element.addEventListener(name, alive, { passive: true });
    document.addEventListener("visibilitychange", () => this.look());
    this._timer = setInterval(() => this.look(), LOOK_SECONDS * 1000);
  }

  /** The visitor is here. Written at most every few seconds: it is a date in session storage, nothing else. */
  touch() {
    const now = Date.now();
    if (now - (this.memory.session.active || 0) > 5000) this.memory.keep({ active: now });
  }

  look() {
    if (!this.sensitive()) return;
    const idle = (Date.now() - (this.memory.session.active || 0)) / 60000;
    const level = idle >= PROVE_MINUTES ? "prove" : idle >= COVER_MINUTES ? "touch" : "";
    if (!level || level === this.level || this.level === "prove") return;
    this.level = level;
    this.cover(level);
  }

  lift() {
    this.level = "";
    this.memory.keep({ active: Date.now() });
  }
}
