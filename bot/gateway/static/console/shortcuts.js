// Keyboard shortcuts, and the sheet that lists them. Single keys never act while somebody writes, and can be turned off.

import { h } from "../widget/dom.js";
import { preferences } from "./preferences.js";

const SHEET = ["j", "k", "enter", "t", "n", "a", "x", "r", "/", "u", "e", "q", "d", "o", "c", "i", "g", "escape", "?"];

/** `acts` maps a key to a function; one that answers false lets the key through. */
export function listen(acts) {
  const heard = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const isWriting = event.target.closest("input, textarea, select, [contenteditable]");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key.length === 1 && (isWriting || !preferences.get("keys"))) return;
    if (!(key in acts) || acts[key](event) === false) return;
    event.preventDefault();
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}

export function shortcutSheet(t) {
  const keys = h("input", { type: "checkbox", id: "single-keys" });
  keys.addEventListener("change", () => preferences.set("keys", keys.checked));
  const close = h("button", {
    type: "button",
    class: "primary",
    text: t("close"),
    on: { click: () => dialog.close() },
  });
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title", text: t("keys.title") }),
    h("p", { class: "quiet", text: t("keys.intro") }),
    h(
      "dl",
      { class: "keys" },
      SHEET.map((key) =>
        h(
          "div",
          {},
          h("dt", {}, h("kbd", { text: t.has(`keys.name.${key}`) ? t(`keys.name.${key}`) : key.toUpperCase() })),
          h("dd", { text: t(`keys.${key}`) }),
        ),
      ),
    ),
    h("label", { class: "check", for: "single-keys" }, keys, t("keys.enabled")),
    h("div", { class: "dialog-actions" }, close),
  );
  return {
    element: dialog,
    open() {
      keys.checked = preferences.get("keys");
      dialog.showModal();
      close.focus();
    },
  };
}
