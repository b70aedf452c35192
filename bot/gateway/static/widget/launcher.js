// The launcher: defines <benefits-help>, shows its button, and loads everything else when someone opens it.
// Brought by widget.js, whose tag has the data- attributes.
(() => {
  if (customElements.get("benefits-help")) return;

  const script = document.currentScript.widget;
  const BASE = new URL(".", script.src).href;
  const LANGUAGES = ["en", "es"];
  const ATTRIBUTES = ["program", "lang", "dir", "mode", "position", "theme", "label", "phone", "tty"];

  // The words needed before (or without) the catalogue. words.yml holds the same under launcher.*.
  const WORDS = {
    en: {
      open: "Help chat",
      opening: "Opening the help chat…",
      unread: "{count} new",
      down: "The help chat is not answering right now. You can still reach us by phone.",
      phone: "Phone",
      tty: "Textphone (TTY)",
      again: "Try again",
      close: "Close",
    },
    es: {
      open: "Chat de ayuda",
      opening: "Abriendo el chat de ayuda…",
      unread: "{count} nuevos",
      down: "El chat de ayuda no responde en este momento. Todavía puede llamarnos por teléfono.",
      phone: "Teléfono",
      tty: "Teléfono de texto (TTY)",
      again: "Intentar de nuevo",
      close: "Cerrar",
    },
  };

  const STYLE = `
:host { color-scheme: light dark; }
.corner, .frame { all: initial; font: 400 medium/1.4 var(--bh-font, "Public Sans", system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", Arial, sans-serif); }
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
.corner { position: fixed; z-index: var(--bh-z-index, 9000); display: grid; gap: .5em; justify-items: end;
  inset-block-end: max(var(--bh-offset-block, 1em), env(safe-area-inset-bottom));
  inset-inline-end: var(--bh-offset-inline, 1em); max-inline-size: calc(100vw - 2em); }
:host([position="start"]) .corner { inset-inline: var(--bh-offset-inline, 1em) auto; justify-items: start; }
button { font: inherit; cursor: pointer; }
.launcher { display: flex; align-items: center; gap: .5em; min-block-size: 3em; padding: .5em 1.1em;
  font-weight: 700; color: var(--bh-accent-text, #fff); background: var(--bh-accent, #005ea2);
  border: 2px solid transparent; border-radius: 2em; box-shadow: 0 2px 8px rgba(0, 0, 0, .35); }
.launcher:hover { filter: brightness(.88); }
.launcher[aria-busy="true"] { cursor: progress; }
svg { inline-size: 1.5em; block-size: 1.5em; fill: none; stroke: currentcolor; stroke-width: 2; flex: none;
  stroke-linejoin: round; stroke-linecap: round; }
:focus-visible { outline: 4px solid #2491ff; outline-offset: 2px; }
.badge { padding: 0 .5em; border-radius: 1em; color: #1b1b1b; background: #ffbe2e; font-size: .875em; }
.outage { inline-size: 20em; max-inline-size: 100%; box-sizing: border-box; padding: 1em; color: #1b1b1b;
  background: #fff; border: 1px solid #71767a; border-inline-start: .5em solid #ffbe2e; border-radius: 4px;
  box-shadow: 0 2px 8px rgba(0, 0, 0, .35); }
.outage p, .outage dl { margin: 0 0 .75em; } .outage dt { font-size: .875em; } .outage dd { margin: 0 0 .5em; }
.outage a { color: #005ea2; font-weight: 700; font-size: 1.15em; }
.outage button { min-block-size: 2.75em; margin-inline-end: .5em; padding: .25em 1em; color: #005ea2;
  background: #fff; border: 2px solid currentcolor; border-radius: 4px; font-weight: 700; }
@media (forced-colors: active) { .launcher, .badge, .outage { border: 2px solid ButtonText; } }
@media print { .corner { display: none; } }`;

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const bubble = () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M4 4h16v12h-9l-5 4v-4H4z");
    svg.append(path);
    return svg;
  };

  const stored = (storage, key) => {
    try {
      return JSON.parse(window[storage].getItem(key)) || {};
    } catch {
      return {};
    }
  };

  class BenefitsHelp extends HTMLElement {
    static get observedAttributes() {
      return ["lang", "label", "theme"];
    }

    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      this.base = BASE;
      this.style.position = this.page ? "" : "fixed"; // No layout shift, even before any style has arrived.
      this._style(root);
      this._button = make("button", { type: "button", class: "launcher", "aria-expanded": "false" });
      this._text = make("span");
      this._badge = make("span", { class: "badge", hidden: "" });
      this._status = make("div", { role: "status" });
      this._corner = make("div", { class: "corner" }, this._status, this._button);
      this._button.append(bubble(), this._text, this._badge);
      this._button.addEventListener("click", () => this.open());
      root.append(this._corner);
      this._corner.hidden = this.page;
      this._label();
      const session = stored("sessionStorage", "benefits-help");
      if (this.page) this._load().then((app) => app && app.open());
      else if (session.id) this._resume(session);
      this._keepPhones();
    }

    attributeChangedCallback(name, before, now) {
      if (!this._button || before === now) return;
      this._label();
      if (this._app) this._app.attributeChanged(name);
    }

    get page() {
      return this.getAttribute("mode") === "page";
    }

    /** The language to speak: what the visitor chose, else the attribute, the page, the browser. */
    get language() {
      const wishes = [
        stored("localStorage", "benefits-help").language,
        this.getAttribute("lang"),
        document.documentElement.lang,
        navigator.language,
      ];
      const known = wishes.map((wish) => (wish || "").slice(0, 2).toLowerCase()).find((l) => LANGUAGES.includes(l));
      return known || "en";
    }

    get opened() {
      return Boolean(this._app && this._app.opened);
    }

    async open() {
      this._button.setAttribute("aria-busy", "true");
      const slow = setTimeout(() => (this._status.textContent = this._words.opening), 800);
      const app = await this._load();
      clearTimeout(slow);
      this._status.textContent = "";
      this._button.removeAttribute("aria-busy");
      if (app) await app.open();
      else this._outage();
    }

    close() {
      if (this._app) this._app.close();
    }

    toggle() {
      return this.opened ? this.close() : this.open();
    }

    /** Called by the panel: show or hide the button, and how many messages wait behind it. */
    showLauncher(shown, focus) {
      this._corner.hidden = !shown || this.page;
      this._button.setAttribute("aria-expanded", String(!shown));
      if (shown && focus && !this.page) this._button.focus();
    }

    setUnread(count) {
      this._badge.hidden = !count;
      this._badge.textContent = count ? this._words.unread.replace("{count}", count) : "";
    }

    announceClosed(text) {
      this._status.textContent = text;
      setTimeout(() => (this._status.textContent = ""), 6000);
    }

    tell(name, detail = {}) {
      this.dispatchEvent(new CustomEvent(`benefits-help:${name}`, { detail, bubbles: true, composed: true }));
    }

    get _words() {
      return WORDS[this.language];
    }

    _label() {
      this._text.textContent = this.getAttribute("label") || this._words.open;
      this._corner.lang = this.language;
      if (this._app) this._app.attributeChanged("label");
    }

    _style(root) {
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
      } catch {
        root.append(make("style", {}, STYLE)); // Browsers before 2023; needs a page without a strict style-src.
      }
    }

    _load() {
      if (this._loading) return this._loading;
      const retry = this._failures ? `?again=${this._failures}` : ""; // Browsers remember a failed import.
      this._loading = import(`${BASE}static/widget/app.js${retry}`)
        .then((module) => module.start(this))
        .then((app) => (this._app = app))
        .catch((error) => {
          this._failures = (this._failures || 0) + 1;
          this._loading = null;
          this.tell("error", { code: "not_loaded", message: String(error) });
          if (this.page) this._outage();
          return null;
        });
      return this._loading;
    }

    /** A conversation is under way in this tab: listen for news; reopen where it was open, without taking focus. */
    async _resume(session) {
      const app = await this._load();
      if (!app) return;
      if (session.open && !app.modal) app.open({ focus: false });
      else app.listen();
    }

    /** Remember the agency's phones (nothing personal), so that they can be shown when the service is down. */
    async _keepPhones() {
      try {
        const answer = await fetch(`${BASE}api/agency?locale=${this.language}`);
        if (answer.ok) localStorage.setItem("benefits-help:agency", await answer.text());
      } catch {
        // Shown from the last visit or from the phone and tty attributes instead.
      }
    }

    /** Whom to call: the attributes, else the page's program, else every program the agency answered with. */
    phones() {
      const phone = this.getAttribute("phone");
      if (phone) return [{ phone, tty: this.getAttribute("tty") }];
      const all = stored("localStorage", "benefits-help:agency").programs || [];
      const own = all.filter((program) => program.id === this.getAttribute("program"));
      return own.length ? own : all;
    }

    _outage() {
      const words = this._words;
      const list = make("dl");
      for (const { name = "", ...program } of this.phones()) {
        for (const kind of ["phone", "tty"]) {
          if (!program[kind]) continue;
          const link = make("a", { href: `tel:${program[kind].replace(/[^+\d]/g, "")}` }, program[kind]);
          list.append(make("dt", {}, `${name} ${words[kind]}`.trim()), make("dd", {}, link));
        }
      }
      const again = make("button", { type: "button" }, words.again);
      const close = make("button", { type: "button" }, words.close);
      const text = make("p", { tabindex: "-1" }, words.down);
      const box = make("div", { class: "outage", role: "region", "aria-label": words.open }, text, list, again);
      if (!this.page) box.append(close);
      const remove = () => {
        box.remove();
        this._button.hidden = false;
      };
      again.addEventListener("click", () => {
        remove();
        this.open();
      });
      const leave = () => {
        remove();
        this._button.focus();
      };
      close.addEventListener("click", leave);
      box.addEventListener("keydown", (event) => event.key === "Escape" && leave());
      this.shadowRoot.querySelectorAll(".outage").forEach((old) => old.remove());
      this._button.hidden = true;
      this._corner.hidden = false;
      this._corner.append(box);
      if (!this.page) text.focus();
    }
  }

  customElements.define("benefits-help", BenefitsHelp);

  const place = () => {
    if (document.querySelector("benefits-help") || "manual" in script.dataset) return;
    const element = document.createElement("benefits-help");
    for (const name of ATTRIBUTES) {
      if (script.dataset[name] !== undefined) element.setAttribute(name, script.dataset[name]);
    }
    document.body.append(element);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
})();
