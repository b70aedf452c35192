// The bar at the top: the product, how the live line is doing, the language, the settings, and signing out.

import { h, icon, unseen } from "../widget/dom.js";
import { allowNotifications, canNotify } from "./alerts.js";
import { applyTheme, preferences } from "./preferences.js";
import { LANGUAGES } from "./words.js";

/** Buttons for the languages, each named in its own. */
export function languageSwitch(t, choose) {
  const names = { en: "English", es: "Español" };
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": t("bar.language") },
    LANGUAGES.map((language) =>
      h(
        "button",
        {
          type: "button",
          lang: language,
          "data-language": language,
          "aria-pressed": String(language === t.language),
          on: { click: () => choose(language) },
        },
        h("span", { class: "long", text: names[language] }),
        h("span", { class: "short", "aria-hidden": "true", text: language.toUpperCase() }),
      ),
    ),
  );
}

export class Bar {
  /** `skip()` moves the focus to the conversation: the address names the open one, so a plain link to it would not do. */
  constructor({ t, me, chooseLanguage, showKeys, signOut, retry, skip, setAvailability }) {
    this.t = t;
    this.availability = h("button", {
      type: "button",
      class: "availability",
      on: { click: () => setAvailability(this.isAvailable ? "away" : "available") },
    });
    this.showAvailability(me.availability);
    this.line = h("p", { class: "line-state" });
    this.retry = h("button", {
      type: "button",
      class: "small",
      hidden: true,
      text: t("line.retry"),
      on: { click: retry },
    });
    this.element = h(
      "header",
      { class: "bar" },
      h("a", {
        class: "skip",
        href: "#talk",
        text: t("bar.skip"),
        on: { click: (event) => (event.preventDefault(), skip()) },
      }),
      h("h1", { class: "product" }, t("product"), " ", h("span", { text: t("bar.console") })),
      h("div", { class: "line-place", role: "status" }, this.line),
      this.retry,
      h("div", { class: "bar-end" }, this.availability, languageSwitch(t, chooseLanguage), this._menu({ me, showKeys, signOut })),
    );
    this.showLine("connecting");
  }

  showLine(state) {
    this.line.className = `line-state ${state}`;
    this.line.replaceChildren(
      icon(state === "online" ? "check" : "alert"),
      h("span", { class: "word", text: this.t(`line.${state}`) }),
    );
    if (state === "offline") this.line.append(h("span", { class: "more", text: this.t("line.offline.more") }));
    this.retry.hidden = state !== "offline";
  }

  /** Whether I am offered people who wait. */
  showAvailability(availability) {
    this.isAvailable = availability === "available";
    const hint = this.t(`availability.${availability}.hint`);
    this.availability.dataset.availability = availability;
    this.availability.title = hint;
    this.availability.replaceChildren(
      h("span", { class: "lamp", "aria-hidden": "true" }),
      this.t(`availability.${availability}`),
      unseen(`. ${hint}`),
    );
  }

  _menu({ me, showKeys, signOut }) {
    const { t } = this;
    const themes = ["auto", "light", "dark"].map((theme) => h("option", { value: theme, text: t(`theme.${theme}`) }));
    const theme = h(
      "select",
      { id: "theme", on: { change: () => (preferences.set("theme", theme.value), applyTheme()) } },
      themes,
    );
    theme.value = preferences.get("theme");
    const undo = h("input", {
      type: "checkbox",
      id: "undo",
      on: { change: () => preferences.set("undo", undo.checked) },
    });
    undo.checked = preferences.get("undo");
    const notify = h("input", { type: "checkbox", id: "notify" });
    notify.checked = preferences.get("notify") && canNotify() && Notification.permission === "granted";
    const refused = h("p", { class: "field-error", role: "alert", hidden: true, text: t("menu.notify_refused") });
    notify.addEventListener("change", async () => {
      const allowed = await allowNotifications(notify.checked);
      refused.hidden = allowed;
      if (!allowed) notify.checked = false;
    });
    const panel = h(
      "div",
      { class: "menu-panel", id: "menu-panel", hidden: true },
      h("div", { class: "field" }, h("label", { for: "theme", text: t("menu.theme") }), theme),
      h("label", { class: "check", for: "undo" }, undo, t("menu.undo")),
      canNotify() && h("label", { class: "check", for: "notify" }, notify, t("menu.notify")),
      refused,
      h("button", {
        type: "button",
        class: "keys-button",
        text: t("keys.title"),
        on: { click: () => (this.closeMenu(), showKeys()) },
      }),
      h("button", { type: "button", class: "sign-out", text: t("bar.sign_out"), on: { click: signOut } }),
    );
    const button = h(
      "button",
      { type: "button", class: "menu-button", "aria-expanded": "false", "aria-controls": "menu-panel" },
      icon("person"),
      h("span", { class: "alias", text: me.alias }),
      icon("menu"),
    );
    const set = (open) => {
      panel.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
    };
    button.addEventListener("click", () => set(panel.hidden));
    const menu = h("div", { class: "menu" }, button, panel);
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || panel.hidden) return;
      event.stopPropagation();
      set(false);
      button.focus();
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) set(false);
    });
    this.closeMenu = () => set(false);
    this.menu = menu;
    return menu;
  }
}
