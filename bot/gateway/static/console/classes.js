// The third tab of the right column: job classes, found by any words, with pay and requirements of each level.

import { h, icon } from "../widget/dom.js";
import { factsCard } from "../widget/cards/facts.js";
import { tableCard } from "../widget/cards/table.js";
import { announce } from "./announcer.js";

const WAIT_MILLISECONDS = 200;

export class Classes {
  constructor({ t, api }) {
    Object.assign(this, { t, api });
    this.input = h("input", { id: "class-search", type: "search", autocomplete: "off" });
    this.input.addEventListener("input", () => {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this._search(), WAIT_MILLISECONDS);
    });
    this.list = h("ul", { class: "class-list" });
    this.shown = h("div", { class: "class-shown", hidden: true });
    this.body = h(
      "div",
      { class: "part" },
      h(
        "form",
        { class: "field", role: "search", on: { submit: (event) => (event.preventDefault(), this._search()) } },
        h("label", { for: "class-search", text: t("classes.search") }),
        this.input,
      ),
      this.list,
      this.shown,
    );
  }

  focus() {
    if (!this.list.childElementCount && this.shown.hidden) this._search();
    this.input.focus();
  }

  async _search() {
    const asked = this.input.value.trim();
    const found = await this._ask("classes", { q: asked });
    if (!found || asked !== this.input.value.trim()) return;
    this.shown.hidden = true;
    this.list.hidden = false;
    this.list.replaceChildren(
      ...found.classes.map((one) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "class-choice", on: { click: () => this._open(one.id) } },
            h("b", { text: one.code ? `${one.title} (${one.code})` : one.title }),
            h("span", { class: "quiet", text: one.employer }),
          ),
        ),
      ),
    );
    if (!found.classes.length) this.list.append(h("li", { class: "quiet", text: this.t("classes.none") }));
    announce(this.t.count("classes.found", found.classes.length));
  }

  async _open(id) {
    const { t } = this;
    const answer = await this._ask(`classes/${encodeURIComponent(id)}`, { language: t.language });
    if (!answer) return;
    const one = answer.class;
    const title = h("h3", { tabindex: "-1", text: one.code ? `${one.title} (${one.code})` : one.title });
    const facts = factsCard({ ...one.facts, title: "" }, t);
    this.shown.replaceChildren(
      h("button", { type: "button", class: "small", on: { click: () => this._back() } }, icon("back"), t("classes.back")),
      title,
      facts,
      tableCard(one.levels, t),
      h("details", {}, h("summary", { text: t("classes.duties") }), h("ul", { class: "duties" }, one.duties.map((text) => h("li", { text })))),
      h("p", { class: "source", text: `${t("source.label")} ${one.source.title}` }),
    );
    this.list.hidden = true;
    this.shown.hidden = false;
    title.focus();
  }

  _back() {
    this.shown.hidden = true;
    this.list.hidden = false;
    this.input.focus();
  }

  async _ask(path, values) {
    try {
      return await this.api.read(path, values);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.list.replaceChildren(h("li", { class: "field-error", role: "alert", text: error.message || this.t("error.unreachable") }));
      return null;
    }
  }
}
