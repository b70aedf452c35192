// Building elements without markup strings: h() for HTML, icon() for the few drawings we use.

const SVG = "http://www.w3.org/2000/svg";

const DRAWINGS = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  menu: "M4 6h16M4 12h16M4 18h16",
  send: "M4 12h15M13 6l6 6-6 6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-5 4-7 8-7s8 2 8 7",
  bot: "M5 8h14v11H5zM12 8V4M9 13h.01M15 13h.01M2 12v3M22 12v3",
  check: "M5 13l4 4L19 7",
  alert: "M12 3l10 18H2zM12 10v5M12 18h.01",
  lock: "M6 11h12v10H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  down: "M12 5v14M6 13l6 6 6-6",
};

/** An element: attributes as given, `on` for listeners, `text` for its text, children appended (falsy ones left out). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "text") element.textContent = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** A drawing that screen readers skip: its meaning is always in words beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWINGS[name]);
  svg.append(path);
  return svg;
}

let lastId = 0;

/** An id no other element of the page has. */
export function newId(prefix) {
  lastId += 1;
  return `bh-${prefix}-${lastId}`;
}

/** Words that only screen readers get. */
export function unseen(text) {
  return h("span", { class: "unseen", text });
}
