/* Files of a form: chosen or dropped, each sent as it is with how far it is; the form's field keeps the numbers of what arrived. */
(function () {
  "use strict";
  const setter = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set;

  function token() {
    const found = /(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie);
    return found ? decodeURIComponent(found[1]) : "";
  }

  function keep(place) {
    const box = place.parentElement.querySelector(".file-numbers");
    const numbers = Array.from(place.querySelectorAll("li[data-number]"), (row) => row.dataset.number).join(",");
    const input = box.tagName === "INPUT" ? box : box.querySelector("input");
    setter.call(input, numbers);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function send(place, file) {
    const row = document.createElement("li");
    const said = document.createElement("span");
    const remove = document.createElement("button");
    row.append(Object.assign(document.createElement("span"), { textContent: file.name }), said, remove);
    said.className = "file-said";
    said.setAttribute("role", "status");
    remove.type = "button";
    remove.className = "button plain";
    remove.textContent = place.dataset.remove;
    remove.setAttribute("aria-label", place.dataset.remove + " " + file.name);
    place.querySelector("ul").append(row);
    const request = new XMLHttpRequest();
    remove.addEventListener("click", function () { request.abort(); row.remove(); keep(place); });
    request.open("POST", place.dataset.upload);
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => { said.textContent = place.dataset.sending + " " + Math.round((100 * event.loaded) / event.total) + " %"; };
    request.onerror = () => fail(row, said, place.dataset.failed);
    request.onload = function () {
      if (request.status !== 200) { fail(row, said, request.responseText || place.dataset.failed); return; }
      const kept = JSON.parse(request.responseText);
      row.dataset.number = kept.id;
      said.textContent = kept.size;
      keep(place);
    };
    request.send(file);
  }

  function fail(row, said, text) {
    row.classList.add("failed");
    said.textContent = text;
  }

  function draw(place) {
    if (place.querySelector("input")) return;
    const label = document.createElement("label");
    const input = document.createElement("input");
    const words = document.createElement("span");
    const drop = document.createElement("span");
    input.type = "file";
    input.multiple = true;
    input.className = "visually-hidden";
    input.addEventListener("change", function () {
      Array.from(input.files).forEach((file) => send(place, file));
      input.value = "";
    });
    words.className = "button";
    words.textContent = place.dataset.label;
    drop.className = "file-drop-words";
    drop.textContent = place.dataset.drop;
    label.append(input, words, drop);
    place.append(label, document.createElement("ul"));
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", function (event) {
      event.preventDefault();
      Array.from(event.dataTransfer.files).forEach((file) => send(place, file));
    });
  }

  new MutationObserver(() => document.querySelectorAll(".file-drop").forEach(draw)).observe(document.documentElement, { childList: true, subtree: true });
})();
