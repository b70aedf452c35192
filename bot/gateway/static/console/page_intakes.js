// The requests that people put on record: the list of those to be worked on, and the one that is opened beside it.

import { factsCard } from "../widget/cards/facts.js";
import { h, icon } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { shortMoment } from "./context.js";

const AGAIN_MILLISECONDS = 20000;
const KINDS = ["statement", "appeal", "waiver", "payment_plan", "callback", "address"];
const PROGRAMS = ["wa_ui", "wa_pfml", "wa_cares", "ok_insurance"];
const OUTCOMES = ["acted", "forwarded", "not_reached", "not_needed", "not_possible"];
// What each choice of the first filter asks the server for.
const SHOWN = {
  undone: { undone: "1" },
  new: { progress: "new" },
  mine: { mine: "1", undone: "1" },
  in_hand: { progress: "in_hand" },
  done: { progress: "done" },
};

export class IntakesPage {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell, opened: null });
    this.shown = select("intakes-shown", t("intakes.shown"), Object.keys(SHOWN).map((name) => [name, t(`intakes.shown.${name}`)]));
    const any = ["", t("intakes.any")];
    this.kind = select("intakes-kind", t("intakes.kind"), [any, ...KINDS.map((kind) => [kind, t(`kind.${kind}`)])]);
    this.program = select("intakes-program", t("context.program"), [any, ...PROGRAMS.map((one) => [one, t.named("program.short", one)])]);
    this.language = select("intakes-language", t("context.language"), [any, ...["en", "es"].map((one) => [one, t.languageName(one)])]);
    this.late = h("input", { type: "checkbox", id: "intakes-late" });
    this.receipt = h("input", { id: "intakes-receipt", type: "search", autocomplete: "off", spellcheck: "false" });
    this.count = h("p", { class: "quiet", role: "status" });
    this.list = h("ul", { class: "found", "aria-label": t("page.intakes") });
    this.place = h("section", { class: "found-open intake-open", "aria-labelledby": "intake-title", hidden: true });
    this.body = h(
      "div",
      {},
      h(
        "form",
        { class: "filters", role: "search", on: { submit: (event) => (event.preventDefault(), this._load()), change: () => this._load() } },
        [this.shown, this.kind, this.program, this.language].map(({ field }) => field),
        h("div", { class: "field" }, h("label", { for: "intakes-receipt", text: t("intakes.receipt") }), this.receipt),
        h("label", { class: "check", for: "intakes-late" }, this.late, t("intakes.late_only")),
      ),
      this.count,
      h("div", { class: "found-columns" }, this.list, this.place),
    );
  }

  start() {
    this._load();
    this.timer = setInterval(() => this._load(), AGAIN_MILLISECONDS);
  }

  stop() {
    clearInterval(this.timer);
  }

  intakesChanged() {
    this._load();
  }

  async _load() {
    const { t } = this;
    this.turn = (this.turn || 0) + 1;
    const { turn } = this;
    try {
      const { intakes, total } = await this.desk.api.read("intakes", {
        // Who names a receipt wants that request, wherever it stands.
        ...(this.receipt.value.trim() ? {} : SHOWN[this.shown.input.value]),
        kind: this.kind.input.value,
        program: this.program.input.value,
        language: this.language.input.value,
        late: this.late.checked ? "1" : "",
        receipt: this.receipt.value.trim(),
      });
      // What was asked for before the filters changed may come last.
      if (turn !== this.turn) return;
      // Why something could not be done stays until something else is done.
      if (this.loadFailed) this.tell(null);
      this.loadFailed = false;
      const count = total > intakes.length ? t("intakes.most", { count: t.number(intakes.length), total: t.number(total) }) : t.count("intakes.found", total);
      // A status that is written anew is read out anew.
      if (this.count.textContent !== count) this.count.textContent = count;
      const focused = this.list.contains(document.activeElement) && document.activeElement.dataset.id;
      this.list.replaceChildren(...intakes.map((intake) => this._row(intake)));
      if (focused) this.list.querySelector(`[data-id="${focused}"]`)?.focus();
    } catch (error) {
      this.loadFailed = true;
      this.tell(error);
    }
  }

  _row(intake) {
    const { t } = this;
    const about = [intake.receipt, intake.program && t.named("program.short", intake.program), t.languageName(intake.language), shortMoment(intake.filed_at, t)];
    return h(
      "li",
      {},
      h(
        "a",
        {
          class: "found-row",
          href: "#intakes",
          "data-id": intake.id,
          "aria-current": this.opened === intake.id && "true",
          on: { click: (event) => (event.preventDefault(), this._open(intake.id)) },
        },
        h(
          "span",
          { class: "intake-head" },
          h("b", { text: t(`kind.${intake.kind}`) }),
          intake.is_late && h("span", { class: "mark late", text: t("intakes.late") }),
          h("span", { class: `mark ${intake.progress}`, text: this._progress(intake) }),
        ),
        h("span", { class: "facts-line", text: about.filter(Boolean).join(" · ") }),
      ),
    );
  }

  _progress({ progress, specialist, outcome }) {
    if (progress === "done") return this.t(`intakes.outcome.${outcome}`);
    if (progress === "new") return this.t("intakes.new_one");
    return specialist.id === this.desk.me.id ? this.t("intakes.with_me") : this.t("intakes.with", { name: specialist.alias });
  }

  async _open(id, { quietly = false } = {}) {
    try {
      const { intake } = await this.desk.api.read(`intakes/${id}`);
      this.opened = id;
      this.place.hidden = false;
      this.place.replaceChildren(...this._whole(intake));
      for (const one of this.list.querySelectorAll("a")) {
        if (one.dataset.id === String(id)) one.setAttribute("aria-current", "true");
        else one.removeAttribute("aria-current");
      }
      if (!quietly) this.place.querySelector("h3").focus();
      this.tell(null);
    } catch (error) {
      this.tell(error);
    }
  }

  _close() {
    const row = this.list.querySelector(`[data-id="${this.opened}"]`);
    this.opened = null;
    this.place.hidden = true;
    if (row) row.removeAttribute("aria-current");
    (row || this.shown.input).focus();
  }

  _whole(intake) {
    const { t } = this;
    const facts = [
      [t("intake.receipt"), intake.receipt],
      [t("intake.filed_at"), t.moment(intake.filed_at)],
      [t("context.language"), t.languageName(intake.language)],
      intake.program && [t("context.program"), t.named("program", intake.program)],
      intake.claim && [t("audit.claim"), `${intake.claim.claim_number} (${intake.claim.status})`],
      intake.matter && [t("intakes.about"), intake.matter],
      intake.due && [t("intakes.due"), intake.due],
      intake.specialist && [t("intakes.taken"), t("context.taken_by", { time: t.moment(intake.taken_at), name: intake.specialist.alias })],
      intake.outcome && [t("context.outcome"), `${t(`intakes.outcome.${intake.outcome}`)}, ${t.moment(intake.finished_at)}`],
      intake.note && [t("intakes.note"), intake.note],
    ].filter(Boolean);
    return [
      h(
        "div",
        { class: "intake-top" },
        h("h3", { id: "intake-title", tabindex: "-1", text: `${t(`kind.${intake.kind}`)} ${intake.receipt}` }),
        this._acts(intake),
        h("button", { type: "button", class: "icon-button", "aria-label": t("intakes.close"), on: { click: () => this._close() } }, icon("close")),
      ),
      h(
        "div",
        { class: "intake-text" },
        intake.is_late && h("p", { class: "alert problem", text: t("intake.late") }),
        factsCard({ facts: facts.map(([label, value]) => ({ label, value })) }),
        h("h4", { text: t("intakes.answers") }),
        // What was told shows as it was told.
        h("div", { lang: intake.language, dir: "auto" }, factsCard({ facts: intake.answers })),
        intake.claim && h("p", { class: "quiet", text: t("intakes.recorded") }),
        this._isMine(intake) && intake.progress === "in_hand" && this._finishForm(intake),
      ),
    ];
  }

  _isMine({ specialist }) {
    return Boolean(specialist && specialist.id === this.desk.me.id);
  }

  _acts(intake) {
    const { t, desk } = this;
    const act = (key, path, look) =>
      h("button", { type: "button", class: look, text: t(key), on: { click: () => this._change(intake.id, path, {}, t(`${key}.done`)) } });
    if (intake.progress === "new") return act("intakes.take", "take", "primary");
    const mayPutBack = this._isMine(intake) || desk.may("all_intakes");
    return intake.progress === "in_hand" && mayPutBack && act("intakes.put_back", "put-back", "");
  }

  _finishForm(intake) {
    const { t } = this;
    const outcome = select("intake-outcome", t("intakes.how"), [["", t("intakes.choose")], ...OUTCOMES.map((one) => [one, t(`intakes.outcome.${one}`)])]);
    const note = h("textarea", { id: "intake-note", rows: "3", maxlength: "2000", "aria-describedby": "intake-note-hint" });
    const problem = h("p", { class: "field-error", role: "alert", hidden: true, text: t("intakes.choose_first") });
    const send = (event) => {
      event.preventDefault();
      problem.hidden = Boolean(outcome.input.value);
      if (!outcome.input.value) return outcome.input.focus();
      return this._change(intake.id, "finish", { outcome: outcome.input.value, note: note.value }, t("intakes.finish.done"));
    };
    return h(
      "form",
      { class: "intake-finish", on: { submit: send } },
      h("h4", { text: t("intakes.finish") }),
      problem,
      outcome.field,
      h(
        "div",
        { class: "field" },
        h("label", { for: "intake-note", text: t("intakes.note") }),
        h("p", { class: "quiet", id: "intake-note-hint", text: t("intakes.note.hint") }),
        note,
      ),
      h("p", { class: "quiet", text: t("intakes.finish.hint") }),
      h("button", { type: "submit", class: "primary", text: t("intakes.finish.submit") }),
    );
  }

  async _change(id, path, body, said) {
    try {
      await this.desk.api.write("POST", `intakes/${id}/${path}`, body);
      announce(said);
      await this._open(id);
    } catch (error) {
      // A colleague was faster: the list says who has it, and the words why.
      await this._open(id, { quietly: true });
      this.tell(error);
    }
    await this._load();
  }
}

function select(id, label, options) {
  const input = h("select", { id }, options.map(([value, text]) => h("option", { value, text })));
  return { input, field: h("div", { class: "field" }, h("label", { for: id, text: label }), input) };
}
