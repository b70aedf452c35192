// Ready replies: answer cards found by any words, chosen with the arrow keys, put into the answer field and not sent.

import { h, icon, newId } from "../widget/dom.js";
import { announce } from "./announcer.js";

const WAIT_MILLISECONDS = 150;

export class Replies {
  /** `about()` is the escalation that is answered, `insert(text)` puts words into the answer, `leave()` goes back to it; `opened()` hears of the room it takes. */
  constructor({ t, api, about, insert, leave, opened }) {
    Object.assign(this, { t, api, about, insert, leave, opened, found: [], at: -1 });
    const listId = newId("replies");
    this.list = h("ul", { id: listId, class: "reply-list", role: "listbox", "aria-label": t("replies.title") });
    this.input = h("input", {
      id: "reply-search",
      type: "search",
      autocomplete: "off",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": listId,
      "aria-autocomplete": "list",
      "aria-describedby": "reply-hint",
    });
    this.input.addEventListener("input", () => this._searchSoon());
    this.input.addEventListener("keydown", (event) => this._move(event));
    this.preview = h("div", { class: "reply-preview", tabindex: "0", role: "region", "aria-label": t("replies.preview") });
    this.state = h("p", { class: "empty", hidden: true });
    const close = h(
      "button",
      { type: "button", class: "icon-button", "aria-label": t("replies.close"), on: { click: () => this._leave() } },
      icon("close"),
    );
    this.element = h(
      "section",
      { class: "replies", hidden: true, "aria-label": t("replies.title") },
      h(
        "div",
        { class: "reply-head" },
        h("div", { class: "field" }, h("label", { for: "reply-search", text: t("replies.search") }), this.input),
        close,
      ),
      h("p", { class: "quiet keys-hint", id: "reply-hint", text: t("replies.hint") }),
      this.state,
      h("div", { class: "reply-body" }, this.list, this.preview),
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this._leave();
    });
    this.button = h(
      "button",
      {
        type: "button",
        class: "small",
        "aria-expanded": "false",
        on: { click: () => (this.element.hidden ? this.open() : this._leave()) },
      },
      t("replies.title"),
    );
  }

  open() {
    this.element.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.input.value = "";
    this.input.focus();
    this.opened();
    this._search();
  }

  close() {
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  _leave() {
    this.close();
    this.leave();
  }

  _searchSoon() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._search(), WAIT_MILLISECONDS);
  }

  async _search() {
    const { language, topic, program } = this.about();
    const asked = this.input.value.trim();
    try {
      const { replies } = await this.api.read("replies", { q: asked, language, topic, program });
      if (asked !== this.input.value.trim()) return; // A later search is on its way.
      this._show(replies, language);
    } catch (error) {
      if (error.status === undefined) throw error;
      this._show([], language, error.message || this.t("error.unreachable"));
    }
  }

  _show(replies, language, problem = "") {
    this.found = replies;
    this.state.hidden = replies.length > 0;
    this.state.textContent = problem || this.t("replies.none");
    this.list.replaceChildren(
      ...replies.map((reply, at) =>
        h(
          "li",
          {
            id: `reply-${at}`,
            role: "option",
            "aria-selected": "false",
            on: { click: () => this._choose(at), pointermove: () => this._mark(at) },
          },
          h("b", { lang: language, text: reply.title }),
          h("span", {
            class: "quiet",
            text: reply.program ? this.t.named("program.short", reply.program) : this.t("replies.service"),
          }),
        ),
      ),
    );
    this.list.hidden = replies.length === 0;
    this.language = language;
    this.at = -1;
    this._mark(0);
    announce(replies.length ? this.t.count("replies.found", replies.length) : this.state.textContent);
  }

  _mark(at) {
    if (at === this.at) return;
    const rows = this.list.children;
    if (rows[this.at]) rows[this.at].setAttribute("aria-selected", "false");
    this.at = Math.min(Math.max(at, 0), this.found.length - 1);
    const reply = this.found[this.at];
    this.preview.hidden = !reply;
    if (!reply) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    rows[this.at].setAttribute("aria-selected", "true");
    rows[this.at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `reply-${this.at}`);
    this.preview.replaceChildren(h("p", { class: "plain", lang: this.language, dir: "auto", text: reply.text }));
    this.preview.scrollTop = 0;
  }

  _move(event) {
    const steps = { ArrowDown: this.at + 1, ArrowUp: this.at - 1 };
    if (event.key in steps) {
      event.preventDefault();
      this._mark(steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      this._choose(this.at);
    }
  }

  _choose(at) {
    const reply = this.found[at];
    if (!reply) return;
    this.close();
    this.insert(reply.text);
    announce(this.t("replies.inserted"));
  }
}
