// The live board: who waits, who talks with whom, how much each specialist has; a conversation can be taken over.

import { h, icon } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { urgent } from "./desk.js";
import { subject } from "./row.js";
import { table, tiles } from "./figures.js";
import { minutesSince, waited } from "./waiting.js";

const AGAIN_MILLISECONDS = 10000;
const SOON_MILLISECONDS = 400;
const STATES = { active: "board.talking", callback: "wait.left" };

export class BoardPage {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell });
    this.tiles = h("div");
    this.people = h("div");
    this.talks = h("div");
    this.body = h("div", { class: "board" }, this.tiles, this.talks, this.people);
  }

  start() {
    this._load();
    this.timer = setInterval(() => this._load(), AGAIN_MILLISECONDS);
  }

  stop() {
    clearInterval(this.timer);
    clearTimeout(this.soon);
  }

  /** Many changes in a row are asked about once. */
  listChanged() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this._load(), SOON_MILLISECONDS);
  }

  async _load() {
    try {
      this._show(await this.desk.api.read("board"));
      this.tell(null);
    } catch (error) {
      this.tell(error);
    }
  }

  _show(board) {
    const { t } = this;
    const longest = board.longest_wait_since ? waited(minutesSince(board.longest_wait_since), t) : null;
    this.tiles.replaceChildren(
      tiles([
        { label: t("board.waiting"), value: t.number(board.waiting) },
        { label: t("left.title"), value: t.number(board.left) },
        { label: t("board.active"), value: t.number(board.active) },
        { label: t("board.longest"), value: longest ? longest.spoken : t("board.nobody"), look: longest ? longest.level : "" },
      ]),
    );
    // A button somebody is about to press stays until they have.
    if (!this.talks.contains(document.activeElement)) this.talks.replaceChildren(this._talks(board));
    this.people.replaceChildren(this._people(board));
  }

  _talks({ escalations }) {
    const { t } = this;
    return table({
      caption: t("board.talks"),
      empty: t("board.no_talks"),
      columns: [t("board.about"), t("context.language"), t("board.state"), t("board.with"), t("board.owed"), t("board.act")],
      rows: escalations.map((one) => {
        const since = minutesSince(one.state === "active" ? one.taken_at : one.opened_at);
        return [
          h("a", { href: `#e${one.id}` }, urgent(one) ? icon("alert") : null, subject(one, t)),
          t.languageName(one.language),
          t(STATES[one.state] || "wait.waiting", { time: waited(since, t).spoken }),
          one.specialist ? one.specialist.alias : "–",
          one.owed_since ? waited(minutesSince(one.owed_since), t).spoken : "–",
          one.state === "active" && !this.desk.isMine(one) ? this._takeOver(one) : "–",
        ];
      }),
    });
  }

  _takeOver(one) {
    const { t } = this;
    return h("button", {
      type: "button",
      class: "small",
      "aria-label": t("take_over.named", { subject: subject(one, t), name: one.specialist.alias }),
      text: t("take_over"),
      on: {
        click: async (event) => {
          event.currentTarget.blur();
          try {
            await this.desk.takeOver(one.id);
            announce(t("take.done"));
            location.hash = `e${one.id}`;
          } catch (error) {
            this.tell(error);
            this._load();
          }
        },
      },
    });
  }

  _seen({ last_seen_at: seen }) {
    const { t } = this;
    if (!seen) return t("board.never");
    const minutes = minutesSince(seen);
    return minutes < 1 ? t("board.now") : t("board.ago", { time: waited(minutes, t).spoken });
  }

  _people({ specialists }) {
    const { t } = this;
    return table({
      caption: t("board.people"),
      columns: [t("board.name"), t("board.role"), t("board.has"), t("board.today"), t("board.seen")],
      numeric: [2, 3],
      rows: specialists.map((one) => [
        one.alias,
        t(`role.${one.role}`),
        t.number(one.active),
        t.number(one.resolved_today),
        this._seen(one),
      ]),
    });
  }
}
