// The left column: my conversations, the queue, and what colleagues have.

import { h, icon } from "../widget/dom.js";
import { urgent } from "./desk.js";
import { SteadyList } from "./steady_list.js";
import { colleagueRow, leftRow, myRow, waitingRow } from "./row.js";

const SEEN_PIXELS = 24;

export class Lists {
  constructor({ t, desk, take }) {
    Object.assign(this, { t, desk });
    const talkOf = (one) => desk.talk(one.conversation_id);
    this.mine = new SteadyList({ label: t("mine.title"), makeRow: (one) => myRow(one, t, { talkOf }) });
    const isMine = (one) => desk.isMine(one);
    this.queue = new SteadyList({ label: t("queue.title"), makeRow: (one) => waitingRow(one, t, { take, isMine }) });
    this.left = new SteadyList({ label: t("left.title"), makeRow: (one) => leftRow(one, t, { take }) });
    this.others = new SteadyList({ label: t("others.title"), makeRow: (one) => colleagueRow(one, t) });

    this.mineCount = h("span", { class: "tally" });
    this.queueCount = h("span", { class: "tally" });
    this.mineEmpty = h("p", { class: "empty", text: t("mine.empty") });
    this.queueState = h("div", { class: "list-state" });
    this.scroll = h("div", { class: "scroll" }, this.queueState, this.queue.element);
    this.scroll.addEventListener("scroll", () => this._noticeBelow(), { passive: true });
    this.below = h("button", {
      type: "button",
      class: "below small",
      hidden: true,
      on: { click: () => this._showNew() },
    });
    this.unseenIds = new Set();

    this.othersTitle = h("summary");
    this.othersBox = h(
      "details",
      { class: "others" },
      this.othersTitle,
      h("div", { class: "scroll" }, this.others.element),
    );

    this.leftTitle = h("summary");
    this.leftBox = h(
      "details",
      { class: "others left-messages" },
      this.leftTitle,
      h("div", { class: "scroll" }, this.left.element),
    );
    this.all = [this.mine, this.queue, this.left, this.others];

    this.element = h(
      "div",
      { class: "lists" },
      h(
        "section",
        { class: "list mine", "aria-labelledby": "mine-title" },
        h("div", { class: "list-head" }, h("h2", { id: "mine-title" }, t("mine.title"), " ", this.mineCount)),
        h("div", { class: "scroll" }, this.mineEmpty, this.mine.element),
      ),
      h(
        "section",
        { class: "list queue", "aria-labelledby": "queue-title" },
        h(
          "div",
          { class: "list-head" },
          h("h2", { id: "queue-title", tabindex: "-1" }, t("queue.title"), " ", this.queueCount),
          this.below,
        ),
        this.scroll,
      ),
      h("div", { class: "folds" }, this.leftBox, this.othersBox),
    );
    this.update();
  }

  /** Draw what the desk holds now. */
  update() {
    const { desk, t } = this;
    const { waiting, mine, left, withOthers } = desk;
    const fresh = this.queue.update(waiting);
    this.mine.update(mine);
    this.left.update(left);
    this.others.update(withOthers);
    for (const list of this.all) {
      for (const id of list.leaving.keys()) list.explain(desk.escalations.get(id) || { id });
    }

    this._tally(this.mineCount, mine.length);
    this._tally(this.queueCount, waiting.length);
    this.mineEmpty.hidden = mine.length > 0 || this.mine.rows.size > 0;
    this._drawState(waiting.length);
    this.leftBox.hidden = left.length === 0;
    this.leftTitle.textContent = t.count("left.summary", left.length);
    this.othersBox.hidden = withOthers.length === 0;
    this.othersTitle.textContent = t.count("others.summary", withOthers.length);
    if (this.drawnOnce && desk.listState === "ready") for (const one of fresh) this.unseenIds.add(one.id);
    this.drawnOnce = desk.listState === "ready";
    this._noticeBelow();
  }

  /** Mark the row whose conversation is open. */
  mark(id) {
    for (const list of this.all) {
      for (const [one, row] of list.rows) {
        if (one === id) row.link.setAttribute("aria-current", "true");
        else row.link.removeAttribute("aria-current");
      }
    }
  }

  tick() {
    for (const list of this.all) list.tick();
  }

  /** One step with the keyboard in the list it is in, else in the queue. */
  step(by) {
    const lists = this.all;
    const list = lists.find((one) => one.hasFocus) || (this.queue.rows.size ? this.queue : this.mine);
    return list.step(by);
  }

  /** The id of the row the keyboard is on. */
  get focusedId() {
    const list = this.all.find((one) => one.hasFocus);
    return list ? list.current : null;
  }

  _tally(place, count) {
    place.textContent = this.desk.listState === "ready" ? this.t.number(count) : "";
  }

  _drawState(count) {
    const { t, desk, queueState: place } = this;
    const state = desk.listState === "ready" ? (count || this.queue.rows.size ? "rows" : "empty") : desk.listState;
    if (state === this.shownState) return;
    this.shownState = state;
    place.replaceChildren();
    if (state === "loading") {
      place.append(h("p", { class: "empty", text: t("queue.loading") }));
      for (let at = 0; at < 4; at += 1) place.append(h("div", { class: "ghost", "aria-hidden": "true" }));
    } else if (state === "empty") {
      place.append(
        h(
          "div",
          { class: "empty calm" },
          icon("check"),
          h("p", { class: "lead", text: t("queue.empty") }),
          h("p", { text: t("queue.empty_hint") }),
        ),
      );
    } else if (state === "error") {
      const again = h("button", { type: "button", text: t("again"), on: { click: () => this._reload() } });
      place.append(
        h(
          "div",
          { class: "alert problem", role: "alert" },
          icon("alert"),
          h("div", {}, h("p", { text: t("queue.error") }), again),
        ),
      );
    }
  }

  _reload() {
    this.desk.listState = "loading";
    this.update();
    this.desk.load();
  }

  /** Rows that came in out of sight are told of, never scrolled to on their own. */
  _noticeBelow() {
    const { t, desk } = this;
    const { top, bottom } = this.scroll.getBoundingClientRect();
    for (const id of this.unseenIds) {
      const row = this.queue.rows.get(id);
      const place = row && !this.queue.leaving.has(id) && row.element.getBoundingClientRect();
      if (!place || (place.top + SEEN_PIXELS < bottom && place.bottom - SEEN_PIXELS > top)) this.unseenIds.delete(id);
    }
    const count = this.unseenIds.size;
    const isUrgent = Array.from(this.unseenIds).some((id) => urgent(desk.escalations.get(id)));
    this.below.hidden = count === 0;
    this.below.classList.toggle("danger", isUrgent);
    if (count)
      this.below.replaceChildren(
        icon(isUrgent ? "alert" : "down"),
        isUrgent ? t("queue.below_urgent") : t.count("queue.below", count),
      );
  }

  _showNew() {
    const ids = Array.from(this.unseenIds);
    const first = ids.find((id) => urgent(this.desk.escalations.get(id))) || ids[0];
    this.unseenIds.clear();
    this.queue.focus(first);
    this.update();
  }
}
