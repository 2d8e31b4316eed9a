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

  // A text with a list below it (ARIA combobox). find(text) gives [{label, value}]; choose(option) keeps one.
  const combobox = (input, { find, choose, leave }) => {
    const list = make("ul", { role: "listbox", id: `${input.id}_lista`, class: "combo-l", hidden: "" });
    list.setAttribute("aria-label", input.labels[0]?.textContent.trim() ?? "");
    const count = make("span", { class: "vh", role: "status" });
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off",
    })) input.setAttribute(name, value);
    const box = make("div", { class: "combo" });
    input.replaceWith(box);
    box.append(input, list, count);
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
      choose(option);
    };
    const open = async () => {
      const mine = ++asked;
      const found = await find(input.value);
      if (mine !== asked || document.activeElement !== input) return;
      options = found.slice(0, MOST);
      list.replaceChildren(
        ...options.map((option, n) => make("li", { role: "option", id: `${list.id}_${n}`, "aria-selected": "false" }, option.label)),
      );
      at = -1;
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      const more = found.length > MOST ? ` de ${found.length}: escriba más letras` : "";
      count.textContent = options.length ? `${options.length}${more}` : input.value ? "Sin coincidencias" : "";
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
        else point(at + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        take(options[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
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
      leave?.();
    });
    return { open };
  };

  // A long list of options: the text searches it by code or words, and the list keeps what was chosen.
  const dressSelect = (select) => {
    const input = make("input", { type: "text", class: "form-control", "data-alone": "", placeholder: "" });
    const hint = make("span", { class: "hint" }, select.dataset.combo);
    const all = [...select.querySelectorAll("option")]
      .filter((option) => option.value)
      .map((option) => ({ label: option.textContent, value: option.value, words: plain(option.textContent) }));
    const show = () => (input.value = select.value ? select.selectedOptions[0].textContent : "");
    input.id = select.id;
    if (select.getAttribute("aria-describedby")) input.setAttribute("aria-describedby", select.getAttribute("aria-describedby"));
    select.id = `${input.id}_valor`;
    delete select.dataset.combo;
    select.hidden = true;
    select.before(hint, input);
    show();
    combobox(input, {
      find: (text) => {
        if (text === (select.value && select.selectedOptions[0].textContent)) return all;
        const words = plain(text).split(/\s+/).filter(Boolean);
        return all.filter((option) => words.every((word) => option.words.includes(word)));
      },
      choose: (option) => {
        select.value = option.value;
        show();
        tell(select);
      },
      leave: () => {
        if (!input.value.trim() && select.value) {
          select.value = "";
          tell(select);
        }
        show();
      },
    });
    input.addEventListener("focus", () => input.select());
  };

  // A text whose options are asked of the server.
  const ask = async (url, parameters) => {
    try {
      const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`, { headers: { "X-Requested-With": "poll" } });
      return answer.ok && !answer.redirected ? (await answer.json()).options : [];
    } catch {
      return [];
    }
  };
  const dressText = (input) => {
    const steps = document.querySelector(`[data-cascade="${input.id}"]`);
    delete input.dataset.comboUrl;
    const keep = (option) => {
      input.value = option.value;
      tell(input);
    };
    combobox(input, { find: (text) => (text.length < 2 ? [] : ask(steps.dataset.url, { q: text })), choose: keep });
    steps.hidden = false;
    const [department, province, district] = ["departamento", "provincia", "distrito"].map((step) =>
      steps.querySelector(`[data-step=${step}]`),
    );
    const fill = (select, options) => {
      select.replaceChildren(select.options[0], ...options.map(({ label, value }) => new Option(label, value)));
      select.disabled = !options.length;
    };
    department.addEventListener("change", async () => {
      fill(district, []);
      fill(province, department.value ? await ask(steps.dataset.url, { departamento: department.value }) : []);
    });
    province.addEventListener("change", async () => {
      const where = { departamento: department.value, provincia: province.value };
      fill(district, province.value ? await ask(steps.dataset.url, where) : []);
    });
    district.addEventListener("change", () => {
      if (district.value) keep({ value: district.value });
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
  };
  document.addEventListener("DOMContentLoaded", dress);
  document.addEventListener("htmx:afterSettle", dress);
})();
