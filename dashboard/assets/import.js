/* Uploading a table: a file is chosen or dropped and sent as it is, piece by piece, with how far it is; its page opens by itself. */
(function () {
  "use strict";

  function token() {
    const found = /(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie);
    return found ? decodeURIComponent(found[1]) : "";
  }

  function say(place, text, failed) {
    const line = place.querySelector(".import-said");
    line.textContent = text;
    line.classList.toggle("failed", Boolean(failed));
  }

  function send(place, file) {
    const request = new XMLHttpRequest();
    request.open("POST", place.dataset.upload);
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => say(place, place.dataset.sending + " " + Math.round((100 * event.loaded) / event.total) + " %");
    request.onerror = () => say(place, request.statusText || "–", true);
    request.onload = function () {
      if (request.status === 200) window.location.assign(JSON.parse(request.responseText).href);
      else say(place, request.responseText, true);
    };
    request.send(file);
  }

  function draw(place) {
    if (place.querySelector("input")) return;
    const label = document.createElement("label");
    const input = document.createElement("input");
    const words = document.createElement("span");
    const said = document.createElement("span");
    input.type = "file";
    input.accept = ".xlsx,.xls,.ods,.csv,.txt,.tsv";
    input.addEventListener("change", () => input.files.length && send(place, input.files[0]));
    said.className = "import-said";
    said.setAttribute("role", "status");
    words.className = "button";
    words.textContent = place.dataset.label;
    input.className = "visually-hidden";
    label.append(input, words);
    place.append(label, said);
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", function (event) {
      event.preventDefault();
      if (event.dataTransfer.files.length) send(place, event.dataTransfer.files[0]);
    });
  }

  new MutationObserver(() => document.querySelectorAll(".import-drop").forEach(draw)).observe(document.documentElement, { childList: true, subtree: true });
})();
