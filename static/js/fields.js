// Fields that help while one fills them in. Without this script a list is a list and a text is typed.
"use strict";
(() => {
  const MOST = 40; // options shown at once
  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const tell = (element) => {
    for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const make = (tag, attributes, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  // A text with a list below it (ARIA combobox). find(text) gives [{label, value}], or null when it could not ask;
  // choose(option) keeps one; leave() is called when the text is left, revert() when Escape finds the list closed.
  // source: the element that says, in data-none and data-away, what is told when nothing is found.
  const combobox = (input, source, { find, choose, leave, revert }) => {
    const list = make("ul", { role: "listbox", id: `${input.id}_lista`, class: "combo-l", hidden: "" });
    list.setAttribute("aria-label", "Opciones");
    const told = make("span", { class: "vh", role: "status" });
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off",
    })) input.setAttribute(name, value);
    // What a browser does not complete it does not put back either when one returns to the page.
    window.addEventListener("pagehide", () => input.removeAttribute("autocomplete"));
    const box = make("div", { class: "combo" });
    input.replaceWith(box);
    box.append(input, list, told);
    let options = [];
    let at = -1;
    let asked = 0;
    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const point = (to) => {
      at = (to + options.length) % options.length;
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", n === at));
      list.children[at].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", list.children[at].id);
    };
    const take = (option) => {
      close();
      say("");
      choose(option);
    };
    // A count is for who listens; that nothing was found is for everybody, where the list would be.
    const say = (words, everybody = false) => {
      told.className = everybody ? "combo-n" : "vh";
      told.textContent = words;
    };
    const tellFound = (found) => {
      const typed = input.value.trim();
      if (typed.length < 2 && !found?.length) say("");
      else if (!found) say(source.dataset.away, true);
      else if (!found.length) say(source.dataset.none.replace("{}", () => typed), true);
      else say(`${options.length}${found.length > MOST ? ` de ${found.length}: escriba más letras` : ""}`);
    };
    const open = async () => {
      const mine = ++asked;
      const found = await find(input.value);
      if (mine !== asked || document.activeElement !== input) return;
      options = (found ?? []).slice(0, MOST);
      list.replaceChildren(
        ...options.map((option, n) => make("li", { role: "option", id: `${list.id}_${n}`, "aria-selected": "false" }, option.label)),
      );
      at = -1;
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      input.removeAttribute("aria-activedescendant");
      tellFound(found);
      if (!list.hidden) list.scrollIntoView({ block: "nearest" });
    };
    let timer;
    input.addEventListener("input", (event) => {
      if (!event.isTrusted) return;
      clearTimeout(timer);
      timer = setTimeout(open, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open();
        else point(at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1));
      } else if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        take(options[at]);
      } else if (event.key === "Tab" && !list.hidden && at >= 0) {
        take(options[at]); // and the focus goes on
      } else if (event.key === "Escape") {
        if (list.hidden) {
          revert?.();
          say("");
        } else event.preventDefault(); // of a dialog, too, only the list closes
        close();
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps the focus
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) take(options[[...list.children].indexOf(item)]);
    });
    input.addEventListener("blur", () => {
      clearTimeout(timer);
      asked += 1;
      close();
      if (told.className === "vh") say("");
      leave?.();
    });
    return { say };
  };
  const matching = (all, text) => {
    const words = plain(text).split(/\s+/).filter(Boolean);
    return all.filter((option) => words.every((word) => option.words.includes(word)));
  };
  const described = (input, id) => {
    const ids = (input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
    input.setAttribute("aria-describedby", [...ids, id].join(" "));
  };

  // A long list of options: the text searches it by code or words, and the list keeps what was chosen. A text that is
  // no option chooses nothing; it stays, and travels as `…-texto`, so that the answer can say so and bring it back.
  const dressSelect = (select) => {
    const input = make("input", { type: "text", class: "form-control", "data-alone": "", name: `${select.name}-texto` });
    const hint = make("span", { class: "hint", id: `${select.id}_busca` }, select.dataset.combo);
    const all = [...select.querySelectorAll("option")]
      .filter((option) => option.value)
      .map((option) => ({ label: option.textContent, value: option.value, words: plain(option.textContent) }));
    const label = () => (select.value ? select.selectedOptions[0].textContent : "");
    const keep = (value) => {
      if (select.value === value) return;
      select.value = value;
      tell(select);
    };
    for (const name of ["aria-describedby", "aria-invalid", "required"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    input.id = select.id;
    described(input, hint.id);
    select.id = `${input.id}_valor`;
    delete select.dataset.combo;
    select.hidden = true;
    select.required = false;
    select.before(hint, input);
    input.value = label() || (select.dataset.typed ?? "");
    let kept = select.value;
    // What is typed is looked up when the text is left, or sent: one option by its whole text, its code or alone.
    const settle = (quiet = false) => {
      const text = input.value.trim();
      const found = text ? matching(all, text) : [];
      const exact = all.find((option) => plain(option.label) === plain(text) || option.value === text);
      const option = exact ?? (found.length === 1 ? found[0] : null);
      if (text === label()) return;
      select.value = "";
      if (option) {
        kept = select.value = option.value;
        input.value = option.label;
      }
      if (!quiet) tell(select);
    };
    combobox(input, select, {
      find: (text) => (text === label() ? all : matching(all, text)),
      choose: (option) => {
        input.value = option.label;
        keep(option.value);
        kept = option.value;
      },
      revert: () => {
        select.value = kept;
        input.value = label();
      },
      leave: () => settle(),
    });
    input.addEventListener("focus", () => input.select());
    input.form?.addEventListener("submit", () => settle(true), true);
  };

  // A text with its options in the page.
  const dressList = (input) => {
    const all = [...input.list.options].map(({ value, dataset }) => ({
      label: value, value, words: plain(`${value} ${dataset.words}`).replaceAll(".", ""),
    }));
    input.removeAttribute("list");
    combobox(input, input, {
      find: (text) => matching(all, text.replaceAll(".", "")),
      choose: (option) => {
        input.value = option.value;
        tell(input);
      },
    });
  };

  // A text whose options are asked of the server.
  const ask = async (url, parameters) => {
    try {
      const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`, { headers: { "X-Requested-With": "poll" } });
      return answer.ok && !answer.redirected ? await answer.json() : null;
    } catch {
      return null;
    }
  };
  const dressText = (input) => {
    const steps = document.querySelector(`[data-cascade="${input.id}"]`);
    const options = async (parameters) => (await ask(steps.dataset.url, parameters))?.options ?? null;
    delete input.dataset.comboUrl;
    const keep = (option) => {
      input.value = option.value;
      tell(input);
    };
    const find = (text) => (text.trim().length < 2 ? [] : options({ q: text }));
    const { say } = combobox(input, input, { find, choose: keep });
    steps.hidden = false;
    const [department, province, district] = ["departamento", "provincia", "distrito"].map((step) =>
      steps.querySelector(`[data-step=${step}]`),
    );
    const fill = (select, found) => {
      select.replaceChildren(select.options[0], ...(found ?? []).map(({ label, value }) => new Option(label, value)));
      select.disabled = !found?.length;
    };
    department.addEventListener("change", async () => {
      fill(district, []);
      fill(province, department.value ? await options({ departamento: department.value }) : []);
    });
    province.addEventListener("change", async () => {
      const where = { departamento: department.value, provincia: province.value };
      fill(district, province.value ? await options(where) : []);
    });
    district.addEventListener("change", () => {
      if (!district.value) return;
      say("");
      keep({ value: district.value });
    });
  };

  // An amount: how it is read is told below it when it is left. Who reads it is the server, here as when it is saved.
  const dressAmount = (input) => {
    const echo = make("p", { class: "echo", role: "status", id: `${input.id}_lectura` });
    const url = input.dataset.amountUrl;
    delete input.dataset.amountUrl;
    input.after(echo);
    described(input, echo.id);
    input.addEventListener("input", () => (echo.textContent = ""));
    input.addEventListener("blur", async () => {
      const text = input.value.trim();
      const answer = text ? await ask(url, { q: text, de: input.dataset.amount }) : null;
      if (!answer || input.value.trim() !== text) return;
      const beside = input.closest(".auto-f"); // there, what is wrong is told by what saves it
      echo.textContent = answer.read ? `${input.dataset.read} ${answer.read}` : beside ? "" : answer.wrong;
      echo.classList.toggle("c-bad", !answer.read);
    });
  };

  // A day that follows from another: proposed while nobody wrote one, the eve of the anniversary.
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    const until = form && [...form.elements].find((field) => field.dataset.from === event.target.name);
    if (!until || !event.target.value || (until.value && until.value !== until.dataset.proposed)) return;
    const [year, month, day] = event.target.value.split("-").map(Number);
    const eve = new Date(Date.UTC(year + Number(until.dataset.years), month - 1, day - 1));
    until.value = until.dataset.proposed = eve.toISOString().slice(0, 10);
  });

  const dress = () => {
    document.querySelectorAll("select[data-combo]").forEach(dressSelect);
    document.querySelectorAll("input[data-combo-url]").forEach(dressText);
    document.querySelectorAll("input[list][data-none]").forEach(dressList);
    document.querySelectorAll("input[data-amount-url]").forEach(dressAmount);
  };
  document.addEventListener("DOMContentLoaded", dress);
  document.addEventListener("htmx:afterSettle", dress);
})();
