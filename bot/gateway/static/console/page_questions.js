// Questions the bot had no answer to, in groups: each can become training examples of an intent, or be set aside.

import { h } from "../widget/dom.js";
import { announce } from "./announcer.js";

const MOST_GROUPS = 30;

export class QuestionsPage {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell });
    this.language = h(
      "select",
      { id: "question-language", on: { change: () => this.start() } },
      ["en", "es"].map((one) => h("option", { value: one, text: t.languageName(one) })),
    );
    this.language.value = t.language;
    this.download = h("a", { class: "download", download: true, text: t("questions.export") });
    this.state = h("p", { class: "quiet", role: "status" });
    this.groups = h("div", { class: "question-groups" });
    this.body = h(
      "div",
      {},
      h("p", { text: t("questions.intro") }),
      h(
        "div",
        { class: "filters" },
        h("div", { class: "field" }, h("label", { for: "question-language", text: t("context.language") }), this.language),
        this.download,
      ),
      this.state,
      this.groups,
    );
  }

  async start() {
    const language = this.language.value;
    this.download.href = `/console/api/examples.yml?language=${language}`;
    this.state.textContent = this.t("questions.loading");
    this.groups.replaceChildren();
    try {
      const { groups, intents } = await this.desk.api.read("questions", { language });
      if (language !== this.language.value) return;
      this.tell(null);
      this.intents = intents;
      const count = groups.reduce((sum, group) => sum + group.length, 0);
      this.state.textContent = count
        ? this.t("questions.found", { count: this.t.number(count), groups: this.t.number(groups.length) })
        : this.t("questions.none");
      this.groups.replaceChildren(...groups.slice(0, MOST_GROUPS).map((group, at) => this._group(group, at)));
    } catch (error) {
      this.state.textContent = "";
      this.tell(error);
    }
  }

  _group(group, at) {
    const { t } = this;
    const language = this.language.value;
    const rows = group.map((question, place) => {
      const name = t("questions.use", { number: place + 1 });
      const check = h("input", { type: "checkbox", "aria-label": name });
      check.checked = true;
      const text = h("input", { type: "text", lang: language, "aria-label": t("questions.words", { number: place + 1 }), value: question.text });
      return { question, check, text, element: h("div", { class: "question-row" }, check, text) };
    });
    const intent = h(
      "select",
      { id: `intent-${at}` },
      h("option", { value: "", text: t("questions.choose") }),
      this.intents.map((one) => h("option", { value: one, text: t.named("topic", one) })),
    );
    const error = h("p", { class: "field-error", role: "alert", hidden: true });
    const refuse = (text) => {
      error.hidden = !text;
      error.textContent = text;
    };
    const decide = async (chosen) => {
      const questions = rows
        .filter((row) => row.check.checked)
        .map(({ question, text }) => ({
          conversation_id: question.conversation_id,
          seq: question.seq,
          ...(chosen && text.value.trim() ? { text: text.value.trim() } : {}),
        }));
      if (!questions.length) return refuse(t("questions.missing"));
      if (chosen === "") return refuse(t("questions.no_intent"));
      try {
        await this.desk.api.write("POST", "questions", { questions, intent: chosen });
        announce(t("questions.done"));
        await this.start();
        this.state.focus();
      } catch (problem) {
        if (problem.status === undefined) throw problem;
        refuse(problem.message || t("error.unreachable"));
      }
      return undefined;
    };
    return h(
      "fieldset",
      { class: "question-group" },
      h("legend", { text: t.count("questions.group", group.length) }),
      rows.map((row) => row.element),
      error,
      h(
        "div",
        { class: "question-acts" },
        h("div", { class: "field" }, h("label", { for: `intent-${at}`, text: t("questions.intent") }), intent),
        h("button", { type: "button", class: "primary", text: t("questions.approve"), on: { click: () => decide(intent.value) } }),
        h("button", { type: "button", text: t("questions.dismiss"), on: { click: () => decide(null) } }),
      ),
    );
  }
}
