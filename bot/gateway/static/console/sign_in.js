// The sign-in page: two fields, and an error that is seen, heard and next to what it is about.

import { h, icon } from "../widget/dom.js";

export function signInPage({ t, api, notice, switcher, signedIn }) {
  const login = field("login", t("sign_in.login"), {
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
  });
  const password = field("password", t("sign_in.password"), { type: "password", autocomplete: "current-password" });
  const show = h("input", { type: "checkbox", id: "show-password" });
  show.addEventListener("change", () => {
    password.input.type = show.checked ? "text" : "password";
  });
  const problem = h("div", { class: "alert problem", role: "alert", tabindex: "-1", hidden: true });
  const submit = h("button", { type: "submit", class: "primary wide", text: t("sign_in.submit") });

  async function send(event) {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled")) return;
    complain();
    const missing = [login, password].filter((one) => !one.input.value.trim());
    for (const one of [login, password]) one.refuse(missing.includes(one) ? t(`sign_in.missing.${one.name}`) : "");
    if (missing.length) {
      missing[0].input.focus();
      return;
    }
    submit.setAttribute("aria-disabled", "true");
    submit.textContent = t("sign_in.busy");
    try {
      signedIn(await api.signIn(login.input.value.trim(), password.input.value));
    } catch (error) {
      complain(error.unreachable || !error.message ? t("error.unreachable") : error.message);
      password.input.select();
    } finally {
      submit.removeAttribute("aria-disabled");
      submit.textContent = t("sign_in.submit");
    }
  }

  function complain(text) {
    problem.hidden = !text;
    problem.replaceChildren();
    if (!text) return;
    problem.append(icon("alert"), h("div", {}, h("h2", { text: t("sign_in.failed") }), h("p", { text })));
    problem.focus();
  }

  const element = h(
    "main",
    { class: "sign-in" },
    h("div", { class: "sign-in-languages" }, switcher),
    h(
      "form",
      { novalidate: true, on: { submit: send } },
      h("p", { class: "product", text: t("product") }),
      h("h1", { text: t("sign_in.title") }),
      notice && h("p", { class: "alert info", role: "status" }, icon("lock"), h("span", { text: notice })),
      problem,
      login.element,
      password.element,
      h("label", { class: "check", for: "show-password" }, show, t("sign_in.show")),
      submit,
      h("p", { class: "quiet", text: t("sign_in.help") }),
    ),
  );
  return { element, focus: () => login.input.focus() };
}

function field(name, label, attributes) {
  const error = h("p", { class: "field-error", id: `${name}-error`, hidden: true });
  const input = h("input", { id: name, name, type: "text", required: true, ...attributes });
  return {
    name,
    input,
    element: h("div", { class: "field" }, h("label", { for: name, text: label }), error, input),
    refuse(text) {
      error.hidden = !text;
      error.textContent = text;
      if (text) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", error.id);
      } else {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    },
  };
}
