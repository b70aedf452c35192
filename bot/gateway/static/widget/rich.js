// A message's text as elements: the server's sanitised HTML copied tag by tag, plain text with its line breaks.

import { h, newId, unseen } from "./dom.js";

const TAGS = new Set(["P", "BR", "STRONG", "B", "EM", "I", "UL", "OL", "LI", "A", "CODE"]);
let policy = null;
const PHONE = /\b((?:1-)?\d{3}-\d{3}-\d{4})\b/;
const LINKS = /^(https?:|mailto:|tel:)/i;

/** Elements for a message. Whatever is not on the short list above is shown as its text. */
export function rich(message, t) {
  const box = h("div", { class: "text" });
  const parsed = message.html && parse(message.html);
  if (parsed) copy(parsed, box, t);
  else box.append(h("p", { class: "plain", text: message.text }));
  explainTerms(box, message.terms || [], t);
  box.addEventListener("keydown", closeTerms);
  return dialable(box);
}

/** Make the phone numbers in an element's text ready to call; returns the element. */
export function dialable(box) {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("a, button")) texts.push(walker.currentNode);
  for (const text of texts) {
    const parts = text.data.split(PHONE);
    if (parts.length < 2) continue;
    // A split by a pattern with one group gives text and phone number in turn.
    const pieces = parts.map((part, index) =>
      index % 2 ? h("a", { class: "phone", href: `tel:${part.replace(/\D/g, "")}`, text: part }) : part,
    );
    text.replaceWith(...pieces);
  }
  return box;
}

/** Parsed apart from the page, where nothing can run or load; null on pages whose Trusted Types forbid even that. */
function parse(html) {
  try {
    policy = policy || (window.trustedTypes && trustedTypes.createPolicy("benefits-help-html", { createHTML: (text) => text }));
    return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html").body;
  } catch {
    return null;
  }
}

function copy(from, into, t) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) into.append(node.data);
    else if (node.nodeType === Node.ELEMENT_NODE) {
      if (node.tagName === "A") into.append(link(node.getAttribute("href"), node.textContent, t));
      else if (TAGS.has(node.tagName)) {
        const element = h(node.tagName.toLowerCase());
        into.append(element);
        copy(node, element, t);
      } else if (!["SCRIPT", "STYLE", "TEMPLATE"].includes(node.tagName)) copy(node, into, t);
    }
  }
}

/** A link that says when it opens a new tab; an address of another kind stays plain text. */
export function link(href, text, t) {
  if (!href || !LINKS.test(href)) return document.createTextNode(text);
  const away = /^https?:/i.test(href);
  const attributes = away ? { href, target: "_blank", rel: "noopener noreferrer" } : { href };
  return h("a", attributes, text, away && unseen(` ${t("link.new_tab")}`));
}

/** Terms explained on tap: the first use of each becomes a button that shows its meaning under the text. */
function explainTerms(box, terms, t) {
  for (const { term, definition } of terms) {
    const found = findText(box, term);
    if (!found) continue;
    const id = newId("term");
    const note = h("p", { class: "definition", id, hidden: true }, h("strong", { text: `${term}: ` }), definition);
    const button = h("button", {
      type: "button",
      class: "term",
      "aria-expanded": "false",
      "aria-controls": id,
      title: t("term.explain"),
      text: found.data,
      on: {
        click: () => {
          note.hidden = !note.hidden;
          button.setAttribute("aria-expanded", String(!note.hidden));
        },
      },
    });
    found.replaceWith(button);
    box.append(note);
  }
}

/** Esc closes the meanings that are open under this text, before anything else, and gives the focus back. */
function closeTerms(event) {
  if (event.key !== "Escape") return;
  const open = [...event.currentTarget.querySelectorAll('.term[aria-expanded="true"]')];
  if (!open.length) return;
  event.preventDefault();
  event.stopPropagation();
  const inside = open.includes(event.target) ? event.target : open[0];
  for (const button of open) button.click();
  inside.focus();
}

/** Where `term` stands as a word of its own, so that "appeal" is not found in "appealed"; -1 when nowhere. */
function wholeWord(text, term) {
  const letter = /[\p{L}\p{N}]/u;
  const [low, wanted] = [text.toLowerCase(), term.toLowerCase()];
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + 1)) {
    if (!letter.test(low[at - 1] || "") && !letter.test(low[at + wanted.length] || "")) return at;
  }
  return -1;
}

/** The text node holding exactly the first use of `term`, split from its surroundings; null when there is none. */
function findText(box, term) {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const at = wholeWord(node.data, term);
    if (at < 0 || node.parentElement.closest("a, button, .definition")) continue;
    const start = at ? node.splitText(at) : node;
    if (start.data.length > term.length) start.splitText(term.length);
    return start;
  }
  return null;
}
