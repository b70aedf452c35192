// The right column: details, notes and job classes as tabs, of which one shows.

import { h, icon } from "../widget/dom.js";
import { Classes } from "./classes.js";
import { Context } from "./context.js";
import { Notes } from "./notes.js";

export class Side {
  constructor({ t, desk, close }) {
    this.t = t;
    this.tabs = {
      details: new Context({ t }),
      notes: new Notes({ t, desk }),
      classes: new Classes({ t, api: desk.api }),
    };
    const back = h(
      "button",
      { type: "button", class: "icon-button only-collapsed", "aria-label": t("context.close"), on: { click: close } },
      icon("back"),
    );
    this.buttons = {};
    this.panels = {};
    for (const [name, tab] of Object.entries(this.tabs)) {
      this.buttons[name] = h("button", {
        type: "button",
        id: `tab-${name}`,
        role: "tab",
        "aria-controls": `panel-${name}`,
        text: t(`side.${name}`),
        on: { click: () => this.choose(name) },
      });
      this.panels[name] = h(
        "div",
        { class: "scroll context-body", id: `panel-${name}`, role: "tabpanel", tabindex: "0", "aria-labelledby": `tab-${name}` },
        tab.body,
      );
    }
    const list = h("div", { class: "tabs", role: "tablist", "aria-label": t("context.title") }, Object.values(this.buttons));
    list.addEventListener("keydown", (event) => this._move(event));
    this.element = h(
      "section",
      { class: "context", "aria-label": t("context.title") },
      h("header", { class: "pane-head" }, back, list),
      Object.values(this.panels),
    );
    this.choose("details");
  }

  choose(name) {
    this.chosen = name;
    for (const [one, button] of Object.entries(this.buttons)) {
      button.setAttribute("aria-selected", String(one === name));
      button.tabIndex = one === name ? 0 : -1;
      this.panels[one].hidden = one !== name;
    }
  }

  /** Choose a tab and put the keyboard where its work begins. */
  go(name) {
    this.choose(name);
    const tab = this.tabs[name];
    if (tab.focus) tab.focus();
    else this.focus();
  }

  focus() {
    this.buttons[this.chosen].focus();
  }

  show(escalation, talk) {
    this.tabs.details.show(escalation, talk);
    this.tabs.notes.show(escalation, talk);
    const count = talk ? talk.notes.length : 0;
    const text = count ? this.t("side.notes.count", { count: this.t.number(count) }) : this.t("side.notes");
    if (this.buttons.notes.textContent !== text) this.buttons.notes.textContent = text;
  }

  _move(event) {
    const names = Object.keys(this.buttons);
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.choose(names[(names.indexOf(this.chosen) + steps[event.key] + names.length) % names.length]);
    this.focus();
  }
}
