// The panel in one language: puts header, banner, messages, composer and sheets together and routes what happens.

import { h, icon } from "./dom.js";
import { Composer } from "./composer.js";
import { connectionBanner, headerBar, waitingText, whoBar } from "./header.js";
import { identityCard } from "./cards/identity.js";
import { leaveForm } from "./cards/left_message.js";
import { Log } from "./log.js";
import { confirmContent, helpContent, optionsContent, phoneList, privacyContent, setting } from "./options.js";
import { newClientId } from "./outbox.js";
import { Sheet } from "./sheet.js";

const QUIET_MILLISECONDS = 2500; // A short break in the line is not worth a banner.

export class Panel {
  constructor({ conversation, memory, t, announcer, page, direction, title, phones, acts, draft }) {
    Object.assign(this, { conversation, memory, t, announcer, phones, page, title, acts });
    const own = {
      retry: (id) => conversation.retrySay(id),
      edit: (words) => this._edit(words),
      prove: (values, seq) => {
        this.log.expect();
        return conversation.prove(values, seq);
      },
      person: () => this.askPerson(),
      rate: (seq, given) => conversation.rate(seq, given),
      said: (text) => announcer.say(text, t.language),
      leave: () => this.showLeave(),
      choose: (button) => conversation.say({ payload: button.payload, title: button.title }),
      focusAfterChoice: () => this._focusToGoOn(),
    };
    const privacy = h(
      "div",
      { class: "privacy", role: "note", "aria-label": t("privacy.title") },
      h("p", {}, icon("lock"), h("span", {}, t("privacy.note"), " ", this._linkButton(t("privacy.more"), () => this.showPrivacy()))),
    );
    this.log = new Log({ conversation, t, acts: own, announcer, top: privacy, page });
    this.composer = new Composer({
      t,
      announcer,
      draft,
      say: (text) => conversation.say({ text }),
      typing: () => conversation.typing(),
      enterSends: () => setting(memory, "enter"),
    });
    this.sheet = new Sheet({ t, behind: () => [this.log.element, this.composer.element] });
    const header = { speak: acts.speak, close: acts.close, options: () => this.toggleOptions() };
    this._who = h("div");
    this._banner = h("div");
    this.element = h(
      "div",
      { class: "panel", lang: t.language, dir: direction },
      headerBar(t, { title, page, acts: header }),
      this._who,
      this._banner,
      this.sheet.element,
      this.log.element,
      this.composer.element,
    );
    this.drawWho();
    this._swapBanner(conversation.state);
    if (conversation.state === "ended") this.showEnded("erased");
  }

  /** Where focus goes when the panel opens: straight to the words, or to the sheet that covers them. */
  focus() {
    if (this.sheet.opened) this.sheet.element.querySelector("h2").focus();
    else this._focusToGoOn();
  }

  drawWho() {
    const focused = this._who.contains(this._who.getRootNode().activeElement);
    const bar = whoBar(this.t, {
      escalation: this.conversation.escalation,
      ended: this.conversation.state === "ended",
      acts: { person: () => this.askPerson(), giveUp: () => this.giveUp(), leave: () => this.showLeave() },
    });
    this._who.replaceWith(bar);
    this._who = bar;
    if (focused && !this.sheet.opened) this.composer.focus();
  }

  drawState(state) {
    clearTimeout(this._quiet);
    if (state === "connecting") this._quiet = setTimeout(() => this._swapBanner(state, true), QUIET_MILLISECONDS);
    else this._swapBanner(state, true);
  }

  _swapBanner(state, aloud) {
    const before = this._shown;
    if (state === "connecting" && !aloud) return;
    this._shown = state;
    const focused = this._banner.contains(this._banner.getRootNode().activeElement);
    const banner = connectionBanner(this.t, {
      state,
      phones: phoneList(this.t, this.phones()),
      retry: () => this.conversation.retry(),
    });
    this._banner.replaceWith(banner);
    this._banner = banner;
    if (focused) this.composer.focus();
    const trouble = ["offline", "down", "starting"];
    if (!aloud || before === state) return;
    if (trouble.includes(state)) this.announcer.say(this.t(`line.${state}`), this.t.language);
    else if (state === "online" && trouble.includes(before)) this.announcer.say(this.t("line.back"), this.t.language);
  }

  async askPerson() {
    if (this._asking || this.conversation.withPerson) return;
    this._asking = true;
    if (this.sheet.opened && !this.sheet.locked) this.sheet.hide();
    this.log.expect();
    try {
      await this.conversation.askPerson();
    } catch {
      this.log.note(this.t("person.unreachable"));
    }
    this._asking = false;
  }

  async giveUp() {
    this.log.expect();
    try {
      await this.conversation.giveUp();
    } catch {
      this.log.note(this.t("person.unreachable"));
    }
  }

  /** The form for a message that is answered later. */
  showLeave() {
    const { t, conversation } = this;
    const clientId = newClientId();
    const leave = async (text) => {
      this.log.expect();
      await conversation.leaveMessage(text, clientId);
      this.sheet.hide();
      this.log.toEnd();
      this._focusToGoOn();
    };
    this.sheet.show({ name: "leave", title: t("message.title"), content: [leaveForm(t, leave)] });
  }

