// How far an upload is, beside the button that sent it. Without this script the form is sent as any other.
"use strict";
(() => {
  const carriesFiles = (form) => [...form.elements].some((field) => field.type === "file" && field.files.length);
  const placeIn = (form) => {
    let place = form.querySelector(".sending");
    if (!place) {
      place = document.createElement("p");
      place.className = "sending";
      place.setAttribute("role", "status");
      place.append(document.createElement("progress"), document.createElement("span"));
      form.append(place);
    }
    return place;
  };
  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = event.target.closest("form");
    const { lengthComputable, loaded, total } = event.detail;
    if (!form || form.dataset.answered || !lengthComputable || !total || !carriesFiles(form)) return;
    const [bar, words] = placeIn(form).children;
    const percent = Math.floor((100 * loaded) / total);
    bar.max = 100;
    bar.value = percent;
    words.textContent = percent < 100 ? `Subiendo: ${percent} %` : "Revisando los archivos…";
  });
  // What comes back is progress too, of the page and not of the files.
  document.addEventListener("htmx:beforeRequest", (event) => delete event.target.closest("form")?.dataset.answered);
  document.addEventListener("htmx:xhr:loadend", (event) => {
    const form = event.target.closest("form");
    if (form) form.dataset.answered = "1";
  });
  document.addEventListener("htmx:afterRequest", (event) => event.target.closest("form")?.querySelector(".sending")?.remove());
})();
