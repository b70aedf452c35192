// Reports over a range of days: the main figures, then each with its plot, its table and its file.

import { h } from "../widget/dom.js";
import { bars, figure, lyingBars, table, tiles } from "./figures.js";

const PROGRAMS = ["wa_ui", "wa_pfml", "wa_cares", "ok_insurance"];
const USUAL_DAYS = 30;

export class ReportsPage {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell });
    this.first = h("input", { type: "date", id: "report-first", value: dayBefore(USUAL_DAYS - 1) });
    this.last = h("input", { type: "date", id: "report-last", value: dayBefore(0) });
    this.language = select("report-language", [["", t("reports.every")], ["en", t.languageName("en")], ["es", t.languageName("es")]]);
    this.program = select("report-program", [["", t("reports.every")], ...PROGRAMS.map((one) => [one, t.named("program", one)])]);
    const field = (input, key) => h("div", { class: "field" }, h("label", { for: input.id, text: t(key) }), input);
    this.figures = h("div", { class: "report" });
    this.body = h(
      "div",
      {},
      h(
        "form",
        { class: "filters", on: { submit: (event) => (event.preventDefault(), this.start()) } },
        field(this.first, "reports.first"),
        field(this.last, "reports.last"),
        field(this.language, "context.language"),
        field(this.program, "context.program"),
        h("button", { type: "submit", class: "primary", text: t("reports.show") }),
      ),
      h("p", { class: "quiet", text: t("reports.note") }),
      this.figures,
    );
  }

  get values() {
    return { first: this.first.value, last: this.last.value, language: this.language.value, program: this.program.value };
  }

  async start() {
    try {
      this._show(await this.desk.api.read("reports", this.values));
      this.tell(null);
    } catch (error) {
      this.tell(error);
    }
  }

  _show({ totals, days, reasons, comments, cards }) {
    const { t } = this;
    const shorts = new Intl.DateTimeFormat(t.language, { month: "short", day: "numeric", timeZone: "UTC" });
    const names = days.map(({ day }) => shorts.format(new Date(`${day}T00:00:00Z`)));
    const column = (name) => days.map((day) => day[name]);
    const whole = (value) => t.number(Math.round(value * 10) / 10);
    this.figures.replaceChildren(
      tiles([
        { label: t("reports.visits"), value: t.number(totals.visits) },
        {
          label: t("reports.containment"),
          value: totals.containment === null ? "–" : percent(totals.containment, t),
          hint: t("reports.of_judged", { contained: t.number(totals.contained), judged: t.number(totals.judged) }),
        },
        { label: t("reports.escalations"), value: t.number(totals.escalations), hint: t.count("reports.abandoned", totals.abandoned) },
        { label: t("reports.first_reply"), ...this._spread(totals.first_reply) },
        { label: t("reports.wait"), ...this._spread(totals.wait) },
        { label: t("reports.handling"), ...this._spread(totals.handling) },
        {
          label: t("reports.satisfaction"),
          value: totals.ratings.mean === null ? "–" : t.number(Math.round(totals.ratings.mean * 10) / 10),
          hint: t.count("reports.ratings", totals.ratings.count),
        },
        { label: t("reports.unanswered"), value: t.number(totals.unanswered) },
      ]),
      figure(
        t("reports.visits_by_day"),
        bars({
          title: t("reports.visits_by_day"),
          labels: names,
          series: [
            { name: t("reports.visits"), values: column("visits") },
            { name: t("reports.contained"), values: column("contained") },
          ],
          format: whole,
        }),
        table({
          caption: t("reports.visits_by_day"),
          columns: [t("reports.day"), t("reports.visits"), t("reports.contained"), t("reports.judged"), t("reports.containment")],
          numeric: [1, 2, 3, 4],
          rows: days.map((day, at) => [
            names[at],
            t.number(day.visits),
            t.number(day.contained),
            t.number(day.judged),
            day.containment === null ? "–" : percent(day.containment, t),
          ]),
        }),
        this._download("days"),
      ),
      figure(
        t("reports.escalations_by_day"),
        bars({
          title: t("reports.escalations_by_day"),
          labels: names,
          series: [{ name: t("reports.escalations"), values: column("escalations") }],
          format: whole,
        }),
        table({
          caption: t("reports.escalations_by_day"),
          columns: [t("reports.day"), t("reports.escalations"), t("reports.median_wait")],
          numeric: [1, 2],
          rows: days.map((day, at) => [names[at], t.number(day.escalations), duration(day.median_wait, t)]),
        }),
        this._download("days"),
      ),
      this._counts("reports.by_reason", reasons.map(({ word, count }) => [t.named("reason", word), count]), "reasons"),
      this._counts(
        "reports.by_stars",
        Object.entries(totals.ratings.stars).map(([stars, count]) => [t.count("reports.stars", Number(stars)), count]),
      ),
      this._comments(comments),
      this._cards(cards),
    );
  }

  _counts(key, rows, file) {
    const { t } = this;
    return figure(
      t(key),
      lyingBars({ title: t(key), labels: rows.map(([name]) => name), values: rows.map(([, count]) => count), format: t.number }),
      table({
        caption: t(key),
        columns: [t("reports.what"), t("reports.count")],
        numeric: [1],
        rows: rows.map(([name, count]) => [name, t.number(count)]),
        empty: t("reports.nothing"),
      }),
      file && this._download(file),
    );
  }

  _comments(comments) {
    const { t } = this;
    const words = table({
      caption: t("reports.comments"),
      columns: [t("reports.day"), t("reports.points"), t("reports.words")],
      numeric: [1],
      rows: comments.map((one) => [t.day(one.day), t.number(one.stars), one.words]),
      empty: t("reports.nothing"),
    });
    return h("section", { class: "comments" }, words, comments.length > 0 && this._download("comments"));
  }

  _cards(cards) {
    const { t } = this;
    return figure(
      t("reports.cards"),
      lyingBars({
        title: t("reports.cards"),
        labels: cards.map((card) => card.card_id),
        values: cards.map((card) => card.unhelpful),
        format: t.number,
      }),
      table({
        caption: t("reports.cards"),
        columns: [t("reports.card"), t("reports.unhelpful"), t("reports.helpful")],
        numeric: [1, 2],
        rows: cards.map((card) => [card.card_id, t.number(card.unhelpful), t.number(card.helpful)]),
        empty: t("reports.nothing"),
      }),
      this._download("cards"),
    );
  }

  _spread({ count, median, p90 }) {
    const { t } = this;
    if (!count) return { value: "–" };
    return { value: duration(median, t), hint: t("reports.p90", { time: duration(p90, t) }) };
  }

  _download(name) {
    const query = new URLSearchParams({ table: name, ...Object.fromEntries(Object.entries(this.values).filter(([, value]) => value)) });
    return h("a", { class: "download", href: `/console/api/reports.csv?${query}`, download: true, text: this.t("reports.csv") });
  }
}

function select(id, options) {
  return h("select", { id }, options.map(([value, text]) => h("option", { value, text })));
}

/** A day so many days ago, as a date field has it. */
function dayBefore(days) {
  const day = new Date(Date.now() - days * 86400000);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

function percent(share, t) {
  return new Intl.NumberFormat(t.language, { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/** Seconds as people say them: 45 s, 3 min, 1 h 20 min. */
function duration(seconds, t) {
  if (seconds === null) return "–";
  if (seconds < 60) return t("time.seconds", { count: t.number(Math.round(seconds)) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("time.minutes", { count: t.number(minutes) });
  return t("time.hours", { hours: t.number(Math.floor(minutes / 60)), minutes: t.number(minutes % 60) });
}
