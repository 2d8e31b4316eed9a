// Small conveniences over pages that work without them. One listener a kind, on the document, so fragments need nothing.
"use strict";
(() => {
  const MAX_BYTES = 25 * 1024 * 1024;
  const sprite = () => document.querySelector("svg.i use")?.getAttribute("href").split("#")[0] ?? "";
  const icon = (name) => {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(ns, "use");
    use.setAttribute("href", `${sprite()}#${name}`);
    svg.append(use);
    return svg;
  };

  // The error summary receives the focus; its links lead to the field and put the cursor in it.
  const focusErrors = (root) => root.querySelector?.("[data-focus]")?.focus();

  // Messages: a close button, and done messages leave after ten seconds unless somebody is on them.
  const snacks = () => document.querySelector(".snacks");
  const dressSnack = (snack) => {
    if (snack.querySelector(".x")) return;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-icon x";
    close.setAttribute("aria-label", snacks().dataset.close);
    close.append(icon("x-lg"));
    close.addEventListener("click", () => snack.remove());
    snack.append(close);
    const leave = () => (snack.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : snack.remove());
    if (!snack.querySelector("a")) setTimeout(leave, 10000);
  };
  const say = (text, name = "check-circle-fill", link = null) => {
    const snack = document.createElement("div");
    const words = document.createElement("div");
    snack.className = "snack";
    words.textContent = text;
    if (link) words.append(" ", link);
    snack.append(icon(name), words);
    snacks().append(snack);
    dressSnack(snack);
  };

  // Menus close when one clicks elsewhere or presses Escape.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // An irreversible act: the folded question becomes a modal dialog.
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("details.confirm > summary");
    if (summary) {
      event.preventDefault();
      openConfirm(summary.parentElement);
    } else if (event.target.closest("dialog [data-close]")) {
      event.target.closest("dialog").close();
    }
  });
  const openConfirm = (details) => {
    const box = details.querySelector(".confirm-box");
    const dialog = document.createElement("dialog");
    dialog.className = "dlg";
    dialog.setAttribute("aria-label", box.querySelector("h2").textContent);
    for (const button of box.querySelectorAll("[data-close]")) button.hidden = false;
    dialog.append(box);
    dialog.addEventListener("close", () => {
      details.append(box);
      details.open = false;
      dialog.remove();
      details.querySelector("summary").focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    focusErrors(box);
  };

  // What a browser holds back is told here, in our words: a date half written, which the server would read as none,
  // and in a dialog what is missing, so that the dialog stays with what was written in it.
  const wrongIn = (field) => {
    if (field.disabled || !field.validity) return "";
    if (field.validity.badInput)
      return field.type === "number" ? "Escriba un número." : "La fecha está incompleta o no existe. Escriba día, mes y año, o bórrela.";
    return field.validity.valueMissing && field.closest("dialog") ? (field.dataset.required ?? "") : "";
  };
  const tellWrong = (field) => {
    const words = wrongIn(field);
    const id = `${field.id}_falta`;
    const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
    document.getElementById(id)?.remove();
    if (words) {
      const told = document.createElement("p");
      const text = document.createElement("span");
      told.className = "err-msg";
      told.id = id;
      text.textContent = words;
      told.append(icon("exclamation-circle-fill"), text);
      (field.closest(".opts, .optc") ?? field).before(told);
      ids.push(id);
    } else if (field.dataset.wrong === undefined) return false;
    field.toggleAttribute("data-wrong", Boolean(words));
    field.setAttribute("aria-invalid", Boolean(words));
    field.setAttribute("aria-describedby", ids.join(" "));
    return Boolean(words);
  };
  document.addEventListener("focusout", (event) => {
    if (event.target.validity?.badInput || event.target.dataset?.wrong !== undefined) tellWrong(event.target);
  });
  document.addEventListener(
    "submit",
    (event) => {
      if (event.submitter?.formNoValidate) return;
      const told = new Set(); // of the options of one question, the first says it
      const wrong = [...event.target.elements].filter((field) => {
        if (!wrongIn(field) || told.has(field.name)) return false;
        told.add(field.name);
        return tellWrong(field);
      });
      if (!wrong.length) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      wrong[0].focus();
    },
    true,
  );

  // One press sends once. The pressed button's own name and value travel as always.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = event.submitter;
    setTimeout(() => {
      if (!button) return;
      button.classList.add("busy");
      button.setAttribute("aria-disabled", "true");
    });
  });
  const ready = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".busy")) {
      button.classList.remove("busy");
      button.removeAttribute("aria-disabled");
    }
  };
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach(ready);
    dressBulk(document); // going back, what was chosen is chosen again only now
  });

  // A file that is too large is told before it travels.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    const limit = Number(input.dataset.max) || MAX_BYTES;
    const small = new DataTransfer();
    const large = [...input.files].filter((file) => file.size > limit || !small.items.add(file));
    const mb = (bytes) => (bytes / 1024 / 1024).toLocaleString("es-PE", { maximumFractionDigits: 1 });
    if (!large.length) return;
    input.files = small.files; // the others stay chosen
    for (const file of large)
      say(
        `«${file.name}» pesa ${mb(file.size)} MB y se dejó fuera. El máximo es ${mb(limit)} MB; puede dividirlo.`,
        "exclamation-triangle-fill",
      );
  });

  // Drafts: form[data-autosave="/address/"] is posted a moment after each change; .saved tells when.
  const timers = new WeakMap();
  const clock = new Intl.DateTimeFormat("es-PE", {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone: "America/Lima",
  });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.dataset.autosave || event.target.type === "file") return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => autosave(form), 1200));
  });
  const autosave = async (form) => {
    const saved = form.querySelector(".saved");
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    if (saved) saved.textContent = saved.dataset.saving;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "autosave" },
      });
      if (answer.redirected) throw new Error(saved?.dataset.ended);
      if (answer.status === 409) throw new Error(saved?.dataset.conflict);
      if (!answer.ok) throw new Error(saved?.dataset.failed);
      const now = clock.format(new Date());
      if (saved) saved.replaceChildren(icon("check-circle-fill"), ` ${saved.dataset.saved} ${now}`);
      const version = answer.headers.get("X-Version");
      if (version && form.elements.version) form.elements.version.value = version;
    } catch (problem) {
      // A TypeError is the network; its own words are not for people.
      if (saved) saved.textContent = problem instanceof TypeError ? saved.dataset.failed : problem.message;
    }
  };

  // Boards: J and K go from row to row, Enter opens; only where a list asks for it with data-keys.
  document.addEventListener("keydown", (event) => {
    if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    const links = [...document.querySelectorAll("[data-keys] [data-key-stop]")];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const to = Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), links.length - 1);
    links[to].focus();
    links[to].scrollIntoView({ block: "nearest" });
  });

  // A verdict by its letter, sent with Ctrl + Enter; only where a form asks for it with data-verdicts.
  const VERDICTS = { a: "accepted", o: "observed", r: "rejected" };
  document.addEventListener("keydown", (event) => {
    const form = document.querySelector("form[data-verdicts]");
    if (!form) return;
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const verdict = VERDICTS[event.key];
    if (!verdict || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]), textarea, select, dialog")) return;
    event.preventDefault();
    form.querySelector(`input[name=verdict][value=${verdict}]`).checked = true;
    form.elements[verdict === "accepted" ? "verdict" : "reason"].focus?.();
  });

  // An act offered by its letter, where its button says so with data-shortcut; what it asks is still asked.
  document.addEventListener("keydown", (event) => {
    if (!/^[a-z]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]), textarea, select, dialog")) return;
    const button = document.querySelector(`[data-shortcut="${event.key}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // A ready phrase is written where it can be completed.
  document.addEventListener("change", (event) => {
    const field = event.target.form?.elements[event.target.dataset?.writes];
    if (!field || !event.target.value) return;
    field.value = event.target.selectedOptions[0].textContent;
    field.focus();
  });

  // Select all, and the bar of actions that appears with a selection.
  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-all]");
    const table = event.target.closest("[data-bulk]");
    if (!table) return;
    if (box) boxesOf(table).forEach((b) => (b.checked = box.checked));
    countChosen(table);
  });
  const boxesOf = (table) => [...table.querySelectorAll('input[type="checkbox"][name]')];
  const countChosen = (table) => {
    const chosen = boxesOf(table).filter((b) => b.checked).length;
    const bulk = table.querySelector(".bulk");
    if (!bulk) return;
    bulk.hidden = chosen === 0;
    const count = bulk.querySelector("[data-count]");
    if (count) count.textContent = chosen;
    const noun = bulk.querySelector("[data-one]");
    if (!noun) return;
    noun.dataset.many ||= noun.textContent;
    noun.textContent = chosen === 1 ? noun.dataset.one : noun.dataset.many;
  };

  // Demonstration accounts fill the sign-in form; printing; going back.
  document.addEventListener("click", (event) => {
    const account = event.target.closest("[data-account]");
    if (account) {
      const form = document.querySelector("form[data-login]");
      form.elements.login.value = account.dataset.account;
      form.elements.password.value = account.dataset.password;
      form.requestSubmit();
      event.preventDefault();
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  // A placeholder listed beside a form becomes a button that writes it where the writer was.
  let written = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("form textarea, form input[type=text]")) written = event.target;
  });
  const dressPlaceholders = () => document.querySelectorAll("code[data-placeholder]").forEach((code) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = code.dataset.placeholder;
    button.addEventListener("click", () => {
      const field = written?.isConnected ? written : document.querySelector("form textarea");
      field.setRangeText(button.textContent, field.selectionStart, field.selectionEnd, "end");
      field.focus();
    });
    code.replaceWith(button);
  });

  // While staff stand in for somebody, a button that would be refused is held back and says why.
  const holdBack = (root) => {
    const strip = document.querySelector("[data-held-back]");
    if (!strip) return;
    const held = JSON.parse(strip.dataset.heldBack).map((pattern) => new RegExp(pattern));
    for (const button of root.querySelectorAll("main form[method=post] button:not([type=button])")) {
      const { pathname } = new URL(button.hasAttribute("formaction") ? button.formAction : button.form.action);
      if (button.disabled || strip.querySelector("form").action.endsWith(pathname)) continue;
      if (!held.some((pattern) => pattern.test(pathname))) continue;
      button.disabled = true;
      button.title = strip.dataset.why;
      if (button.form.querySelector(".held-back")) continue;
      const why = document.createElement("p");
      why.className = "small mut held-back";
      why.textContent = strip.dataset.why;
      button.after(why);
    }
  };

  // HTMX: fragments get the same care; failures are said, never silent.
  // Coming back to a list may find rows still chosen.
  const dressBulk = (root) => root.querySelectorAll("[data-bulk]").forEach(countChosen);
  document.addEventListener("htmx:afterSettle", (event) => {
    document.querySelectorAll(".snack").forEach(dressSnack);
    focusErrors(event.target);
    dressBulk(event.target);
    holdBack(document);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form");
    if (form) ready(form);
  });
  // Fields that are saved while one types say it beside themselves (autosave.js); what asks by itself says nothing.
  const speaksForItself = (element) => element.closest?.("form.auto, [data-quiet]");
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      if (event.detail.xhr?.getResponseHeader("HX-Trigger")?.includes("eco:token")) return; // that one says it itself
      if (!speaksForItself(event.target)) say(snacks().dataset.failed, "exclamation-triangle-fill");
    });
  }
  // A session closed elsewhere answers a form with the door: what was being written is not replaced by it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const { login, ended } = snacks()?.dataset ?? {};
    const at = (address) => new URL(address, location).pathname === login;
    if (speaksForItself(requestConfig.elt) || requestConfig.verb === "get" || !at(xhr.responseURL) || at(requestConfig.path)) return;
    event.detail.shouldSwap = false;
    const link = document.createElement("a");
    link.href = login;
    link.target = "_blank";
    link.textContent = snacks().dataset.enter;
    say(ended, "exclamation-triangle-fill", link);
  });
  // Signed in anew, in another tab: the page gets the new token, and the person sends again what is still there.
  document.addEventListener("eco:token", (event) => {
    const { token } = event.detail;
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    if (!speaksForItself(event.target)) say(snacks().dataset.again, "exclamation-triangle-fill");
  });
  document.addEventListener("eco:say", (event) => say(event.detail.text ?? event.detail.value));

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".snack").forEach(dressSnack);
    dressBulk(document);
    dressPlaceholders();
    holdBack(document);
    const open = document.querySelector("details.confirm[open]");
    if (open) openConfirm(open);
    else focusErrors(document);
  });
})();
