// The console's beginning: its words, who is signed in, and which of its two pages to show.

import { Api } from "./api.js";
import { announce, announcements } from "./announcer.js";
import { languageSwitch } from "./bar.js";
import { Desk } from "./desk.js";
import { applyTheme, firstLanguage, preferences } from "./preferences.js";
import { Shell } from "./shell.js";
import { signInPage } from "./sign_in.js";
import { LANGUAGES, loadWords } from "./words.js";

const api = new Api();
const page = document.createElement("div");
page.className = "page";

let t;
let desk = null;
let shell = null;

async function begin() {
  applyTheme();
  await speak(firstLanguage(LANGUAGES));
  document.getElementById("boot").replaceWith(page, announcements);
  api.onSignedOut = () => shell && showSignIn(t("sign_in.ended"));
  try {
    showConsole(await api.session());
  } catch (error) {
    if (error.status === undefined) throw error;
    showSignIn(error.status === 401 ? "" : error.message || t("error.unreachable"));
  }
}

async function speak(language) {
  t = await loadWords(language);
  api.language = language;
  document.documentElement.lang = language;
}

async function chooseLanguage(language) {
  if (language === t.language) return;
  try {
    await speak(language);
  } catch {
    announce(t("error.unreachable"));
    return;
  }
  preferences.set("language", language);
  if (desk && shell) draw();
  else showSignIn("");
  page.querySelector(`[data-language="${language}"]`).focus();
}

function showSignIn(notice) {
  if (shell) shell.stop();
  shell = null;
  // Drafts and answers on their way stay in memory for whoever signs in again as the same person.
  if (desk) desk.stop();
  document.title = `${t("sign_in.title")} · ${t("title")}`;
  const switcher = languageSwitch(t, chooseLanguage);
  const { element, focus } = signInPage({ t, api, notice, switcher, signedIn: showConsole });
  page.replaceChildren(element);
  focus();
}

function showConsole(me) {
  const before = desk && desk.me.id === me.id ? desk : null;
  if (desk) desk.stop();
  desk = new Desk(api, me);
  if (before) desk.inherit(before);
  draw();
  desk.start();
}

function draw() {
  if (shell) shell.stop();
  shell = new Shell({ t, desk, chooseLanguage, signOut });
  page.replaceChildren(shell.element);
  shell.start();
}

async function signOut() {
  await desk.outbox.flushAll();
  try {
    await api.signOut();
  } catch (error) {
    if (error.status !== 401) {
      announce(t("error.unreachable"));
      return;
    }
  }
  desk.stop();
  if (shell) shell.stop();
  shell = null;
  desk = null;
  history.replaceState(null, "", location.pathname);
  showSignIn(t("sign_in.bye"));
}

window.addEventListener("pagehide", () => {
  // What was sent is sent, even when the page goes before its undo time is over.
  if (desk) desk.outbox.flushAll();
});

window.addEventListener("beforeunload", (event) => {
  if (desk && desk.hasUnsent) event.preventDefault();
});

begin().catch((error) => {
  document.getElementById("boot-loading")?.setAttribute("hidden", "");
  document.getElementById("boot-failed")?.removeAttribute("hidden");
  throw error;
});
