// Where the visitor writes: Enter sends, Shift+Enter makes a new line, and the limit is told before it is reached.

import { h, icon, newId } from "./dom.js";

const LIMIT = 2000;
const WARN_AT = 200;

export class Composer {
  constructor({ t, say, typing, enterSends, announcer, draft = "" }) {
    Object.assign(this, { t, say, enterSends, announcer });
    const id = newId("say");
    this.hint = h("p", { class: "composer-hint", id: `${id}-hint` });
    this.input = h("textarea", {
      id,
      rows: "1",
      value: draft,
      "aria-describedby": `${id}-hint`,
      enterkeyhint: "send",
      placeholder: t("composer.placeholder"),
      on: {
        input: () => {
          this._fit();
          this._count();
          typing();
        },
        keydown: (event) => this._key(event),
      },
    });
    this.element = h(
      "form",
      { class: "composer", on: { submit: (event) => this._submit(event) } },
      h("label", { for: id, class: "unseen", text: t("composer.label") }),
      h("div", { class: "composer-row" }, this.input, h("button", { type: "submit", class: "send" }, h("span", { text: t("composer.send") }), icon("send"))),
      this.hint,
    );
    this._count();
    requestAnimationFrame(() => this._fit());
  }

  get draft() {
    return this.input.value;
  }

  /** Put words back, after a refused message is to be changed. */
  edit(text) {
    this.input.value = this.input.value ? `${text}\n${this.input.value}` : text;
    this._fit();
    this._count();
    this.focus();
  }

  focus() {
    this.input.focus();
  }

  _key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !this.enterSends()) return;
    event.preventDefault();
    this._submit(event);
  }

  _submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || this._over() > 0) {
      if (text) this.announcer.say(this.hint.textContent, this.t.language);
      this.focus();
      return;
    }
    this.input.value = "";
    this._fit();
    this._count();
    this.say(text);
  }

  /** Characters as people and the server count them, not UTF-16 halves. */
  _over() {
    return Array.from(this.input.value.trim()).length - LIMIT;
  }

  _count() {
    const over = this._over();
    const key = over > 0 ? "composer.over" : over > -WARN_AT ? "composer.left" : "composer.hint";
    this.hint.textContent = this.t(key, { count: this.t.number(Math.abs(over)), limit: this.t.number(LIMIT) });
    this.element.classList.toggle("over", over > 0);
    this.element.classList.toggle("near", key === "composer.left");
    if (over > 0) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    if (over > 0 && !this._told) this.announcer.say(this.hint.textContent, this.t.language);
    this._told = over > 0;
  }

  /** The field grows with its words up to a third of the panel, then scrolls. */
  _fit() {
    this.input.style.blockSize = "auto";
    this.input.style.blockSize = `${this.input.scrollHeight + 2}px`;
  }
}
