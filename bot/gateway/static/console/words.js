// The console's words in one language: its own and the widget's (both draw the same cards), with plurals and names.

import { speak } from "../widget/words.js";

export const LANGUAGES = ["en", "es"];

const LOCALES = { en: "en-US", es: "es-US" };

export async function loadWords(language) {
  const [shared, own] = await Promise.all(["widget", "console"].map((part) => catalogue(part, language)));
  return withPlurals(speak({ ...shared, ...own }, language), LOCALES[language]);
}

async function catalogue(part, language) {
  const answer = await fetch(`/static/${part}/words.${language}.json`);
  if (!answer.ok) throw new Error(`words of ${part} in ${language}: ${answer.status}`);
  return answer.json();
}

function withPlurals(t, locale) {
  const plural = new Intl.PluralRules(locale);
  const languages = new Intl.DisplayNames([locale], { type: "language" });
  const days = new Intl.DateTimeFormat(locale, { weekday: "long", month: "long", day: "numeric" });

  t.count = (key, count, values = {}) =>
    t(`${key}.${plural.select(count) === "one" ? "one" : "other"}`, { count: t.number(count), ...values });
  t.languageName = (code) => capital(languages.of(code || "en"));
  /** The words for a value of a closed vocabulary; one this console doesn't know yet is shown as it came. */
  t.named = (kind, value) => (t.has(`${kind}.${value}`) ? t(`${kind}.${value}`) : capital(value.replace(/_/g, " ")));
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  t.list = (names) => lists.format(names);
  t.dayOf = (moment) => capital(days.format(new Date(moment)));
  return t;
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
