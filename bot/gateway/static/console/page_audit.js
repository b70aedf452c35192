// The record: who signed in, which claims specialists viewed, which transcripts were searched and opened.

import { h } from "../widget/dom.js";
import { table } from "./figures.js";
import { skillsInWords } from "./skills.js";

export class AuditPage {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell });
    this.tables = h("div", { class: "audit" });
    this.body = h("div", {}, h("p", { class: "quiet", text: t("audit.intro") }), this.tables);
  }

  async start() {
    const { t } = this;
    try {
      const audit = await this.desk.api.read("audit");
      this.tell(null);
      const empty = t("audit.nothing");
      this.tables.replaceChildren(
        table({
          caption: t("audit.sign_ins"),
          empty,
          columns: [t("audit.when"), t("audit.who"), t("audit.result"), t("audit.address")],
          rows: audit.sign_ins.map((row) => [
            t.moment(row.at),
            row.alias || t("audit.unknown"),
            t(`audit.outcome.${row.outcome}`),
            row.address,
          ]),
        }),
        table({
          caption: t("audit.claims"),
          empty,
          columns: [t("audit.when"), t("audit.who"), t("audit.claim"), t("audit.conversation")],
          rows: audit.claim_reads.map((row) => [t.moment(row.at), row.alias || "–", row.claim_number, short(row.conversation_id)]),
        }),
        table({
          caption: t("audit.transcripts"),
          empty,
          columns: [t("audit.when"), t("audit.who"), t("audit.what"), t("audit.conversation")],
          rows: audit.transcript_reads.map((row) => [
            t.moment(row.at),
            row.alias,
            row.look === "searched" ? t("audit.searched", { words: row.words, count: t.number(row.found) }) : t("audit.opened"),
            short(row.conversation_id),
          ]),
        }),
        table({
          caption: t("audit.skills"),
          empty,
          columns: [t("audit.when"), t("audit.of"), t("audit.by"), t("audit.before"), t("audit.after")],
          rows: audit.skill_changes.map((row) => [
            t.moment(row.at),
            row.alias,
            row.by || t("audit.operator"),
            skillsInWords(row.before, t),
            skillsInWords(row.after, t),
          ]),
        }),
      );
    } catch (error) {
      this.tell(error);
    }
  }
}

/** Enough of an id to tell two conversations apart. */
function short(id) {
  return id ? id.slice(0, 10) : "–";
}
