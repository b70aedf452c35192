// What reaches a specialist who looks elsewhere: the number in the tab's title and icon, and desktop notifications.

import { preferences } from "./preferences.js";
import { subject } from "./row.js";

const ICON = document.querySelector("link[rel=icon]");
const PLAIN_ICON = ICON.href;
const BADGE_ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#005ea2"/>' +
    '<path d="M8 9h16v11h-9l-5 4v-4H8z" fill="#fff"/><circle cx="24" cy="8" r="8" fill="#fff"/><circle cx="24" cy="8" r="6.5" fill="#d54309"/></svg>',
)}`;

export class Alerts {
  constructor(t, desk, open) {
    Object.assign(this, { t, desk, open, news: 0 });
    this._seen = () => this._look();
    document.addEventListener("visibilitychange", this._seen);
  }

  stop() {
    document.removeEventListener("visibilitychange", this._seen);
  }

  /** These began to wait. */
  fresh(escalations) {
    if (document.hidden) this.news += escalations.length;
    this.drawTitle();
    this._notify(escalations);
  }

  /** This one is meant for me; as somebody who waits it was counted already. */
  offered(escalation) {
    this._notify([escalation]);
  }

  /** A visitor wrote in one of my conversations. */
  answered() {
    if (document.hidden) this.news += 1;
    this.drawTitle();
  }

  drawTitle() {
    const waiting = this.desk.waiting.length;
    const parts = [waiting ? `(${this.t.number(waiting)}) ` : "", this.t("title")];
    document.title = (this.news ? `● ${this.t.count("title.news", this.news)} ` : "") + parts.join("");
    const icon = this.news ? BADGE_ICON : PLAIN_ICON;
    if (ICON.href !== icon) ICON.href = icon;
  }

  _look() {
    if (document.hidden) return;
    this.news = 0;
    this.drawTitle();
  }

  /** A notification may show on a locked screen: it says the subject and the language, never who or what was said. */
  _notify(escalations) {
    if (!document.hidden || !preferences.get("notify") || !canNotify() || Notification.permission !== "granted") return;
    const { t } = this;
    const [first] = escalations;
    const body =
      escalations.length > 1
        ? t.count("queue.fresh_many", escalations.length)
        : `${subject(first, t)} · ${t.languageName(first.language)}`;
    const note = new Notification(t("notify.title"), { body, tag: `escalation-${first.id}` });
    note.addEventListener("click", () => {
      window.focus();
      this.open(first.id);
      note.close();
    });
  }
}

export function canNotify() {
  return "Notification" in window;
}

/** Turn desktop notifications on or off; false when the browser does not allow them. */
export async function allowNotifications(wanted) {
  const allowed = !wanted || (canNotify() && (await Notification.requestPermission()) === "granted");
  preferences.set("notify", wanted && allowed);
  return allowed;
}
