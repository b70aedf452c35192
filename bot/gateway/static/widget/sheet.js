// A page inside the panel that covers the conversation: options, help, a question before something final.

import { h, icon } from "./dom.js";

export class Sheet {
  constructor({ t, behind }) {
    Object.assign(this, { t, behind });
    this.element = h("section", { class: "sheet", hidden: true });
  }

  get opened() {
    return !this.element.hidden;
  }

  /** Show `content` under `title`. `locked` has no way back; `onBack` runs when the visitor goes back. */
  show({ title, content, locked = false, name = "", mark, onBack }) {
    if (!this.opened) this._before = this.element.getRootNode().activeElement;
    this.name = name;
    this.locked = locked;
    this._onBack = onBack;
    const heading = h("h2", { tabindex: "-1" }, mark && icon(mark), title);
    const back = h("button", { type: "button", class: "as-link back", on: { click: () => this.back() } }, icon("back"), this.t("sheet.back"));
    this.element.replaceChildren(...[locked ? null : back, heading, ...content].filter(Boolean));
    this.element.hidden = false;
    this.element.scrollTop = 0;
    for (const element of this.behind()) element.hidden = true;
    heading.focus();
  }

  back() {
    if (this._onBack) {
      this._onBack(); // Shows the page before this one in its place; where to return to stays as it was.
      return;
    }
    this.hide();
    if (this._before && this._before.isConnected) this._before.focus();
  }

  hide() {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.name = "";
    this.locked = false;
    for (const element of this.behind()) element.hidden = false;
  }
}
