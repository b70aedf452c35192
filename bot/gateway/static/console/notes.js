// The second tab of the right column: what colleagues write to each other about a conversation. Visitors never see it.

import { h, icon } from "../widget/dom.js";
import { announce } from "./announcer.js";

export class Notes {
  constructor({ t, desk }) {
    Object.assign(this, { t, desk });
    this.list = h("ol", { class: "notes" });
    this.empty = h("p", { class: "quiet" });
    this.field = h("textarea", { id: "note", rows: "3", "aria-describedby": "note-hint" });
    this.error = h("p", { class: "field-error", id: "note-error", role: "alert", hidden: true });
    this.form = h(
      "form",
      { class: "note-form", on: { submit: (event) => this._add(event) } },
      h("label", { for: "note", text: t("notes.label") }),
      this.error,
      this.field,
      h("p", { class: "quiet", id: "note-hint" }, icon("lock"), " ", t("notes.hint")),
      h("button", { type: "submit", text: t("notes.add") }),
    );
    this.body = h("div", { class: "part" }, this.empty, this.list, this.form);
    this.show(null, null);
  }

  show(escalation, talk) {
    const notes = talk ? talk.notes : [];
    const key = JSON.stringify([escalation && escalation.id, notes.length]);
    if (key === this.shown) return;
    this.shown = key;
    if ((escalation && escalation.id) !== this.id) {
      this.id = escalation && escalation.id;
      this.field.value = "";
      this._refuse("");
    }
    this.conversationId = escalation && escalation.conversation_id;
    this.form.hidden = !escalation;
    this.empty.hidden = notes.length > 0;
    this.empty.textContent = this.t(escalation ? "notes.none" : "context.empty");
    this.list.replaceChildren(...notes.map((note) => noteItem(note, this.t)));
  }

  focus() {
    this.field.focus();
  }

  async _add(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) {
      this._refuse(this.t("notes.empty"));
      this.field.focus();
      return;
    }
    try {
      await this.desk.note(this.conversationId, text);
      this.field.value = "";
      this._refuse("");
      announce(this.t("notes.added"));
    } catch (error) {
      if (error.status === undefined) throw error;
      this._refuse(error.message || this.t("error.unreachable"));
    }
  }

  _refuse(text) {
    this.error.hidden = !text;
    this.error.textContent = text;
    this.field.toggleAttribute("aria-invalid", Boolean(text));
    if (text) this.field.setAttribute("aria-invalid", "true");
  }
}

export function noteItem(note, t) {
  return h(
    "li",
    { class: "note-item" },
    h(
      "p",
      { class: "who" },
      h("span", { class: "name", text: note.specialist.alias }),
      h("time", { datetime: note.created_at, text: t.moment(note.created_at) }),
    ),
    h("p", { class: "plain", dir: "auto", text: note.text }),
  );
}
