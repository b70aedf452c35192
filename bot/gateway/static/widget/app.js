// Everything behind the button, put together on opening: conversation, panel, window, guard and notifications.

import { Announcer } from "./announcer.js";
import { Api } from "./api.js";
import { Conversation } from "./conversation.js";
import { Dialog } from "./dialog.js";
import { h } from "./dom.js";
import { Guard } from "./guard.js";
import { Memory } from "./memory.js";
import { Notifier } from "./notify.js";
import { setting } from "./options.js";
import { Panel } from "./panel.js";
import { loadWords } from "./words.js";

/** Make the panel of one <benefits-help> element; rejects when the words or the styles can't be fetched. */
export async function start(host) {
  const [t] = await Promise.all([loadWords(host.base, host.language), addStyles(host)]);
  return new App(host, t);
}

class App {
  constructor(host, t) {
    Object.assign(this, { host, t });
    this.page = host.page;
    this.memory = new Memory();
    this.announcer = new Announcer();
    const program = host.getAttribute("program") || undefined;
    this.conversation = new Conversation({ api: new Api(host.base, t.language), memory: this.memory, program, locale: t.language });
    this.frame = h("div", { class: "frame" });
    this._makeWindow();
    this._draw();
    this.frame.append(this.announcer.element);
    this.notifier = new Notifier({
      host,
      visible: () => this.opened && document.visibilityState === "visible",
      sound: () => setting(this.memory, "sound"),
    });
    this.guard = new Guard({
      element: this.frame,
      memory: this.memory,
      sensitive: () => this._sensitive(),
      cover: (level) => this.panel.cover(level, () => this.guard.lift()),
    });
    this._listen();
    this._scheme();
    host.tell("ready");
  }

  get opened() {
    return this.page || Boolean(this.dialog.opened);
  }

  get modal() {
    return Boolean(this.dialog && this.dialog.modal);
  }

  async open({ focus = true } = {}) {
    if (this.dialog) this.dialog.open();
    this.panel.log.show();
    this.host.showLauncher(false);
    this.memory.keep({ open: true });
    if (focus && !this.page) this.panel.focus();
    this.notifier.look();
    this.host.tell("open");
    this.guard.look();
    await this.listen();
    this.guard.look();
  }

  close() {
    if (this.page || !this.dialog.opened) return;
    this.dialog.close();
    this.memory.keep({ open: false });
    this.host.showLauncher(true, true);
    this.host.tell("close");
  }

  /** Begin or resume without opening, so that a specialist's answer reaches a closed panel. */
  async listen() {
    if (this.conversation.state === "new") await this.conversation.begin();
  }

  attributeChanged(name) {
    if (name === "lang" && !this.memory.preferences.language) this._speak(this.host.language);
    if (name === "theme") this._scheme();
  }

  _makeWindow() {
    const root = this.host.shadowRoot;
    if (this.page) {
      root.append(h("section", { class: "window page" }, this.frame));
      this.frame.addEventListener("keydown", (event) => event.key === "Escape" && this.panel.escape());
      return;
    }
    this.dialog = new Dialog({ label: this.t("panel.title"), onClose: () => this.panel.escape() || this.close() });
    this.dialog.element.append(this.frame);
    root.append(this.dialog.element);
  }

  _draw(draft = "") {
    const acts = {
      speak: (language) => this._choose(language),
      close: () => this.close(),
      restart: () => this.conversation.restart(),
      startOver: () => this._startOver(),
      end: () => this._end(),
      set: (name, value) => this._set(name, value),
    };
    const panel = new Panel({
      conversation: this.conversation,
      memory: this.memory,
      t: this.t,
      announcer: this.announcer,
      page: this.page,
      direction: this.host.getAttribute("dir") || this.t.direction,
      title: this.t("panel.title"),
      phones: () => this.host.phones(),
      acts,
      draft,
    });
    if (this.panel) this.panel.element.replaceWith(panel.element);
    else this.frame.prepend(panel.element);
    this.panel = panel;
    if (this.dialog) this.dialog.element.setAttribute("aria-label", this.t("panel.title"));
    this._applySettings();
  }

