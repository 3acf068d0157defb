/* Comfort on top of pages that work without it: focus, busy states, announcements, menus. */
(() => {
  "use strict";
  const BUSY_AFTER = 300;
  const live = document.getElementById("live");
  const say = (text) => { if (live && text) { live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); } };

  const focusFirstError = (root) => {
    const summary = root.querySelector(".form-errors");
    const field = root.querySelector("[aria-invalid='true']:not([type='hidden'])");
    (field || summary)?.focus();
  };

  /* A button that is at work after 300 ms says so; the second press of an impatient finger is not a second request. */
  const settle = (form) => {
    clearTimeout(form.campTimer);
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter || form.querySelector("button:not([type='button'])");
    form.campTimer = setTimeout(() => { button?.setAttribute("aria-busy", "true"); say(live?.dataset.busy); }, BUSY_AFTER);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(settle));

  /* Menus made of <details>: Escape closes and gives the focus back, a press elsewhere closes. */
  const menus = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", (event) => menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));

  /* Fragments: the region at work is marked, what changed is said, and the focus is not lost with the element that had it. */
  const waiting = new Map();
  const buttonOf = (element) => (element.matches("button") ? element : element.querySelector("button"));
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, xhr } = event.detail;
    waiting.set(xhr, setTimeout(() => {
      target?.setAttribute("aria-busy", "true");
      buttonOf(elt)?.setAttribute("aria-busy", "true");
      say(live?.dataset.busy);
    }, BUSY_AFTER));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, target, xhr } = event.detail;
    clearTimeout(waiting.get(xhr));
    waiting.delete(xhr);
    target?.removeAttribute("aria-busy");
    buttonOf(elt)?.removeAttribute("aria-busy");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const region = event.detail.elt;
    say(region.querySelector("[data-announce]")?.textContent);
    if (region.querySelector(".form-errors, [aria-invalid='true']")) {
      focusFirstError(region);
    } else if (!document.activeElement || document.activeElement === document.body) {
      region.setAttribute("tabindex", "-1");
      region.focus({ preventScroll: true });
    }
  });
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => say(live?.dataset.failed)));

  focusFirstError(document);
})();
