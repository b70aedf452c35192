// How long somebody has waited: the big number and its unit, the words a screen reader hears, and how late it is.

import { now } from "./clock.js";

const MINUTE = 60000;
const LONG_MINUTES = 5;
const LATE_MINUTES = 15;

/** Whole minutes from `since` (ISO) until now; cheap, so that hundreds of rows can ask every second. */
export function minutesSince(since) {
  return Math.max(0, Math.floor((now() - Date.parse(since)) / MINUTE));
}

/** {number, unit, spoken, level} for a wait of so many minutes. */
export function waited(minutes, t) {
  const level = minutes >= LATE_MINUTES ? "late" : minutes >= LONG_MINUTES ? "long" : "new";
  return { ...parts(minutes, t), level };
}

function parts(minutes, t) {
  if (minutes < 60) return { number: t.number(minutes), unit: t("wait.min"), spoken: t.count("wait.minutes", minutes) };
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    const rest = minutes % 60;
    return {
      number: `${hours}:${String(rest).padStart(2, "0")}`,
      unit: t("wait.h"),
      spoken: `${t.count("wait.hours", hours)} ${t.count("wait.minutes", rest)}`,
    };
  }
  const days = Math.floor(hours / 24);
  return {
    number: t.number(days),
    unit: t(days === 1 ? "wait.day" : "wait.days_unit"),
    spoken: t.count("wait.days", days),
  };
}
