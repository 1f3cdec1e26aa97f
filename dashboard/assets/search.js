/* Search: Ctrl-K or the field at the top opens it, what is typed is sought within reach, arrows and Enter open what was found. */
(function () {
  "use strict";
  let dialog = null, waiting = null;

  function made() {
    const words = document.getElementById("search-words").dataset;
    dialog = document.createElement("dialog");
    dialog.className = "search-dialog";
    dialog.setAttribute("aria-label", words.title);
    const input = document.createElement("input");
    input.type = "search";
    input.maxLength = 100;
    input.placeholder = words.title;
    input.setAttribute("aria-label", words.title);
    const list = document.createElement("ul");
    dialog.append(input, list);
    document.body.append(dialog);
    input.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(function () { seek(input.value.trim(), list, words); }, 150); });
    dialog.addEventListener("keydown", function (event) { move(event, list); });
    dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
    return dialog;
  }

  let asked = "";

  async function seek(text, list, words) {
    asked = text;
    if (!text) { list.replaceChildren(); return; }
    const answer = await fetch("/search?q=" + encodeURIComponent(text), { cache: "no-store" });
    if (!answer.ok) return;
    const found = await answer.json();
    if (text !== asked) return;  // what was asked before came later
    list.replaceChildren.apply(list, found.length ? found.map(shown) : [nothing(words.nothing)]);
  }

  function shown(one) {
    const link = document.createElement("a"), title = document.createElement("span"), about = document.createElement("span");
    link.href = one.href;
    title.textContent = one.title;
    about.textContent = one.about;
    about.className = "said-label";
    link.append(title, about);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  function nothing(sentence) {
    const item = document.createElement("li");
    item.textContent = sentence;
    item.className = "search-nothing";
    return item;
  }

  function move(event, list) {
    if (event.key === "Escape") { event.preventDefault(); dialog.close(); return; }  // at once, though something is typed
    const links = Array.from(list.querySelectorAll("a"));
    const at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && links.length) { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); if (at > 0) links[at - 1].focus(); else dialog.querySelector("input").focus(); }
    if (event.key === "Enter" && at < 0 && links.length) { event.preventDefault(); links[0].click(); }
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-act=search]")) return;
    dialog = dialog || made();
    dialog.showModal();
    dialog.querySelector("input").select();
  });
})();
