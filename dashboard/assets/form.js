/* Forms: amounts get their separators while they are typed, Enter saves, and what was typed is not lost without a question. */
(function () {
  "use strict";
  const setter = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set;
  const touched = new WeakSet();

  function grouped(text) {
    const parts = /^(-?)(\d+)(\.\d*)?$/.exec(text.replace(/,/g, ""));
    return parts ? parts[1] + parts[2].replace(/\B(?=(\d{3})+$)/g, ",") + (parts[3] || "") : text;
  }

  document.addEventListener("input", function (event) {
    const form = event.target.closest && event.target.closest("form[data-form]");
    if (form) { touched.add(form); typedAt = place(); }
    const box = event.target;
    if (!box.closest || !box.closest(".amount") || box.tagName !== "INPUT" || event.isComposing) return;
    const text = grouped(box.value);
    if (text === box.value) return;
    const behind = box.value.length - box.selectionStart;
    setter.call(box, text);
    box.setSelectionRange(text.length - behind, text.length - behind);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("submit", function (event) {
    if (event.target.closest("form[data-form]")) { event.preventDefault(); touched.delete(event.target); }
  });

  /* A save that was refused leaves what was typed unsaved. */
  new MutationObserver(function (changes) {
    for (const change of changes) for (const node of change.addedNodes) {
      if (!node.matches || !node.matches(".form-faults, .conflict")) continue;
      const form = node.closest("form[data-form]");
      if (form) touched.add(form);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  function mayLeave(form) { return !form || !touched.has(form) || window.confirm(form.dataset.warning); }

  /* Whether the page may go: asked once, whichever of its forms has something in it. */
  function mayGo() {
    const open = unsaved();
    if (!open || window.confirm(open.dataset.warning)) { document.querySelectorAll("form[data-form]").forEach((form) => touched.delete(form)); return true; }
    return false;
  }

  function unsaved() { return Array.from(document.querySelectorAll("form[data-form]")).find((form) => touched.has(form)); }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[href]");
    if (!link || link.target === "_blank" || link.hasAttribute("download") || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.closest(".conflict")) { touched.delete(link.closest("form[data-form]")); return; } // "take theirs" is the answer already
    if (new URL(link.href).hash && new URL(link.href).pathname === window.location.pathname) return;
    if (mayGo()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  /* The browser's back has left already when it is heard of: who stays is brought back to where they were. */
  const place = () => (window.navigation && window.navigation.currentEntry ? window.navigation.currentEntry.index : null);
  let typedAt = null, returning = false;
  window.addEventListener("popstate", function (event) {
    if (returning) { returning = false; event.stopImmediatePropagation(); return; }
    if (mayGo()) return;
    event.stopImmediatePropagation();
    returning = true;
    if (typedAt === null || place() === null) window.history.forward(); else window.history.go(typedAt - place());
  }, true);

  document.addEventListener("click", function (event) {
    const cancel = event.target.closest("[data-act=cancel]");
    if (!cancel) return;
    const form = cancel.closest("form");
    if (mayLeave(form)) { touched.delete(form); return; }
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

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const form = event.target.closest && event.target.closest("form[data-form]");
    const cancel = form && form.querySelector("[data-act=cancel]");
    if (cancel && !document.querySelector("[data-radix-popper-content-wrapper]")) cancel.click();
  });

  window.addEventListener("beforeunload", function (event) {
    if (unsaved()) event.preventDefault();
  });
})();
