// The console's other pages beside the conversations: which there are for this account, and which is open.

import { h, unseen } from "../widget/dom.js";
import { AccountPage } from "./page_account.js";
import { AuditPage } from "./page_audit.js";
import { BoardPage } from "./page_board.js";
import { IntakesPage } from "./page_intakes.js";
import { QuestionsPage } from "./page_questions.js";
import { ReportsPage } from "./page_reports.js";
import { SearchPage } from "./page_search.js";

// The name is the page's address after "#"; one without a right is everybody's.
const PAGES = [
  { name: "intakes", make: IntakesPage },
  { name: "search", make: SearchPage },
  { name: "board", right: "board", make: BoardPage },
  { name: "reports", right: "reports", make: ReportsPage },
  { name: "questions", right: "examples", make: QuestionsPage },
  { name: "audit", right: "audit", make: AuditPage },
  { name: "account", make: AccountPage },
];

/**
 * A page is made with {t, desk, tell(problem)} and has `body`, `start()`, and may have `stop()`, `listChanged()` and
 * `intakesChanged()`.
 */
export class Pages {
  constructor({ t, desk }) {
    Object.assign(this, { t, desk, open: null, name: "" });
    this.allowed = PAGES.filter(({ right }) => !right || desk.may(right));
    const link = (name, address) => h("a", { href: address, "data-page": name, text: t(`page.${name || "desk"}`) });
    this.nav = h(
      "nav",
      { class: "pages", "aria-label": t("page.nav") },
      h(
        "ul",
        {},
        h("li", {}, link("", "#")),
        // One's account is in the menu under one's name.
        this.allowed.filter(({ name }) => name !== "account").map(({ name }) => h("li", {}, link(name, `#${name}`))),
      ),
    );
    this.title = h("h2", { id: "page-title", tabindex: "-1" });
    this.problem = h("p", { class: "alert problem", role: "alert", hidden: true });
    this.place = h("div");
    this.element = h(
      "main",
      { class: "page-view", hidden: true },
      h("div", { class: "page-body" }, this.title, this.problem, this.place),
    );
  }

  /** Show the page of an address, or none; returns whether there is one. */
  show(name) {
    const page = this.allowed.find((one) => one.name === name);
    for (const link of this.nav.querySelectorAll("a")) {
      if (link.dataset.page !== (page ? name : "")) link.removeAttribute("aria-current");
      else {
        link.setAttribute("aria-current", "page");
        link.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    }
    this.element.hidden = !page;
    if (page && this.name === name) return true;
    this.stop();
    if (!page) return false;
    this.name = name;
    this.title.textContent = this.t(`page.${name}`);
    this.open = new page.make({ t: this.t, desk: this.desk, tell: (error) => this._tell(error) });
    this.place.replaceChildren(this.open.body);
    this._tell(null);
    this.open.start();
    return true;
  }

  stop() {
    if (this.open && this.open.stop) this.open.stop();
    this.open = null;
    this.name = "";
  }

  focus() {
    this.title.focus();
  }

  listChanged() {
    if (this.open && this.open.listChanged) this.open.listChanged();
  }

  /** An intake was taken, put back or finished. */
  intakesChanged() {
    if (this.open && this.open.intakesChanged) this.open.intakesChanged();
    this.countIntakes();
  }

  /** Say beside the link how many requests nobody has taken yet. */
  async countIntakes() {
    try {
      const { total } = await this.desk.api.read("intakes", { progress: "new", limit: "0" });
      const link = this.nav.querySelector('[data-page="intakes"]');
      link.replaceChildren(this.t("page.intakes"));
      if (total) link.append(" ", h("span", { class: "tally", "aria-hidden": "true", text: this.t.number(total) }), unseen(this.t.count("intakes.new", total)));
    } catch (error) {
      // The next look says it; a number is no reason to disturb anybody.
      if (error.status === undefined) throw error;
    }
  }

  /** Show why something could not be done; null when all is well again. */
  _tell(error) {
    if (error && error.status === undefined) throw error;
    this.problem.hidden = !error;
    this.problem.textContent = error ? error.message || this.t("error.unreachable") : "";
  }
}
