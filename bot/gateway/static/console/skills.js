// What specialists are offered: everybody's for those who set it, one's own for the others.

import { factsCard } from "../widget/cards/facts.js";
import { h } from "../widget/dom.js";
import { announce } from "./announcer.js";

const PROGRAMS = ["wa_ui", "wa_pfml", "wa_cares", "ok_insurance"];
const LANGUAGES = ["en", "es"];
const MOST = 50;

export class Skills {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell });
    this.element = h("section", { class: "skills", "aria-labelledby": "skills-title" });
  }

  async start() {
    const { skills } = await this.desk.api.read("skills");
    this._show(skills);
  }

  _show(skills) {
    const { t, desk } = this;
    const title = h("h3", { id: "skills-title", tabindex: "-1", text: t(desk.may("skills") ? "skills.title" : "skills.own") });
    const body = desk.may("skills")
      ? [h("p", { class: "quiet", text: t("skills.hint") }), ...skills.map((one) => this._person(one))]
      : skills.map((one) => factsCard({ facts: this._facts(one), note: t("skills.own_hint") }));
    this.element.replaceChildren(title, ...body);
  }

  _facts({ programs, languages, capacity }) {
    const { t } = this;
    return [
      { label: t("skills.programs"), value: named(programs, (one) => t.named("program.short", one), t("skills.all_programs"), t) },
      { label: t("skills.languages"), value: named(languages, (one) => t.languageName(one), t("skills.all_languages"), t) },
      { label: t("skills.capacity"), value: t.number(capacity) },
    ];
  }

  _person(one) {
    return h(
      "details",
      { class: "skills-person", "data-id": one.id },
      h("summary", {}, h("b", { text: one.alias }), " ", h("span", { class: "quiet", text: skillsInWords(one, this.t) })),
      this._form(one),
    );
  }

  _form(one) {
    const { t } = this;
    const boxes = (name, values, chosen, word) =>
      values.map((value) => {
        const box = h("input", { type: "checkbox", name, value, id: `skills-${one.id}-${value}` });
        box.checked = chosen === null || chosen.includes(value);
        return h("label", { class: "check", for: box.id }, box, word(value));
      });
    const capacity = h("input", { type: "number", id: `skills-${one.id}-capacity`, min: "0", max: String(MOST), step: "1", value: String(one.capacity), required: true });
    const problem = h("p", { class: "field-error", role: "alert", hidden: true });
    const form = h(
      "form",
      { novalidate: true, on: { submit: (event) => (event.preventDefault(), this._save(one, form, capacity, problem)) } },
      problem,
      h("fieldset", {}, h("legend", { text: t("skills.programs") }), boxes("program", PROGRAMS, one.programs, (value) => t.named("program.short", value))),
      h("fieldset", {}, h("legend", { text: t("skills.languages") }), boxes("language", LANGUAGES, one.languages, (value) => t.languageName(value))),
      h(
        "div",
        { class: "field" },
        h("label", { for: capacity.id, text: t("skills.capacity") }),
        h("p", { class: "quiet", id: `${capacity.id}-hint`, text: t("skills.capacity.hint") }),
        capacity,
      ),
      h("button", { type: "submit", class: "primary", text: t("skills.save") }),
    );
    capacity.setAttribute("aria-describedby", `${capacity.id}-hint`);
    return form;
  }

  async _save(one, form, capacity, problem) {
    const { t } = this;
    const refuse = (text) => {
      problem.hidden = !text;
      problem.textContent = text;
    };
    const chosen = (name, all) => {
      const values = Array.from(form.querySelectorAll(`[name="${name}"]:checked`), (box) => box.value);
      return values.length === all.length ? null : values;
    };
    const programs = chosen("program", PROGRAMS);
    const languages = chosen("language", LANGUAGES);
    const count = Number(capacity.value);
    if ((programs && !programs.length) || (languages && !languages.length)) return refuse(t("skills.none"));
    if (!capacity.value || !Number.isInteger(count) || count < 0 || count > MOST) {
      capacity.focus();
      return refuse(t("skills.bad_capacity", { most: t.number(MOST) }));
    }
    try {
      const { skills } = await this.desk.api.write("PUT", `skills/${one.id}`, { programs, languages, capacity: count });
      this._show(skills);
      announce(t("skills.saved", { name: one.alias }));
      this.element.querySelector(`[data-id="${one.id}"] summary`).focus();
    } catch (error) {
      if (error.status === undefined) throw error;
      refuse(error.message || t("error.unreachable"));
    }
    return undefined;
  }
}

/** "Unemployment · English and Spanish · 3 at once". */
export function skillsInWords({ programs, languages, capacity }, t) {
  const parts = [
    named(programs, (one) => t.named("program.short", one), t("skills.all_programs"), t),
    named(languages, (one) => t.languageName(one), t("skills.all_languages"), t),
    t("skills.at_once", { count: t.number(capacity) }),
  ];
  return parts.join(" · ");
}

function named(values, word, all, t) {
  return values === null ? all : t.list(values.map(word));
}
