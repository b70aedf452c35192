// What a specialist chose for this browser: language, colours, single-key shortcuts, undo time, notifications.

const KEY = "benefits-help-console";
const DEFAULTS = { language: null, theme: "auto", keys: true, undo: true, notify: false };

const chosen = { ...DEFAULTS, ...read() };

export const preferences = {
  get: (name) => chosen[name],
  set(name, value) {
    chosen[name] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(chosen));
    } catch {
      // A browser that keeps nothing still honours the choice until the page is closed.
    }
  },
};

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

/** The language to begin with: the one chosen before, else the browser's, else English. */
export function firstLanguage(languages) {
  const wishes = [preferences.get("language"), ...(navigator.languages || []).map((tag) => tag.slice(0, 2))];
  return wishes.find((wish) => languages.includes(wish)) || "en";
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** Put light or dark on the page, and follow the system while the choice is "auto". */
export function applyTheme() {
  const theme = preferences.get("theme");
  document.documentElement.dataset.theme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
}

dark.addEventListener("change", applyTheme);
