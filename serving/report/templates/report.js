"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const texts = read("texts"), specs = read("specs"), settings = read("settings");
  const root = document.documentElement;
  const pages = [...document.querySelectorAll(".page")];
  const thin = "\u202f";
  let language = root.lang;

  // How figures are written: the rules of serving/report/figures.py.
  const sign = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±");
  const grouped = (value, digits) => {
    const isFrench = language === "fr";
    const [whole, rest] = Math.abs(value).toFixed(digits).split(".");
    const text = whole.replace(/\B(?=(\d{3})+(?!\d))/g, isFrench ? thin : ",");
    const shown = rest ? text + (isFrench ? "," : ".") + rest : text;
    return (value < 0 && /[1-9]/.test(shown) ? "−" : "") + shown;
  };
  const money = (value, kind) => {
    const isShort = ["money_short", "money_delta"].includes(kind);
    const isSigned = ["money_delta", "money_change"].includes(kind);
    const before = isSigned ? sign(value) : value < 0 ? "−" : "";
    let size = Math.abs(value), unit = "", digits = 0;
    if (isShort && size >= 1e6) [size, unit, digits] = [size / 1e6, "M", 2];
    else if (isShort && size >= 1e4) [size, unit] = [size / 1e3, "k"];
    const symbol = settings.symbol;
    if (language === "en") {
      const gap = symbol === settings.currency ? thin : "";
      return before + symbol + gap + grouped(size, digits) + unit;
    }
    return before + grouped(size, digits) + thin + unit + symbol;
  };
  const day = (text, kind) => {
    const [date, clock] = text.split("T");
    const [year, month, number] = date.split("-").map(Number);
    const name = settings.months[language][month - 1];
    if (kind === "month") return `${name} ${year}`;
    return `${number} ${name} ${year}` + (clock ? ` ${clock.slice(0, 5)} UTC` : "");
  };
  const written = (value, kind) => {
    if (value === null || value === undefined || value === "") return settings.dash;
    if (kind.startsWith("term:")) return texts[language][`${kind.slice(5)}.${value}`] ?? value;
    if (["date", "month", "instant"].includes(kind)) return day(value, kind);
    if (kind.startsWith("money")) return money(Number(value), kind);
    if (kind === "share") return grouped(value * 100, 1) + (language === "en" ? "%" : thin + "%");
    if (kind === "points") return sign(Number(value)) + grouped(Math.abs(value) * 100, 1);
    return kind in settings.digits ? grouped(Number(value), settings.digits[kind]) : String(value);
  };
  const filled = (key, values) => {
    const given = values ? JSON.parse(values) : {};
    return texts[language][key].replace(/\{(\w+)\}/g, (_, name) => written(...given[name]));
  };

  const localise = () => {
    for (const element of document.querySelectorAll("[data-t]"))
      element.textContent = filled(element.dataset.t, element.dataset.a);
    for (const element of document.querySelectorAll("[data-label]"))
      element.setAttribute("aria-label", filled(element.dataset.label));
    for (const element of document.querySelectorAll("[data-v][data-f]"))
      element.textContent = written(element.dataset.v, element.dataset.f);
    for (const table of document.querySelectorAll("table")) localiseTable(table);
    for (const figure of document.querySelectorAll("figure.card, .card > .scroll")) name(figure);
    document.title = settings.company + " · " + document.querySelector(".as-of").textContent;
  };
  const localiseTable = (table) => {
    const kinds = [...table.tHead.rows[0].cells].map((head) => head.dataset.f);
    for (const row of table.tBodies[0].rows)
      for (const cell of row.querySelectorAll("[data-v]")) {
        const parts = cell.querySelector("small");
        cell.firstChild.data = written(cell.dataset.v, kinds[cell.cellIndex]);
        if (parts) parts.textContent = cell.dataset.p.split(" ").map((part, at) =>
          written(part, cell.dataset.q.split(" ")[at])).join(" / ");
      }
  };
  // A chart and a table are called what the heading above them says.
  const name = (element) => {
    const heading = (element.closest(".card")).querySelector("h3:not([hidden]), h4:not([hidden])");
    for (const part of element.matches(".scroll") ? [element] : element.querySelectorAll(".plot, .scroll"))
      part.setAttribute("aria-label", heading.textContent);
  };

  // A chart draws what its own table shows.
  const rowsOf = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    return [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row, at) => {
      const datum = { row: at };
      heads.forEach((head, place) => {
        const cell = row.cells[place], value = cell.dataset.v;
        const isNumber = head.classList.contains("n");
        datum[head.dataset.k] = isNumber ? (value === undefined ? null : Number(value)) : cell.textContent.trim();
        if (isNumber) datum[head.dataset.k + "_text"] = cell.firstChild.data;
      });
      return datum;
    });
  };
  // "@key" is a text, also within an expression, where it stands between quotes.
  const localised = (spec) => JSON.parse(JSON.stringify(spec), (_, value) => {
    if (typeof value !== "string") return value;
    if (value.startsWith("@")) return texts[language][value.slice(1)];
    return value.replace(/'@([^']+)'/g, (_, key) => `'${texts[language][key].replaceAll("'", "\\'")}'`);
  });
  const draw = async (figure) => {
    const plot = figure.querySelector(".plot");
    const spec = localised(specs[figure.id]);
    spec.data = { values: rowsOf(figure.querySelector("table")) };
    // Vega-Lite fits a width only beside a height that it knows.
    if (spec.height.step) {
      const { field } = (spec.layer ?? [spec]).map((layer) => layer.encoding.y).find((y) => y?.field);
      spec.height = spec.height.step * new Set(spec.data.values.map((datum) => datum[field])).size;
    }
    spec.width = Math.max(260, plot.clientWidth - 2);
    spec.autosize = { type: "fit-x", contains: "padding" };
    const decimal = language === "fr" ? { decimal: ",", thousands: thin } : { decimal: ".", thousands: "," };
    await vegaEmbed(plot, spec, {
      mode: "vega-lite", renderer: "svg", actions: false, ast: true, config: settings.config,
      logLevel: 1, // Errors: a column that holds no figure is no fault of the page.
      formatLocale: { ...decimal, grouping: [3], currency: ["", ""] },
    });
    // The picture has a name, and the table tells the rest; Vega gives each mark a role of its own.
    plot.querySelector("svg").setAttribute("aria-hidden", "true");
  };
  const figures = () => [...document.querySelectorAll("figure.card")].filter((figure) => figure.id in specs);
  // Those of pages that are not shown have no width unless they are laid out for a moment.
  const drawAll = async () => {
    delete root.dataset.charts;
    root.classList.add("measuring");
    try {
      for (const figure of figures()) await draw(figure);
    } finally {
      root.classList.remove("measuring");
    }
    root.dataset.charts = "drawn";
  };

  const choose = (figure, choice) => {
    for (const element of figure.querySelectorAll("[data-w]")) element.hidden = element.dataset.w !== choice;
    name(figure);
  };
  const route = (isAsked) => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1))) ?? pages[0];
    if (target.id === "content") return;
    const page = target.closest(".page") ?? pages[0];
    for (const other of pages) other.classList.toggle("shown", other === page);
    for (const link of document.querySelectorAll("nav a"))
      link.hash === "#" + page.id ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
    showChosen(page, target.closest(".chosen"));
    if (!isAsked) return;
    const heading = target.querySelector("h2, h3, h4") ?? target;
    target === page ? window.scrollTo(0, 0) : target.scrollIntoView();
    heading.focus({ preventScroll: true });
  };
  const showChosen = (page, asked) => {
    const parts = [...page.querySelectorAll(".chosen")];
    const shown = asked ?? parts.find((part) => part.classList.contains("shown")) ?? parts[0];
    for (const part of parts) part.classList.toggle("shown", part === shown);
    const chooser = page.querySelector("[data-goes]");
    if (chooser && shown) chooser.value = shown.id;
  };

  document.getElementById("language").addEventListener("change", async (event) => {
    language = root.lang = event.target.value;
    localise();
    await drawAll();
  });
  document.getElementById("theme").addEventListener("change", (event) => {
    event.target.value === "system" ? delete root.dataset.theme : (root.dataset.theme = event.target.value);
  });
  for (const select of document.querySelectorAll(".choice select"))
    select.addEventListener("change", async () => {
      const figure = select.closest("figure");
      choose(figure, select.value);
      await draw(figure);
    });
  for (const select of document.querySelectorAll("[data-goes]"))
    select.addEventListener("change", () => { location.hash = select.value; });
  window.addEventListener("hashchange", () => route(true));
  root.classList.add("scripted");
  route(Boolean(location.hash));
  drawAll();
})();
