// Searching past transcripts: what was found, and the transcript that is opened beside it.

import { h } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { Log } from "./log.js";
import { noteItem } from "./notes.js";

export class SearchPage {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell });
    this.input = h("input", { id: "transcript-search", type: "search", autocomplete: "off", "aria-describedby": "search-hint" });
    this.count = h("p", { class: "quiet" });
    this.list = h("ul", { class: "found" });
    this.log = new Log({ t, me: desk.me, acts: {} });
    this.openTitle = h("h3", { tabindex: "-1" });
    this.notes = h("ol", { class: "notes" });
    this.opened = h("section", { class: "found-open", hidden: true }, this.openTitle, this.notes, this.log.element);
    this.body = h(
      "div",
      {},
      h(
        "form",
        { class: "search-form", role: "search", on: { submit: (event) => this._search(event) } },
        h("div", { class: "field" }, h("label", { for: "transcript-search", text: t("search.label") }), this.input),
        h("button", { type: "submit", class: "primary", text: t("search.submit") }),
        h("p", { class: "quiet", id: "search-hint", text: t(desk.may("all_transcripts") ? "search.hint_all" : "search.hint") }),
      ),
      this.count,
      h("div", { class: "found-columns" }, this.list, this.opened),
    );
  }

  start() {
    this.input.focus();
  }

  async _search(event) {
    event.preventDefault();
    const { t } = this;
    try {
      const { found, limit } = await this.desk.api.read("transcripts", { q: this.input.value.trim() || " " });
      this.tell(null);
      this.opened.hidden = true;
      this.count.textContent = found.length === limit ? t("search.most", { count: limit }) : t.count("search.found", found.length);
      this.list.replaceChildren(...found.map((hit) => this._row(hit)));
      announce(this.count.textContent);
    } catch (error) {
      this.tell(error);
    }
  }

  _row(hit) {
    const { t } = this;
    const open = (event) => (event.preventDefault(), this._open(hit, event.currentTarget));
    return h(
      "li",
      {},
      h(
        "a",
        { class: "found-row", href: "#search", on: { click: open } },
        h("span", { class: "facts-line", text: [t.moment(hit.created_at), t(`author.${hit.author}`), hit.program && t.named("program.short", hit.program)].filter(Boolean).join(" · ") }),
        h("span", { lang: hit.language, dir: "auto" }, hit.excerpt.map((part) => (part.hit ? h("mark", { text: part.text }) : part.text))),
      ),
    );
  }

  async _open(hit, row) {
    const { t } = this;
    try {
      const { messages, notes } = await this.desk.api.read(`transcripts/${encodeURIComponent(hit.conversation_id)}`);
      for (const one of this.list.querySelectorAll("a")) one.removeAttribute("aria-current");
      row.setAttribute("aria-current", "true");
      this.openTitle.textContent = t("search.opened", { moment: t.moment(hit.began_at) });
      this.notes.replaceChildren(...notes.map((note) => noteItem(note, t)));
      this.log.clear();
      this.opened.hidden = false;
      this.log.draw(messages, true);
      const line = this.log.items.get(hit.seq);
      if (line) {
        line.classList.add("is-hit");
        const { element } = this.log;
        const [here, place] = [line.getBoundingClientRect(), element.getBoundingClientRect()];
        element.scrollTop += here.top - place.top - (place.height - here.height) / 3;
      }
      this.openTitle.focus({ preventScroll: true });
      this.tell(null);
    } catch (error) {
      this.tell(error);
    }
  }
}
