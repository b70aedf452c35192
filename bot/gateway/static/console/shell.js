// The console after signing in: the three columns, what is open (named in the address), and who hears of what.

import { h } from "../widget/dom.js";
import { Alerts } from "./alerts.js";
import { announce } from "./announcer.js";
import { Bar } from "./bar.js";
import { Conversation } from "./conversation.js";
import { Lists } from "./lists.js";
import { OfferPanel } from "./offer.js";
import { Pages } from "./pages.js";
import { subject } from "./row.js";
import { urgent } from "./desk.js";
import { listen, shortcutSheet } from "./shortcuts.js";
import { Side } from "./side.js";

const TICK_MILLISECONDS = 1000;
const NEWCOMERS_MILLISECONDS = 300;
const COUNT_MILLISECONDS = 60000;
const WIDE = window.matchMedia("(min-width: 46rem)");

export class Shell {
  constructor({ t, desk, chooseLanguage, signOut }) {
    Object.assign(this, { t, desk, newcomers: [] });
    const take = (id) => this.take(id);
    this.pages = new Pages({ t, desk });
    this.keys = shortcutSheet(t);
    this.bar = new Bar({
      t,
      me: desk.me,
      chooseLanguage,
      signOut,
      showKeys: () => this.keys.open(),
      retry: () => desk.live.retry(),
      setAvailability: (availability) => this._setAvailability(availability),
      skip: () => (this.pages.open ? this.pages : this.talk).focus(),
    });
    this.lists = new Lists({ t, desk, take });
    this.talk = new Conversation({
      t,
      desk,
      take,
      takeOver: (id) => this.takeOver(id),
      go: { back: () => this.open(null), details: () => this.toggleDetails(), takeNext: () => this.takeNext() },
    });
    this.side = new Side({ t, desk, close: () => this.toggleDetails(false) });
    this.alerts = new Alerts(t, desk, (id) => this.open(id));
    this.offer = new OfferPanel({
      t,
      desk,
      acts: { accept: take, decline: (id) => this.decline(id), leave: () => this._rest() },
    });
    this.columns = h(
      "main",
      { class: "columns", "data-view": "lists" },
      this.lists.element,
      this.talk.element,
      this.side.element,
    );
    this.element = h(
      "div",
      { class: "shell" },
      this.bar.element,
      this.pages.nav,
      this.offer.element,
      this.columns,
      this.pages.element,
      this.keys.element,
    );
  }

  start() {
    const { desk } = this;
    const on = (type, act) => {
      const heard = (event) => act(event.detail);
      desk.addEventListener(type, heard);
      this.undo.push(() => desk.removeEventListener(type, heard));
    };
    this.undo = [];
    on("list", () => (this.draw(), this.pages.listChanged()));
    on("talk", (detail) => this._talked(detail));
    on("typing", () => this.draw());
    on("outbox", ({ escalationId }) => escalationId === this.talk.id && this.talk.drawPending());
    on("fresh", ({ escalation }) => this._fresh(escalation));
    on("lost", ({ escalation }) => this._lost(escalation));
    on("intakes", () => this.pages.intakesChanged());
    on("line", ({ state }) => this.bar.showLine(state));
    on("missing", ({ id, error }) => id === this.talk.id && this.talk.showMissing(error));
    this.bar.showLine(desk.live.state);

    const follow = () => this._followAddress();
    window.addEventListener("hashchange", follow);
    this.undo.push(() => window.removeEventListener("hashchange", follow));
    this.undo.push(listen(this._shortcuts()));
    const timer = setInterval(() => this.tick(), TICK_MILLISECONDS);
    const counting = setInterval(() => this.pages.countIntakes(), COUNT_MILLISECONDS);
    this.pages.countIntakes();
    this.undo.push(
      () => clearInterval(timer),
      () => clearInterval(counting),
      () => clearTimeout(this.newcomersTimer),
      () => this.alerts.stop(),
      () => this.pages.stop(),
    );
    const away = (event) => this.bar.menu.contains(event.target) || this.bar.closeMenu();
    document.addEventListener("pointerdown", away);
    this.undo.push(() => document.removeEventListener("pointerdown", away));
    this._followAddress({ quietly: true });
    this.draw();
  }

  stop() {
    for (const undo of this.undo) undo();
  }

