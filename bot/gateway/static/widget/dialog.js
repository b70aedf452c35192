// The window around the panel: a dialog beside the page on wide screens, a modal one over it on small ones.

import { h } from "./dom.js";

const SMALL = "(max-width: 30em), (max-height: 28em)";
const FOCUSABLE = "a[href], button, input, select, textarea, [tabindex='0']";

export class Dialog {
  constructor({ label, onClose }) {
    this.onClose = onClose;
    this.element = h("dialog", { class: "window", "aria-label": label });
    this.small = matchMedia(SMALL);
    this.small.addEventListener("change", () => this.opened && this._show());
    this.element.addEventListener("cancel", (event) => event.preventDefault()); // Esc is handled once, below.
    if (window.visualViewport) visualViewport.addEventListener("resize", () => this._fit());
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  get modal() {
    return this.small.matches;
  }

  open() {
    this.opened = true;
    this._show();
  }

  close() {
    this.opened = false;
    if (this.element.close) this.element.close();
    else this.element.removeAttribute("open");
  }

  _show() {
    const { element } = this;
    const focused = element.getRootNode().activeElement;
    if (element.open && element.close) element.close();
    element.classList.toggle("modal", this.modal);
    element.setAttribute("aria-modal", String(this.modal));
    if (this.modal && element.showModal) element.showModal();
    else element.setAttribute("open", ""); // show() would move focus, also when the panel opens by itself.
    if (focused && element.contains(focused)) focused.focus();
  }

  /** An on-screen keyboard covers part of the window without resizing it: stay in the part that is seen. */
  _fit() {
    const { height, scale } = visualViewport;
    const covered = this.opened && this.modal && scale < 1.05 && height < window.innerHeight - 80;
    this.element.style.blockSize = covered ? `${height}px` : "";
  }

  _key(event) {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      event.stopPropagation();
      this.onClose();
    } else if (event.key === "Tab" && this.modal) this._wrap(event);
  }

  /** A modal keeps the keyboard: Tab on its last control goes to its first, and back. */
  _wrap(event) {
    const all = [...this.element.querySelectorAll(FOCUSABLE)].filter((one) => one.getClientRects().length && !one.disabled);
    if (!all.length) return;
    const edge = event.shiftKey ? all[0] : all[all.length - 1];
    if (this.element.getRootNode().activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all[all.length - 1] : all[0]).focus();
  }
}
