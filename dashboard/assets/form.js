/* Forms: amounts get their separators while they are typed, Enter saves, and what was typed is not lost without a question. */
(function () {
  "use strict";
  const setter = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set;

  function grouped(text) {
    const parts = /^(-?)(\d+)(\.\d*)?$/.exec(text.replace(/,/g, ""));
    return parts ? parts[1] + parts[2].replace(/\B(?=(\d{3})+$)/g, ",") + (parts[3] || "") : text;
  }

  document.addEventListener("input", function (event) {
    const box = event.target;
    if (!box.closest || !box.closest(".amount") || box.tagName !== "INPUT" || event.isComposing) return;
    const text = grouped(box.value);
    if (text === box.value) return;
    const behind = box.value.length - box.selectionStart;
    setter.call(box, text);
    box.setSelectionRange(text.length - behind, text.length - behind);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* What stands in a form: typed, ticked, chosen. As it was when somebody first came to it, and as it was last sent. */
  const began = new WeakMap(), sent = new WeakMap();

  function standing(form) {
    const boxes = Array.from(form.querySelectorAll("input, textarea")).map(function (box) { return box.type === "checkbox" ? box.checked : box.value; });
    const chosen = Array.from(form.querySelectorAll(".dash-dropdown-trigger")).map(function (box) { return box.textContent; });
    return JSON.stringify([boxes, chosen]);
  }

  /* Which of the window's pages this is. */
  function place() { return window.navigation && window.navigation.currentEntry ? window.navigation.currentEntry.index : null; }
  let begunAt = null;

  function begin(event) {
    const form = event.target.closest && event.target.closest("form[data-form]");
    if (form && !began.has(form)) { began.set(form, standing(form)); begunAt = place(); }
  }

  /* The form on the page of which something would be lost: changed, and neither sent as it stands nor refused. */
  function unsaved() {
    const cells = document.querySelector("#targets-changed:not(:empty)");  // typed into the grid of targets
    return cells || Array.from(document.querySelectorAll("form[data-form]")).find(function (form) {
      const now = began.has(form) && form.offsetParent !== null ? standing(form) : null;
      if (now === null || now === began.get(form)) return false;
      return now !== sent.get(form) || form.querySelector(".form-faults, .conflict") !== null;
    });
  }

  /* Whether nothing would be lost, or the person does not mind. */
  function mayLeave() {
    const form = unsaved();
    if (form && !window.confirm(form.dataset.warning)) return false;
    if (form) began.delete(form);
    return true;
  }

  document.addEventListener("focusin", begin, true);
  document.addEventListener("pointerdown", begin, true);

  document.addEventListener("submit", function (event) {
    const form = event.target.closest("form[data-form]");
    if (form) { event.preventDefault(); sent.set(form, standing(form)); }
  });

  /* A link that leads to another page of the application, in this window. */
  function leads(link, event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || link.target || link.hasAttribute("download")) return false;
    const to = new URL(link.href, window.location.href);
    return to.origin === window.location.origin && to.pathname !== window.location.pathname && !/^\/files\/|\/export\.|\.(pdf|xlsx|csv)$/.test(to.pathname);
  }

  document.addEventListener("click", function (event) {
    const cancel = event.target.closest("[data-act=cancel]"), link = event.target.closest("a[href]");
    const goes = cancel || (link && !link.closest(".conflict") && leads(link, event));
    if (!goes || mayLeave()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  /* Enter in the help beside a plan makes the instalments; it does not save the form around it. */
  document.addEventListener("keydown", function (event) {
    const help = event.key === "Enter" && event.target.tagName === "INPUT" && event.target.closest(".split");
    if (!help) return;
    event.preventDefault();
    help.querySelector(":scope > button").click();
  });

  /* What can't simply be taken back asks first, and says what it does. */
  document.addEventListener("click", function (event) {
    const act = event.target.closest("[data-asks]");
    if (!act || act.disabled || window.confirm(act.dataset.asks)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const form = event.target.closest && event.target.closest("form[data-form]");
    const cancel = form && form.querySelector("[data-act=cancel]");
    if (cancel && !document.querySelector("[data-radix-popper-content-wrapper]")) cancel.click();
  });

  /* The browser's back has left already when it is heard of: who stays is brought back to where they were. */
  let returning = false;
  window.addEventListener("popstate", function (event) {
    if (!returning && mayLeave()) return;
    event.stopImmediatePropagation();
    if (returning) { returning = false; return; }
    returning = true;
    if (begunAt === null || place() === null) window.history.forward(); else window.history.go(begunAt - place());
  }, true);

  window.addEventListener("beforeunload", function (event) { if (unsaved()) event.preventDefault(); });
})();