  _listen() {
    const on = (name, act) => this.conversation.addEventListener(name, (event) => act(event.detail));
    on("message", ({ message, fresh }) => this._message(message, fresh));
    on("pending", (item) => {
      this.panel.log.pend(item);
      const { state, withPerson } = this.conversation;
      if (item.state === "sending" && state === "online" && !withPerson) this.panel.typing("bot");
      else if (item.state !== "sending" && item.state !== "sent") this.panel.log.showTyping(null);
    });
    on("handled", (change) => {
      this.panel.handled(change);
      this.host.tell("handoff", { state: change.escalation ? change.escalation.state : "none" });
    });
    on("typing", (author) => this.panel.typing(author));
    on("state", (state) => {
      this.panel.drawState(state);
      if (["down", "offline"].includes(state)) this.host.tell("error", { code: state });
    });
    on("revealed", () => this.panel.log.refill());
    on("proven", () => {
      this.panel.log.redrawForms();
      this.panel.composer.focus();
      this.guard.touch();
    });
    on("ended", (reason) => {
      this.announcer.clear();
      if (this._restarting) return;
      this._draw();
      this.panel.showEnded(reason);
      this.host.tell("end");
    });
    on("reset", () => {
      this.guard.level = "";
      this._draw();
      this.memory.keep({ open: this.opened });
      if (this.opened) this.panel.focus();
    });
  }

  _message(message, fresh) {
    this.panel.log.add(message, fresh);
    if (!fresh || message.author === "visitor") return;
    this.notifier.arrived();
    this.host.tell("message", { author: message.author, seq: message.seq });
    if (!this.opened) this.host.announceClosed(this.t("unread.spoken", { count: this.notifier.unread }));
  }

  /** Claim data is in view once identity was proven in this conversation. */
  _sensitive() {
    const { messages } = this.conversation;
    return Boolean(messages.length && (this.memory.session.proven || messages.some((m) => m.private)));
  }

  _choose(language) {
    this.memory.prefer({ language });
    this.host._label();
    return this._speak(language);
  }

  async _speak(language) {
    if (language === this.t.language) return;
    try {
      this.t = await loadWords(this.host.base, language);
    } catch {
      return;
    }
    const covered = this.panel.covered && this.guard.level;
    this._draw(this.panel.composer.draft);
    if (covered) this.panel.cover(covered, () => this.guard.lift());
    this.frame.querySelector("button.language").focus();
    this.announcer.say(this.t("language.changed"), language);
    this.conversation.api.language = language;
    this.conversation.speak(language);
    this.host.tell("language", { language });
  }

  async _end() {
    this.guard.level = "";
    const erasedThere = await this.conversation.erase();
    if (!erasedThere) this.panel.showEnded("erased", false);
  }

  async _startOver() {
    this._restarting = true;
    await this.conversation.erase();
    this._restarting = false;
    await this.conversation.restart();
  }

  _set(name, value) {
    this.memory.prefer({ [name]: value });
    this._applySettings();
  }

  _applySettings() {
    this.frame.classList.toggle("still", !setting(this.memory, "motion"));
    this.frame.classList.toggle("times", setting(this.memory, "times"));
  }

  /** Light or dark: the page's wish, else the system's. One class, so that every colour is decided in one place. */
  _scheme() {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      const wish = this.host.getAttribute("theme");
      this.frame.classList.toggle("dark", wish === "dark" || (wish !== "light" && system.matches));
    };
    if (!this._watched) system.addEventListener("change", apply);
    this._watched = true;
    apply();
  }
}

/** The panel's styles: a constructed sheet passes any Content-Security-Policy; older browsers get a link. */
async function addStyles({ base, shadowRoot: root }) {
  const address = `${base}static/widget/panel.css`;
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`panel.css: ${answer.status}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(await answer.text());
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return;
  }
  const link = h("link", { rel: "stylesheet", href: address });
  await new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = reject;
    root.append(link);
  });
}
