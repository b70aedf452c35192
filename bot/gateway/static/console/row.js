// A row of the lists at the left: the wait first and largest, then what it is about and what was said last.

import { h, icon, unseen } from "../widget/dom.js";
import { urgent } from "./desk.js";
import { minutesSince, waited } from "./waiting.js";

/** A row of the queue, with a button to take it. */
export function waitingRow(escalation, t, { take, isMine }) {
  const row = frame(escalation, t, {
    since: (one) => one.opened_at,
    label: "wait.waiting",
    // Without a topic the reason is the title; why somebody goes before others is said in words.
    says: (one) =>
      [one.priority !== "usual" && t.named("priority", one.priority), one.topic && t.named("reason", one.reason)]
        .filter(Boolean)
        .join(" · "),
  });
  const button = h("button", { type: "button", class: "take", on: { click: () => take(row.item.id) } });
  row.element.append(button);
  return finish(
    row,
    (one) => {
      button.replaceChildren(t("take.short"), unseen(` ${subject(one, t)}`));
      button.hidden = false;
      row.last.textContent = [one.offer && t("row.offered", { name: one.offer.alias }), languageAndProgram(one, t)]
        .filter(Boolean)
        .join(" · ");
    },
    (one) => {
      button.hidden = true;
      if (one.state === "callback") row.last.textContent = t("row.left_message");
      else if (one.state !== "active") row.last.textContent = t("row.left");
      else row.last.textContent = isMine(one) ? t("row.yours") : t("row.taken_by", { name: one.specialist.alias });
    },
  );
}

/** A row of the messages left for later. */
export function leftRow(escalation, t, { take }) {
  const row = frame(escalation, t, {
    since: (one) => one.opened_at,
    label: "wait.left",
    says: (one) => [one.reference, languageAndProgram(one, t)].filter(Boolean).join(" · "),
  });
  const button = h("button", { type: "button", class: "take", on: { click: () => take(row.item.id) } });
  row.element.append(button);
  return finish(
    row,
    (one) => {
      button.replaceChildren(t("take.left"), unseen(` ${one.reference}`));
      button.hidden = false;
      row.last.textContent = lastWords(one.last_visitor_message, t);
    },
    (one) => {
      button.hidden = true;
      row.last.textContent = one.specialist ? t("row.taken_by", { name: one.specialist.alias }) : t("row.left");
    },
  );
}

/** A row of my conversations; its wait is the visitor's for my answer. */
export function myRow(escalation, t, { talkOf }) {
  const owed = (one) => owedIn(one, talkOf(one));
  const row = frame(escalation, t, {
    since: (one) => owed(one).since,
    label: "wait.for_you",
    says: (one) => languageAndProgram(one, t),
  });
  const count = h("span", { class: "count", hidden: true });
  row.link.append(count);
  row.isLive = true; // It draws the talk as well, which changes under the same escalation.
  return finish(
    row,
    (one) => {
      const talk = talkOf(one);
      const open = owed(one).count;
      count.hidden = !open;
      count.replaceChildren(t.number(open), unseen(` ${t.count("row.unanswered", open)}`));
      const newest = talk.messages.length ? talk.messages[talk.messages.length - 1] : one.last_message;
      row.last.textContent = talk.isTyping ? t("typing.visitor") : lastWords(newest, t);
      row.last.classList.toggle("is-typing", talk.isTyping);
    },
    (one) => {
      count.hidden = true;
      row.last.classList.remove("is-typing");
      row.last.textContent = ended(one, t);
    },
  );
}

/** A row of what colleagues have. */
export function colleagueRow(escalation, t) {
  const row = frame(escalation, t, {
    since: (one) => one.taken_at,
    label: "wait.taken",
    says: (one) => languageAndProgram(one, t),
  });
  return finish(
    row,
    (one) => {
      row.last.textContent = t("row.with", { name: one.specialist.alias });
    },
    (one) => {
      row.last.textContent = ended(one, t);
    },
  );
}

/** What an escalation is about in a few words: its topic, else why a person was brought in. */
export function subject(escalation, t) {
  return escalation.topic ? t.named("topic", escalation.topic) : t.named("reason", escalation.reason);
}

function ended({ state, outcome }, t) {
  if (state && state !== "resolved") return t("row.passed_on");
  return outcome === "left" ? t("outcome.left") : t("row.resolved");
}

function languageAndProgram(escalation, t) {
  const { language, program } = escalation;
  return [t.languageName(language), program && t.named("program.short", program)].filter(Boolean).join(" · ");
}

function owedIn(escalation, talk) {
  if (talk.messages.length) return talk.owed(escalation.taken_at);
  const last = escalation.last_message;
  return { since: last && last.author === "visitor" ? last.created_at : null, count: 0 };
}

/** `since` gives the moment a wait began, `label` the words for it, `says` the second line. */
function frame(escalation, t, { since, label, says }) {
  const row = { item: escalation, says, last: h("span", { class: "last" }) };
  const number = h("b", { "aria-hidden": "true" });
  const unit = h("span", { class: "unit", "aria-hidden": "true" });
  const spoken = h("span", { class: "unseen" });
  const wait = h("span", { class: "wait" }, number, unit, spoken);
  const title = h("span", { class: "subject" });
  const facts = h("span", { class: "facts-line" });
  row.link = h("a", { class: "row-link" }, wait, h("span", { class: "words" }, title, facts, row.last));
  row.element = h("li", { class: "row" }, row.link);
  row.draw = () => {
    const one = row.item;
    const isUrgent = Boolean(urgent(one));
    row.link.href = `#e${one.id}`;
    row.element.classList.toggle("urgent", isUrgent);
    title.replaceChildren(...(isUrgent ? [icon("alert")] : []), subject(one, t));
    facts.textContent = row.says(one);
  };
  row.tick = () => {
    const moment = since(row.item);
    const minutes = moment ? minutesSince(moment) : -1;
    if (minutes === row.minutes) return;
    row.minutes = minutes;
    const shown = moment ? waited(minutes, t) : null;
    wait.className = shown ? `wait ${shown.level}` : "wait none";
    wait.classList.toggle("tight", Boolean(shown) && shown.number.length > 3);
    number.replaceChildren(shown ? shown.number : icon("check"));
    unit.textContent = shown ? shown.unit : t("wait.answered");
    spoken.textContent = shown ? `${t(label, { time: shown.spoken })}. ` : `${t("wait.answered_spoken")}. `;
  };
  return row;
}

function finish(row, update, gone) {
  row.update = (one) => {
    row.item = one;
    row.element.classList.remove("is-gone");
    row.draw();
    update(one);
    row.tick();
  };
  row.gone = (one) => {
    row.element.classList.add("is-gone");
    gone(one);
  };
  row.update(row.item);
  return row;
}

function lastWords(message, t) {
  if (!message) return "";
  const who = message.author === "specialist" ? t("row.you_side") : t(`author.${message.author}`);
  const text = message.text || t("row.private"); // Claim data is not shown in the queue.
  return `${who}: ${text.replace(/\s+/g, " ").slice(0, 160)}`;
}
