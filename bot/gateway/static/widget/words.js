// The words of the interface in one language, and dates and numbers as that language says them.

const LOCALES = { en: "en-US", es: "es-US" };
const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|yi)/;

/** Fetch the catalogue of a language; returns `t(key, values)` with the helpers below attached. */
export async function loadWords(base, language) {
  const answer = await fetch(`${base}static/widget/words.${language}.json`);
  if (!answer.ok) throw new Error(`words.${language}.json: ${answer.status}`);
  return speak(await answer.json(), language);
}

export function speak(texts, language) {
  const locale = LOCALES[language] || language;

  const t = (key, values = {}) =>
    (texts[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  t.has = (key) => key in texts;
  t.language = language;
  t.direction = RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr";
  t.number = (value) => new Intl.NumberFormat(locale).format(value);
  t.time = (moment) => new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(new Date(moment));
  t.moment = (moment) =>
    new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" }).format(new Date(moment));
  // A plain day has no time zone: it is read and said in UTC so that it never slips to the day before.
  t.day = (day) =>
    new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
  t.months = () => {
    const format = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" });
    return Array.from({ length: 12 }, (_, month) => format.format(new Date(Date.UTC(2024, month, 1))));
  };
  return t;
}
