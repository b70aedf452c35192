// A list whose rows stay put while somebody points at it: new rows come last, those that left stay as notes until calm.

import { h } from "../widget/dom.js";

const GRACE_MILLISECONDS = 2500;

/**
 * `makeRow(item)` returns {element, link, item, isLive, update(item), gone(item), tick()}.
 * The keyboard reaches the list in one stop; arrows, Home and End move within it.
 */
export class SteadyList {
  constructor({ makeRow, label }) {
    Object.assign(this, { makeRow, rows: new Map(), items: [], leaving: new Map() });
    this.element = h("ul", { class: "rows", "aria-label": label });
    this.element.addEventListener("pointerenter", () => {
      this.pointed = true;
    });
    this.element.addEventListener("pointerleave", () => {
      this.pointed = false;
      this._settleSoon();
    });
    this.element.addEventListener("focusin", (event) => this._makeCurrent(this._rowOf(event.target)));
    this.element.addEventListener("focusout", () => this._settleSoon());
    this.element.addEventListener("keydown", (event) => this._move(event));
  }

  /** Show these items, given in the order they should have; returns the items that are new. */
  update(items) {
    const shown = new Set(items.map((item) => item.id));
    const fresh = [];
    const isFirst = this.rows.size === 0;
    const batch = document.createDocumentFragment();
    for (const item of items) {
      const row = this.rows.get(item.id);
      if (row) {
        const isBack = this.leaving.delete(item.id);
        // Hundreds of rows are looked at on every change: one whose item is the same object is left alone.
        if (isBack || row.isLive || row.item !== item) row.update(item);
      } else {
        fresh.push(item);
        batch.append(this._add(item));
      }
    }
    this.element.append(batch);
    for (const id of this.rows.keys()) {
      if (!shown.has(id) && !this.leaving.has(id)) this.leaving.set(id, Date.now());
    }
    this.items = items;
    if (!this.current || !this.rows.has(this.current)) this._makeCurrent(items[0] && items[0].id);
    if (isFirst) this._settle();
    else this._settleSoon();
    return fresh;
  }

  /** Say on a row that its item left, and where to. */
  explain(item) {
    const row = this.rows.get(item.id);
    if (row) row.gone(item);
  }

  tick() {
    for (const row of this.rows.values()) row.tick();
    if (this.leaving.size) this._settleSoon();
  }

  /** Put the keyboard on a row, by step from where it is now. */
  step(by) {
    const rows = Array.from(this.element.children);
    if (!rows.length) return false;
    const inside = this.element.contains(document.activeElement);
    const at = rows.findIndex((row) => Number(row.dataset.id) === this.current);
    const next = inside ? Math.min(Math.max(at + by, 0), rows.length - 1) : Math.max(at, 0);
    this.rows.get(Number(rows[next].dataset.id)).link.focus();
    return true;
  }

  /** False when there is no such row, or only the note it left. */
  focus(id) {
    const row = this.leaving.has(id) ? undefined : this.rows.get(id);
    if (row) row.link.focus();
    return Boolean(row);
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  get isBusy() {
    return this.pointed || this.hasFocus;
  }

  _add(item) {
    const row = this.makeRow(item);
    row.element.dataset.id = item.id;
    for (const stop of row.element.querySelectorAll("a, button")) stop.tabIndex = -1;
    this.rows.set(item.id, row);
    return row.element;
  }

  _rowOf(target) {
    const element = target.closest("[data-id]");
    return element ? Number(element.dataset.id) : undefined;
  }

  _makeCurrent(id) {
    if (id === this.current) return;
    for (const [one, index] of [
      [this.current, -1],
      [id, 0],
    ]) {
      const row = this.rows.get(one);
      if (row) for (const stop of row.element.querySelectorAll("a, button")) stop.tabIndex = index;
    }
    this.current = id;
  }

  _move(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.step(steps[event.key]);
  }

  _settleSoon() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._settle(), 0);
  }

  /** Nobody is here: take away what left, and put every row in its place. */
  _settle() {
    if (this.isBusy) return;
    for (const [id, since] of this.leaving) {
      if (Date.now() - since < GRACE_MILLISECONDS) continue;
      this.rows.get(id).element.remove();
      this.rows.delete(id);
      this.leaving.delete(id);
    }
    let at = this.element.firstElementChild;
    for (const item of this.items) {
      const row = this.rows.get(item.id).element;
      while (at && this.leaving.has(Number(at.dataset.id))) at = at.nextElementSibling;
      if (row === at) at = at.nextElementSibling;
      else this.element.insertBefore(row, at);
    }
    if (!this.rows.has(this.current)) this._makeCurrent(this.items[0] && this.items[0].id);
  }
}