  /** Many changes in one go are drawn once. */
  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this._draw();
    });
    // A hidden tab gets no frames, but its title still has to count.
    if (document.hidden) {
      this._drawOffer();
      this.alerts.drawTitle();
    }
  }

  tick() {
    this.lists.tick();
    this.talk.tick();
    this.offer.tick();
  }

  /** Open an escalation by its address, so that the browser's back button closes it again. */
  open(id) {
    location.hash = id === null ? "" : `e${id}`;
  }

  async take(id) {
    this.open(id);
    this._followAddress();
    try {
      await this.desk.take(id);
      announce(this.t("take.done"));
      this.talk.stage.quiet();
      // On a phone the keyboard would cover what has to be read first.
      if (WIDE.matches) this.talk.stage.answer();
    } catch (error) {
      if (error.status === undefined) throw error;
      this.talk.stage.tell(error.message || this.t("error.unreachable"));
    }
  }

  async takeOver(id) {
    try {
      await this.desk.takeOver(id);
      announce(this.t("take.done"));
      this.talk.stage.answer();
    } catch (error) {
      if (error.status === undefined) throw error;
      this.talk.stage.tell(error.message || this.t("error.unreachable"));
    }
  }

  async decline(id) {
    this.offer.declined = true;
    try {
      await this.desk.decline(id);
      announce(this.t("offer.declined"));
    } catch (error) {
      if (error.status === undefined) throw error;
      // It has gone to somebody else meanwhile, which the queue says by itself.
      if (error.unreachable) this.offer.refuse(this.t("error.unreachable"));
    }
  }

  async _setAvailability(availability) {
    try {
      await this.desk.setAvailability(availability);
      announce(this.t(`availability.${availability}.done`));
    } catch (error) {
      if (error.status === undefined) throw error;
      announce(error.message || this.t("error.unreachable"));
    }
    this.bar.showAvailability(this.desk.me.availability);
  }

  /** Where the keyboard goes when what it was on has gone. */
  _rest() {
    if (this.talk.id === null) document.getElementById("queue-title").focus();
    else this.talk.focus();
  }

  takeNext() {
    const [next] = this.desk.waiting;
    if (next) this.take(next.id);
    else announce(this.t("queue.empty"));
  }

  /** On narrower pages the context takes the conversation's place. */
  toggleDetails(wanted = this.columns.dataset.view !== "details") {
    this.columns.dataset.view = wanted ? "details" : this.talk.id === null ? "lists" : "talk";
    (wanted ? this.side : this.talk).focus();
  }

  /** Open a tab of the right column with the keyboard in it. */
  openSide(name) {
    if (this.pages.open) return false;
    if (!this.side.element.offsetParent) this.toggleDetails(true);
    this.side.go(name);
    return true;
  }

  _draw() {
    this.lists.update();
    this.lists.mark(this.talk.id);
    this.talk.update();
    this.side.show(this.talk.escalation || null, this.talk.talk || null);
    this._drawOffer();
    this.alerts.drawTitle();
  }

  _drawOffer() {
    const before = this.offer.id;
    this.offer.draw();
    if (this.offer.id !== null && this.offer.id !== before) this.alerts.offered(this.desk.offer);
  }

  _followAddress({ quietly = false } = {}) {
    const wasPage = Boolean(this.pages.open);
    const isPage = this.pages.show(location.hash.slice(1));
    this.columns.hidden = isPage;
    if (isPage) {
      this.desk.open(null);
      this.talk.show(null);
      if (!quietly) this.pages.focus();
      return;
    }
    const match = /^#e(\d{1,9})$/.exec(location.hash);
    const id = match ? Number(match[1]) : null;
    if (id === this.talk.id && !quietly && !wasPage) return;
    const before = this.talk.id;
    this.columns.dataset.view = id === null ? "lists" : "talk";
    this.desk.open(id);
    this.talk.show(id);
    this._draw();
    if (quietly) return;
    if (id !== null) this.talk.focus();
    else if (!this.lists.all.some((list) => list.focus(before))) {
      document.getElementById("queue-title").focus();
    }
  }

  _talked({ conversationId, news = [] }) {
    this.draw();
    const { t, desk } = this;
    const said = news.filter((message) => message.author === "visitor");
    if (!said.length) return;
    const opened = this.talk.escalation;
    if (opened && opened.conversation_id === conversationId) {
      for (const message of said) announce(t("log.spoken", { text: message.text }), message.language);
    } else {
      const one = desk.mine.find((escalation) => escalation.conversation_id === conversationId);
      if (one) announce(t("mine.spoken", { subject: subject(one, t) }));
    }
    if (desk.mine.some((escalation) => escalation.conversation_id === conversationId)) this.alerts.answered();
  }

  /** After a lost connection many come at once: they are told of as one. */
  _fresh(escalation) {
    this.newcomers.push(escalation);
    clearTimeout(this.newcomersTimer);
    this.newcomersTimer = setTimeout(() => {
      const { t } = this;
      const all = this.newcomers.splice(0);
      const danger = all.find(urgent);
      const one = danger || (all.length === 1 && all[0]);
      const values = one && { subject: subject(one, t), language: t.languageName(one.language) };
      announce(
        one ? t(danger ? "queue.fresh_urgent" : "queue.fresh", values) : t.count("queue.fresh_many", all.length),
      );
      this.alerts.fresh(all);
    }, NEWCOMERS_MILLISECONDS);
  }

  _lost(escalation) {
    const words = this.t("take_over.lost", { name: escalation.specialist.alias, subject: subject(escalation, this.t) });
    if (this.talk.id === escalation.id) this.talk.stage.tell(words);
    else announce(words);
  }

  _shortcuts() {
    const { lists, talk } = this;
    return {
      j: () => lists.step(1),
      k: () => lists.step(-1),
      t: () => {
        const id = lists.focusedId || talk.id;
        const one = this.desk.escalations.get(id);
        if (one && ["waiting", "offered", "callback"].includes(one.state)) this.take(id);
      },
      a: () => (this.offer.id === null ? false : this.take(this.offer.id)),
      x: () => (this.offer.id === null ? false : this.decline(this.offer.id)),
      n: () => this.takeNext(),
      r: () => (talk.isMine ? talk.composer.focus() : false),
      u: () => talk.undoLast(),
      e: () => talk.openResolve(),
      q: () => document.getElementById("queue-title").focus(),
      d: () => (talk.id === null ? false : this.toggleDetails()),
      "/": () => (talk.isMine ? talk.composer.replies.open() : false),
      o: () => (talk.id === null ? false : this.openSide("notes")),
      c: () => this.openSide("classes"),
      g: () => {
        location.hash = "search";
      },
      i: () => {
        location.hash = "intakes";
      },
      "?": () => this.keys.open(),
      Escape: (event) => {
        if (this.pages.open) return event.target.closest("input, select, textarea") ? false : this.open(null);
        if (this.columns.dataset.view === "details") return this.toggleDetails(false);
        if (document.activeElement === talk.composer.field) return talk.focus();
        if (talk.id === null) return false;
        return this.open(null);
      },
    };
  }
}
