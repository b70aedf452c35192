// The one tag on a page: brings the launcher, or where the browser is too old for it, a link to the plain chat.
// Written so that browsers of any age can read it; the files it brings use what newer ones know.
(function () {
  var me = document.currentScript || document.querySelector('script[src*="widget.js"]');
  var base = me.src.replace(/widget\.js.*$/, "");
  var words = { en: "Help chat", es: "Chat de ayuda" };

  function of(name) {
    return me.getAttribute("data-" + name) || "";
  }

  // The page's own <benefits-help> shows what stands inside it, so it needs no other link.
  function link() {
    if (!document.body) return document.addEventListener("DOMContentLoaded", link);
    if (me.hasAttribute("data-manual") || document.querySelector("benefits-help, .benefits-help-link")) return;
    var wish = of("lang") || document.documentElement.lang || navigator.language || "";
    var language = words[wish.slice(0, 2)] ? wish.slice(0, 2) : "en";
    var a = document.createElement("a");
    a.className = "benefits-help-link";
    a.href = base + "chat/plain?lang=" + language + "&program=" + of("program");
    a.lang = language;
    a.textContent = of("label") || words[language];
    var look = { position: "fixed", bottom: "16px", right: "16px", zIndex: "9000", padding: "12px 20px", color: "#fff",
      background: "#005ea2", border: "2px solid #fff", borderRadius: "24px", font: "700 16px/1.4 sans-serif" };
    for (var name in look) a.style[name] = look[name];
    document.body.appendChild(a);
  }

  // Only this file's own address is ever passed through, whatever else runs on the page.
  function trusted(address) {
    var types = window.trustedTypes;
    if (!types) return address;
    var same = function () {
      return address;
    };
    return types.createPolicy("benefits-help", { createScriptURL: same }).createScriptURL(address);
  }

  var able = "noModule" in me && window.customElements && window.ResizeObserver && "replaceAll" in String.prototype;
  if (!able) return link();
  var loader = document.createElement("script");
  try {
    loader.src = trusted(base + "static/widget/launcher.js");
  } catch (error) {
    return link(); // The page's Trusted Types do not allow this tag to load anything.
  }
  loader.widget = me; // The launcher reads the attributes of the page's tag.
  loader.onerror = link;
  document.head.appendChild(loader);
})();
