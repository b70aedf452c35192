// A date people know by heart (a birth date): month, day and year apart, with no calendar to page through.

import { h, newId } from "../dom.js";

export function dateField({ name, label, hint }, t) {
  const id = newId(name);
  const error = h("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const about = hint ? `${id}-hint ${id}-error` : `${id}-error`;
  const month = h("select", { id: `${id}-m`, autocomplete: "off" }, h("option", { value: "", text: t("date.select") }));
  t.months().forEach((text, index) => month.append(h("option", { value: String(index + 1), text })));
  const day = number(`${id}-d`, 2);
  const year = number(`${id}-y`, 4);
  const parts = { month, day, year };
  for (const input of Object.values(parts)) input.setAttribute("aria-describedby", about);

  const read = () => [year, month, day].map((input) => Number(input.value.trim() || NaN));

  const element = h(
    "fieldset",
    { class: "field date" },
    h("legend", { text: label }),
    hint && h("p", { class: "hint", id: `${id}-hint`, text: hint }),
    error,
    h(
      "div",
      { class: "date-parts" },
      t("date.order")
        .split(" ")
        .map((part) =>
          h("div", { class: `date-${part}` }, h("label", { for: parts[part].id, text: t(`date.${part}`) }), parts[part]),
        ),
    ),
  );

  return {
    name,
    element,
    value() {
      const [y, m, d] = read();
      return `${String(y).padStart(4, "0")}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`;
    },
    clear() {
      for (const input of Object.values(parts)) input.value = "";
    },
    check(words) {
      const problem = findProblem(...read());
      const text = problem ? words(`date.${problem.why}`, { label }) : "";
      error.textContent = text;
      error.hidden = !text;
      for (const [part, input] of Object.entries(parts)) {
        if (problem && problem.parts.includes(part)) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
      return problem && { text, focus: () => parts[problem.parts[0]].focus() };
    },
  };
}

function number(id, length) {
  return h("input", { id, type: "text", inputmode: "numeric", autocomplete: "off", maxlength: length, class: `digits-${length}` });
}

/** What is wrong with a birth date: a missing part, a day that does not exist, or one that can't be a birth date. */
function findProblem(year, month, day) {
  const missing = Object.entries({ month, day, year }).filter(([, value]) => Number.isNaN(value));
  if (missing.length === 3) return { why: "missing", parts: ["month", "day", "year"] };
  if (missing.length) return { why: "incomplete", parts: missing.map(([part]) => part) };
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return { why: "unreal", parts: ["day"] };
  if (year < 1900 || date > new Date()) return { why: "range", parts: ["year"] };
  return null;
}