  /** Who answers now. Joining and leaving are messages of the transcript; only the place in line is told here. */
  handled({ escalation, before, fresh }) {
    this.drawWho();
    if (!fresh) return;
    const still = escalation && before && escalation.state === "waiting" && before.state === "waiting";
    if (!still || !escalation.position || escalation.position === before.position) return;
    this.announcer.say(waitingText(this.t, escalation), this.t.language);
  }

  typing(author) {
    const { escalation } = this.conversation;
    const name = (escalation && escalation.name) || this.t("author.someone");
    this.log.showTyping(this.t(author === "specialist" ? "typing.specialist" : "typing.bot", { name }), author === "specialist" ? 6 : 14);
  }

  toggleOptions() {
    if (this.sheet.locked) return;
    if (this.sheet.name === "options") this.sheet.back();
    else this.showOptions();
  }

  showOptions() {
    const acts = {
      transcript: () => this._transcript(),
      privacy: () => this.showPrivacy(true),
      help: () => this._under({ title: this.t("options.help"), content: helpContent(this.t, this.phones()) }),
      restart: () => this._confirm("restart"),
      end: () => this._confirm("end"),
      set: this.acts.set,
    };
    const started = this.conversation.started;
    const content = optionsContent(this.t, { memory: this.memory, acts, started });
    this._note = h("p", { class: "sheet-note", hidden: true });
    content.splice(1, 0, this._note);
    this.sheet.show({ name: "options", title: this.t("options.title"), content });
  }

  showPrivacy(fromOptions) {
    const page = { name: "privacy", title: this.t("privacy.title"), content: privacyContent(this.t) };
    if (fromOptions) this._under(page);
    else this.sheet.show(page);
  }

  /** The conversation is over: nothing of it is left on the screen. */
  showEnded(reason, erasedThere = true) {
    this.drawWho();
    const again = h("button", { type: "button", class: "primary", text: this.t("ended.again"), on: { click: this.acts.restart } });
    const content = [
      h("p", { text: this.t(reason === "erased" ? "ended.erased" : "ended.over") }),
      !erasedThere && h("p", { text: this.t("ended.owed") }),
      h("p", { text: this.t("ended.shared") }),
      h("div", { class: "buttons" }, again, !this.page && h("button", { type: "button", class: "secondary", text: this.t("panel.close"), on: { click: this.acts.close } })),
    ].filter(Boolean);
    this.sheet.show({ name: "ended", title: this.t("ended.title"), content, locked: true, mark: "check" });
  }

  /** Idle too long with claim data in view. `prove` asks for the claimant's details again before showing it. */
  cover(level, lift) {
    const { t } = this;
    const uncover = () => {
      this.sheet.hide();
      lift();
      this.log.toEnd();
      this.composer.focus();
    };
    const form = this.log.identityMessage;
    const content = [h("p", { text: t(`cover.${level}`) })];
    if (level === "prove" && form) {
      const prove = (values) => this.conversation.prove(values, form.seq).then(uncover);
      content.push(h("div", { class: "card", lang: form.language }, identityCard(form.card, t, { prove, person: () => this.askPerson() })));
    } else if (level === "touch") {
      content.push(h("div", { class: "buttons" }, h("button", { type: "button", class: "primary", text: t("cover.show"), on: { click: uncover } })));
    }
    const end = h("button", { type: "button", class: "secondary", text: t("options.end"), on: { click: this.acts.end } });
    content.push(h("div", { class: "buttons" }, end));
    this.sheet.show({ name: "cover", title: t("cover.title"), content, locked: true, mark: "lock" });
  }

  get covered() {
    return this.sheet.name === "cover";
  }

  /** Esc closes what is on top: a sheet first, then the panel. True when there was a sheet to close. */
  escape() {
    if (!this.sheet.opened || this.sheet.locked) return false;
    this.sheet.back();
    return true;
  }

  _under(page) {
    this.sheet.show({ ...page, onBack: () => this.showOptions() });
  }

  _confirm(what) {
    const save = h("button", { type: "button", class: "secondary", text: this.t("options.transcript"), on: { click: () => this._transcript() } });
    this._note = h("p", { class: "sheet-note", hidden: true });
    const content = confirmContent(this.t, {
      text: this.t(`confirm.${what}`),
      yes: this.t(`confirm.${what}.yes`),
      no: this.t("confirm.no"),
      onYes: what === "end" ? this.acts.end : this.acts.startOver,
      onNo: () => this.sheet.back(),
      extra: save,
    });
    content.push(this._note);
    this._under({ name: "confirm", title: this.t(`confirm.${what}.title`), content });
  }

  async _transcript() {
    let words = "transcript.saved";
    try {
      const file = await this.conversation.transcript();
      const address = URL.createObjectURL(file);
      const day = new Date().toISOString().slice(0, 10);
      h("a", { href: address, download: `${this.t("transcript.file")}-${day}.txt` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60000);
    } catch {
      words = "transcript.failed";
    }
    this._note.hidden = false;
    this._note.textContent = this.t(words);
    this.announcer.say(this.t(words), this.t.language);
  }

  _edit(words) {
    this.conversation.outbox.drop(words.client_id);
    this.log.pend({ ...words, state: "sent" });
    this.composer.edit(words.text || "");
  }

  /** Someone with a keyboard goes on writing; a thumb is not given an on-screen keyboard it did not ask for. */
  _focusToGoOn() {
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) this.composer.focus();
    else this.log.focus();
  }

  _linkButton(text, act) {
    return h("button", { type: "button", class: "as-link", text, on: { click: act } });
  }
}
