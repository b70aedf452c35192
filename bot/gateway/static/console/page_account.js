// One's own account: a new password, the browsers that are signed in, what one is offered; for admins everybody's too.

import { h } from "../widget/dom.js";
import { announce } from "./announcer.js";
import { table } from "./figures.js";
import { Skills } from "./skills.js";

export class AccountPage {
  constructor({ t, desk, tell }) {
    Object.assign(this, { t, desk, tell });
    this.old = passwordField("old-password", t("account.old"), "current-password");
    this.new = passwordField("new-password", t("account.new"), "new-password", t("account.new.hint"));
    this.error = h("p", { class: "field-error", role: "alert", hidden: true });
    this.done = h("p", { class: "alert info", role: "status", hidden: true, text: t("account.changed") });
    this.sessions = h("div");
    this.skills = new Skills({ t, desk, tell });
    this.accounts = h("div");
    this.body = h(
      "div",
      { class: "account" },
      h(
        "form",
        { class: "account-form", on: { submit: (event) => this._change(event) } },
        h("h3", { text: t("account.password") }),
        // Password managers want to know whose password it is.
        h("input", { type: "text", autocomplete: "username", value: desk.me.alias, hidden: true, "aria-hidden": "true" }),
        this.error,
        this.done,
        this.old.element,
        this.new.element,
        h("button", { type: "submit", class: "primary", text: t("account.change") }),
      ),
      this.sessions,
      this.skills.element,
      this.accounts,
    );
  }

  async start() {
    try {
      const { sessions } = await this.desk.api.read("sessions");
      this._showSessions(sessions);
      await this.skills.start();
      if (this.desk.may("accounts")) this._showAccounts((await this.desk.api.read("accounts")).accounts);
      this.tell(null);
    } catch (error) {
      this.tell(error);
    }
  }

  async _change(event) {
    event.preventDefault();
    const refuse = (text) => {
      this.error.hidden = !text;
      this.error.textContent = text;
    };
    this.done.hidden = true;
    if (!this.old.input.value || !this.new.input.value) return refuse(this.t("account.missing"));
    try {
      await this.desk.api.write("POST", "password", { old: this.old.input.value, new: this.new.input.value });
      refuse("");
      this.old.input.value = this.new.input.value = "";
      this.done.hidden = false;
      await this.start();
    } catch (error) {
      if (error.status === undefined) throw error;
      refuse(error.message || this.t("error.unreachable"));
    }
    return undefined;
  }

  _showSessions(sessions) {
    const { t } = this;
    this.sessions.replaceChildren(
      table({
        caption: t("account.sessions"),
        columns: [t("account.browser"), t("account.since"), t("account.seen"), t("account.act")],
        rows: sessions.map((one) => [
          browserName(one.browser) || t("account.unknown"),
          t.moment(one.created_at),
          t.moment(one.last_seen_at),
          one.current ? t("account.here") : this._act("account.end", () => this._do("DELETE", `sessions/${one.id}`)),
        ]),
      }),
    );
  }

  _showAccounts(accounts) {
    const { t, desk } = this;
    this.accounts.replaceChildren(
      table({
        caption: t("account.accounts"),
        columns: [t("board.name"), t("sign_in.login"), t("board.role"), t("account.seen"), t("account.act")],
        rows: accounts.map((one) => [
          one.alias,
          one.login,
          t(`role.${one.role}`),
          one.last_seen_at ? t.moment(one.last_seen_at) : "–",
          one.disabled
            ? t("account.disabled")
            : one.id === desk.me.id
              ? t("account.you")
              : h(
                  "div",
                  { class: "acts" },
                  this._act("account.end_all", () => this._do("DELETE", `accounts/${one.id}/sessions`), one.alias),
                  this._act("account.disable", (event) => this._disable(one, event.currentTarget), one.alias),
                ),
        ]),
      }),
    );
  }

  /** `name` is whose it is, for those who hear one button after the other. */
  _act(key, act, name) {
    const text = this.t(key);
    return h("button", { type: "button", class: "small", "aria-label": name && `${text}: ${name}`, text, on: { click: act } });
  }

  /** Only the second press disables: the first one asks. */
  _disable(one, button) {
    const question = this.t("account.sure", { name: one.alias });
    if (button.textContent === question) return this._do("POST", `accounts/${one.id}/disable`, {});
    button.textContent = question;
    button.removeAttribute("aria-label");
    announce(question);
    return undefined;
  }

  async _do(method, path, body) {
    try {
      await this.desk.api.write(method, path, body);
      announce(this.t("account.done"));
      await this.start();
    } catch (error) {
      this.tell(error);
    }
  }
}

/** "Firefox, Windows" out of what a browser calls itself; as it stands when it is none we know. */
function browserName(agent) {
  if (!agent) return "";
  const known = (names) => names.find((name) => agent.includes(name));
  const browser = known(["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/"]);
  const system = known(["Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"]);
  const names = { "Edg/": "Edge", "OPR/": "Opera" };
  return browser ? [names[browser] || browser.slice(0, -1), system].filter(Boolean).join(", ") : agent;
}

function passwordField(id, label, autocomplete, hint) {
  const input = h("input", { id, type: "password", autocomplete, required: true, "aria-describedby": hint && `${id}-hint` });
  return {
    input,
    element: h(
      "div",
      { class: "field" },
      h("label", { for: id, text: label }),
      hint && h("p", { class: "quiet", id: `${id}-hint`, text: hint }),
      input,
    ),
  };
}
