// The full-page chat: takes ?lang= and ?program= from its address, and keeps the page's language in step.

const wishes = new URLSearchParams(location.search);
const chat = document.querySelector("benefits-help");
const TITLES = { en: "Benefits help chat", es: "Chat de ayuda con beneficios" };

const follow = (language) => {
  document.documentElement.lang = language;
  document.title = TITLES[language] || TITLES.en;
};

const wished = wishes.get("lang") || (navigator.language || "en").slice(0, 2);
if (TITLES[wished]) {
  chat.setAttribute("lang", wished);
  follow(wished);
}
if (wishes.get("program")) chat.setAttribute("program", wishes.get("program"));
chat.addEventListener("benefits-help:ready", () => follow(chat.language));
chat.addEventListener("benefits-help:language", (event) => follow(event.detail.language));
