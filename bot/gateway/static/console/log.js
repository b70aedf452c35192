// The transcript on the screen: messages as list items with their days, then what is still on its way out.

import { h, icon } from "../widget/dom.js";
import { link, rich } from "../widget/rich.js";
import { factsCard } from "../widget/cards/facts.js";
import { statusCard } from "../widget/cards/status.js";
import { tableCard } from "../widget/cards/table.js";

const CARDS = { facts: factsCard, status: statusCard, table: tableCard };
const NEAR_END_PIXELS = 60;

export class Log {
  /** `acts` are {undo(entry), sendNow(entry), edit(entry)} for the messages that are not out yet. */
  constructor({ t, me, acts }) {
    Object.assign(this, { t, me, acts, items: new Map() });
    this.list = h("ol", { class: "log" });
    this.pending = h("ol", { class: "log pending", "aria-label": t("outbox.label"), hidden: true });
    this.element = h(
      "div",
      { class: "log-scroll", tabindex: "0", role: "region", "aria-label": t("log.label") },
      this.list,
      this.pending,
    );
    this.toEnd = h(
      "button",
      { type: "button", class: "to-end", hidden: true, on: { click: () => this.scrollToEnd() } },
      icon("down"),
      t("log.to_end"),
    );
    this.element.addEventListener("scroll", () => this._hideToEnd(), { passive: true });
  }

  clear() {
    this.items.clear();
    this.list.replaceChildren();
    this.drawPending([]);
  }

  /** Draw the messages that are not drawn yet; `isOpening` puts the newest in sight. */
  draw(messages, isOpening) {
    const wasAtEnd = this._isAtEnd();
    let isNew = false;
    messages.forEach((message, at) => {
      if (this.items.has(message.seq)) return;
      const before = messages[at - 1];
      const item = this._item(message, !before || dayOf(before) !== dayOf(message));
      const next = messages.slice(at + 1).find((one) => this.items.has(one.seq));
      this.list.insertBefore(item, next ? this.items.get(next.seq) : null);
      this.items.set(message.seq, item);
      isNew = true;
    });
    if (isOpening || wasAtEnd) this.scrollToEnd();
    else if (isNew) this.toEnd.hidden = false;
  }

  /** Draw the answers that are held, being sent, or could not be sent. */
  drawPending(entries) {
    const wasAtEnd = this._isAtEnd();
    this.pending.hidden = entries.length === 0;
    // A button under somebody's finger stays the same button: items are kept by their client id and state.
    const kept = new Map(Array.from(this.pending.children, (item) => [item.dataset.key, item]));
    this.pending.replaceChildren(
      ...entries.map((entry) => {
        const key = `${entry.clientId} ${entry.state}`;
        const item = kept.get(key) || this._pendingItem(entry);
        item.dataset.key = key;
        this._countDown(item, entry);
        return item;
      }),
    );
    if (wasAtEnd && entries.length) this.scrollToEnd();
  }

  scrollToEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.toEnd.hidden = true;
  }

  _isAtEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return scrollTop + clientHeight > scrollHeight - NEAR_END_PIXELS;
  }

  _hideToEnd() {
    if (!this.toEnd.hidden && this._isAtEnd()) this.toEnd.hidden = true;
  }

  _item(message, isNewDay) {
    const { t } = this;
    const mine = message.author === "specialist";
    const name = mine ? message.name || t("author.specialist") : t(`author.${message.author}`);
    return h(
      "li",
      { class: `line ${message.author}` },
      isNewDay && h("p", { class: "day" }, h("span", { text: t.dayOf(message.created_at) })),
      h(
        "div",
        { class: "bubble" },
        h(
          "p",
          { class: "who" },
          message.author !== "visitor" && icon(message.author === "bot" ? "bot" : "person"),
          h("span", { class: "name", text: name }),
          h("time", {
            datetime: message.created_at,
            text: t.time(message.created_at),
            title: t.moment(message.created_at),
          }),
        ),
        this._body(message),
        message.source && this._source(message),
        message.buttons && message.buttons.length > 0 && this._offered(message),
      ),
    );
  }

  _body(message) {
    const { t } = this;
    const { card } = message;
    const language = message.language || t.language;
    if (card && card.type === "identity") return h("p", { class: "card-note" }, icon("lock"), t("log.identity_card"));
    const draw = card && CARDS[card.type];
    if (!draw) {
      const box = rich(message, t);
      box.lang = language;
      box.dir = "auto";
      return box;
    }
    const title = card.title || card.caption || t("log.card");
    return h(
      "details",
      { class: "card-fold" },
      h("summary", { lang: language, text: title }),
      h("div", { class: "card", lang: language }, draw(card, t)),
    );
  }

  _source({ source, language }) {
    const { t } = this;
    const line = h(
      "p",
      { class: "source" },
      `${t("source.label")} `,
      h("cite", { lang: language }, link(source.url, source.title, t)),
    );
    if (source.effective) line.append(`, ${t("source.effective", { date: t.day(source.effective) })}`);
    return line;
  }

  _offered({ buttons, language }) {
    const titles = buttons.map((button) => h("li", { text: button.title }));
    return h(
      "div",
      { class: "offered" },
      h("span", { text: this.t("log.offered") }),
      h("ul", { lang: language }, titles),
    );
  }

  _pendingItem(entry) {
    const { t, acts } = this;
    const action = (key, act, extra) =>
      h("button", { type: "button", class: "small", text: t(key), on: { click: () => act(entry) }, ...extra });
    const state = h("p", { class: "delivery" });
    if (entry.state === "held") {
      state.append(
        h("span", { class: "countdown" }),
        action("outbox.undo", acts.undo),
        action("outbox.now", acts.sendNow),
      );
    } else if (entry.state === "sending") {
      state.append(t("outbox.sending"));
    } else {
      const why = entry.problem && entry.problem.status && entry.problem.message;
      state.classList.add("failed");
      state.append(
        icon("alert"),
        h("span", { text: why || t("outbox.failed") }),
        action("again", acts.sendNow),
        action("outbox.edit", acts.undo),
      );
    }
    return h(
      "li",
      { class: `line specialist is-${entry.state}` },
      h(
        "div",
        { class: "bubble" },
        h("p", { class: "who" }, icon("person"), h("span", { class: "name", text: this.me.alias })),
        h("div", { class: "text" }, h("p", { class: "plain", text: entry.text, dir: "auto" })),
        state,
      ),
    );
  }

  _countDown(item, entry) {
    const place = item.querySelector(".countdown");
    if (!place) return;
    const seconds = Math.max(1, Math.ceil((entry.sendAt - Date.now()) / 1000));
    place.textContent = this.t("outbox.held", { seconds });
  }
}

function dayOf(message) {
  return new Date(message.created_at).toDateString();
}
