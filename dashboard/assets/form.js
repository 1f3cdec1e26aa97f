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
    if (form) touched.add(form);
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

  function mayLeave(form) { return !form || !touched.has(form) || window.confirm(form.dataset.warning); }

  document.addEventListener("click", function (event) {
    const cancel = event.target.closest("[data-act=cancel]");
    if (!cancel) return;
    const form = cancel.closest("form");
    if (mayLeave(form)) { touched.delete(form); return; }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const form = event.target.closest && event.target.closest("form[data-form]");
    const cancel = form && form.querySelector("[data-act=cancel]");
    if (cancel && !document.querySelector("[data-radix-popper-content-wrapper]")) cancel.click();
  });

  window.addEventListener("beforeunload", function (event) {
    const open = document.querySelector("form[data-form]");
    if (open && touched.has(open)) event.preventDefault();
  });
})();
