// The fields of form.auto are saved one by one: htmx sends the form and says which field it is about; this says when,
// and keeps what could not be sent.
"use strict";
(() => {
  const PAUSE = 1200; // milliseconds after the last key; a long text waits longer, so that its history stays readable
  const PAUSE_LONG = 3000;
  const AGAIN = 5000;
  const timers = new WeakMap();
  const sent = new WeakMap();
  let again = null;

  const fieldOf = (element) => element.closest?.("form.auto .auto-f");
  // The field a request is about, of an event of htmx.
  const askedFor = (event) => event.detail.requestConfig?.triggeringEvent?.detail?.field;
  const formOf = (field) => field.closest("form");
  const waiting = (form) => [...form.querySelectorAll(".auto-f[data-unsaved]")];
  const written = (field) =>
    [...field.querySelectorAll("input:not([type=hidden]), select, textarea")]
      .map((e) => (e.type === "radio" || e.type === "checkbox" ? e.checked : e.value))
      .join("\u0000");
  const say = (form, words, link) => {
    const place = form.querySelector("#guardado");
    place.textContent = words;
    place.classList.toggle("away", Boolean(words) && words !== form.dataset.saving);
    if (!link) return;
    const enter = document.createElement("a");
    Object.assign(enter, { href: form.dataset.login, target: "_blank", rel: "noopener", textContent: form.dataset.enter });
    place.append(" ", enter);
  };

  // A date half written has no value: sent, it would clear the one that is kept. app.js says so beside it.
  const isWhole = (field) => ![...field.querySelectorAll("input")].some((input) => input.validity.badInput);
  const send = (field) => {
    clearTimeout(timers.get(field));
    timers.delete(field);
    if (field.isConnected && isWhole(field)) htmx.trigger(formOf(field), "autosave", { field });
  };
  document.addEventListener("htmx:configRequest", (event) => {
    const { parameters, headers, triggeringEvent, elt } = event.detail;
    const seen = document.getElementById("desde")?.value ?? "";
    if (elt.matches("[data-quiet]")) {
      headers["X-Requested-With"] = "poll";
      parameters.desde = seen;
    } else if (triggeringEvent?.type === "autosave") {
      headers["X-Requested-With"] = "autosave";
      const { field, chosen } = triggeringEvent.detail;
      Object.assign(parameters, { campo: field.dataset.field, desde: seen, ...chosen });
    }
  });
  // Of two texts in one field, the one whose button was pressed.
  document.addEventListener("click", (event) => {
    const field = event.target.dataset?.choose && fieldOf(event.target);
    if (!field) return;
    delete field.dataset.unsaved;
    htmx.trigger(formOf(field), "autosave", { field, chosen: JSON.parse(event.target.dataset.choose) });
  });
  const note = (element) => {
    const field = fieldOf(element);
    if (!field || element.dataset.alone !== undefined) return;
    field.dataset.unsaved = "";
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => send(field), element.matches("textarea") ? PAUSE_LONG : PAUSE));
  };
  document.addEventListener("input", (event) => note(event.target));
  document.addEventListener("change", (event) => {
    const field = fieldOf(event.target);
    if (field && "unsaved" in field.dataset && timers.has(field)) send(field);
  });
  // On a slow line a person writes before this program is there. What a reload brings back was not written now.
  const isTouched = (element) => {
    if (!element.matches("select")) {
      return element.checked !== element.defaultChecked || element.value !== element.defaultValue;
    }
    const options = [...element.options];
    return element.value !== (options.find((option) => option.defaultSelected) ?? options[0])?.value;
  };
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") {
    const inputs = document.querySelectorAll("form.auto .auto-f :is(input:not([type=hidden]), select, textarea)");
    [...inputs].filter(isTouched).forEach(note);
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    const field = askedFor(event);
    if (!field) return;
    sent.set(field, written(field));
    say(formOf(field), formOf(field).dataset.saving);
  });
  // What was answered is no longer waiting, unless the person went on writing meanwhile.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    const field = askedFor(event);
    if (field && [200, 409, 422].includes(xhr.status)) {
      if (sent.get(field) === written(field)) delete field.dataset.unsaved;
      const input = field.querySelector("input:not([type=hidden]), select, textarea");
      const wrong = xhr.status === 422;
      input?.setAttribute("aria-invalid", wrong);
      field.toggleAttribute("data-wrong", wrong || xhr.status === 409);
      const told = `nota_${field.dataset.field}`;
      const described = (input?.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
      if (wrong && !described.includes(told)) input?.setAttribute("aria-describedby", [...described, told].join(" "));
      if (xhr.status !== 200) say(formOf(field), formOf(field).dataset.mend);
    }
  });
  // Nothing that is being written is replaced by what a colleague saved; who saves it next is shown both texts.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    // One truth at a time: while a field is wrong, the form does not say that it was saved.
    const form = target.id === "guardado" && target.closest("form.auto");
    if (form && form.querySelector(".auto-f[data-wrong]")) {
      event.detail.shouldSwap = false;
      say(form, form.dataset.mend);
    }
    if (!target.matches(".auto-f") || fragment.querySelector("[data-settled]")) return;
    const busy = "unsaved" in target.dataset || "wrong" in target.dataset || target.contains(document.activeElement);
    if (busy) event.detail.shouldSwap = false;
  });

  // What could not be sent stays on the page and is tried again: when the line or the person is back, and now and then.
  const hold = (form, ended) => {
    say(form, ended ? form.dataset.ended : navigator.onLine ? form.dataset.failed : form.dataset.away, ended);
    clearTimeout(again);
    again = setTimeout(() => retry(form), AGAIN);
  };
  const retry = async (form) => {
    if (!form.isConnected || !waiting(form).length) return;
    try {
      const page = await fetch(location.pathname, { headers: { "X-Requested-With": "poll" } });
      if (page.redirected) return hold(form, true);
      if (!page.ok) return hold(form, false);
      // Who signed in again has another token: the page takes the one of today.
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
      const token = fresh.querySelector("form.auto [name=csrfmiddlewaretoken]")?.value;
      if (!token) return hold(form, false);
      for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token;
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
      waiting(form).forEach(send);
    } catch {
      hold(form, false);
    }
  };
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      const field = askedFor(event);
      if (field) hold(formOf(field), event.detail.xhr?.status === 401);
    });
  }
  const now = () => document.querySelectorAll("form.auto").forEach((form) => again && retry(form));
  window.addEventListener("online", now);
  window.addEventListener("focus", now);

  // A form sent whole, or given up, takes along what was waiting.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.matches("form.auto")) return;
    for (const field of waiting(event.target)) {
      clearTimeout(timers.get(field));
      delete field.dataset.unsaved;
    }
  });

  // A page that is left, or a telephone that goes to another program: what is still waiting goes at once.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    for (const form of document.querySelectorAll("form.auto")) {
      for (const field of waiting(form).filter(isWhole)) {
        const data = new FormData(form);
        data.delete("envio");
        data.set("campo", field.dataset.field);
        navigator.sendBeacon(location.pathname, data);
      }
    }
  });
})();
