// Where an answer is written: a field that grows, keeps a draft per conversation, and says what is wrong beside itself.

import { h, icon } from "../widget/dom.js";

const LIMIT = 2000;
const NEAR_LIMIT = 200;
const TYPING_EVERY_SECONDS = 3;
const MOST_PIXELS = 200;

export class Composer {
  /** `on` are {send(text), typing(), drafted(text)}; `replies` offers ready replies beside the field. */
  constructor({ t, on, replies }) {
    Object.assign(this, { t, on, replies, typedAt: 0 });
    this.label = h("label", { for: "answer" });
    this.error = h("p", { class: "field-error", id: "answer-error", role: "alert", hidden: true });
    this.hint = h("p", { class: "quiet keys-hint", id: "answer-hint", text: t("composer.hint") });
    this.left = h("span", { class: "left", hidden: true });
    this.field = h("textarea", { id: "answer", rows: "2", "aria-describedby": "answer-hint", dir: "auto" });
    this.field.addEventListener("input", () => this._typed());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "/" && !this.field.value && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        this.replies.open();
        return;
      }
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this._send();
    });
    const send = h("button", { type: "submit", class: "primary" }, t("composer.send"), icon("send"));
    this.element = h(
      "form",
      { class: "composer", on: { submit: (event) => (event.preventDefault(), this._send()) } },
      replies.element,
      h("div", { class: "composer-top" }, this.label, this.left, replies.button),
      this.error,
      h("div", { class: "composer-row" }, this.field, send),
      this.hint,
    );
  }

  /** Turn to another conversation: its draft and its visitor's language. */
  show(draft, language) {
    this.language = language;
    this.label.replaceChildren(
      this.t("composer.label"),
      " ",
      h("span", {
        class: "in-language",
        text: this.t("composer.language", { language: this.t.languageName(language) }),
      }),
    );
    this.field.lang = language;
    this.field.value = draft;
    this.replies.close();
    this._refuse("");
    this._fit();
  }

  /** Put a ready reply where the cursor is; nothing is sent. */
  insert(text) {
    const { value, selectionStart: from, selectionEnd: to } = this.field;
    const before = value.slice(0, from);
    const gap = before && !/\s$/.test(before) ? " " : "";
    this.field.value = before + gap + text + value.slice(to);
    const end = (before + gap + text).length;
    this.on.drafted(this.field.value);
    this._refuse("");
    this._fit();
    this.focus();
    this.field.setSelectionRange(end, end);
  }

  /** Put words back that were not sent, before whatever is written now. */
  putBack(text) {
    this.field.value = [text, this.field.value].filter(Boolean).join("\n");
    this.on.drafted(this.field.value);
    this._fit();
    this.focus();
  }

  focus() {
    this.field.focus();
  }

  _typed() {
    this.on.drafted(this.field.value);
    this._fit();
    if (this.field.value.length <= LIMIT) this._refuse("");
    if (this.field.value.trim() && Date.now() - this.typedAt > TYPING_EVERY_SECONDS * 1000) {
      this.typedAt = Date.now();
      this.on.typing();
    }
  }

  _send() {
    const text = this.field.value.trim();
    if (!text) return this._refuse(this.t("composer.empty"));
    if (text.length > LIMIT)
      return this._refuse(
        this.t("composer.too_long", { limit: this.t.number(LIMIT), over: this.t.number(text.length - LIMIT) }),
      );
    this.field.value = "";
    this.typedAt = 0;
    this.on.drafted("");
    this._refuse("");
    this._fit();
    this.on.send(text);
    return undefined;
  }

  _refuse(text) {
    this.error.hidden = !text;
    this.error.textContent = text;
    this.field.setAttribute("aria-describedby", text ? "answer-error answer-hint" : "answer-hint");
    if (text) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }

  _fit() {
    const left = LIMIT - this.field.value.length;
    this.left.hidden = left > NEAR_LIMIT;
    this.left.textContent = left < 0 ? this.t.count("composer.over", -left) : this.t.count("composer.left", left);
    this.left.classList.toggle("over", left < 0);
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, MOST_PIXELS)}px`;
  }
}
