(() => {
  const root = document.documentElement;
  const { words, plotly } = JSON.parse(document.getElementById("tongue")?.textContent ?? '{"words": {}}');
  const say = (text, values = {}) => (words[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const boxes = [...document.querySelectorAll("[data-specification]")];
  const waiting = new Set(boxes);
  const visible = (box) => (box.checkVisibility ? box.checkVisibility() : box.offsetParent !== null);
  const darkness = matchMedia("screen and (prefers-color-scheme: dark)");

  // --- Figures ---

  const night = {
    "#ffffff": "#161b22", "#1f2328": "#e6edf3", "#000000": "#e6edf3", "#59636e": "#9da7b3",
    "#9aa3ac": "#6b7580", "#e7eaee": "#2b323b", "rgba(255,255,255,0.75)": "rgba(22,27,34,0.75)",
  };
  const nightly = (key, value) => {
    if (typeof value !== "string" || !/color$/.test(key)) return value;
    return night[value] ?? value.replace(/^rgba\(0,0,0,/, "rgba(230,237,243,");
  };
  const sliders = new Map(
    [...document.querySelectorAll("[data-slides]")].map((input) => [document.getElementById(input.dataset.slides), input]));
  let specifications = {};
  const specified = (id, dark) => JSON.parse(JSON.stringify(specifications[id]), dark ? nightly : undefined);
  const draw = (box) => {
    waiting.delete(box);
    const { data, layout, config } = specified(box.dataset.specification, darkness.matches);
    Plotly.newPlot(box, data, layout, config);
    // The box is named; what is drawn in it says nothing out of its place, and the numbers stand below.
    for (const drawing of box.querySelectorAll("svg.main-svg")) drawing.setAttribute("aria-hidden", "true");
    show(box);
  };

  // --- Sliders ---

  const tell = (input, { said }) => {
    document.querySelector(`output[for="${input.id}"]`).textContent = said;
    input.setAttribute("aria-valuetext", said);
  };
  const show = (box) => {
    const input = sliders.get(box);
    if (input === undefined) return;
    const moment = specifications[box.dataset.specification].slider.moments[input.value];
    tell(input, moment);
    for (const [update, traces] of moment.restyled) Plotly.restyle(box, update, traces);
  };
  for (const [box, input] of sliders) {
    input.addEventListener("input", () => {
      if (!waiting.has(box)) show(box);
    });
  }
  const startSliders = () => {
    for (const [box, input] of sliders) {
      const { shown, moments } = specifications[box.dataset.specification].slider;
      tell(input, moments[input.value] ?? moments[shown]);
      input.closest(".slider").hidden = false;
    }
  };
  const drawVisible = () => {
    if (window.Plotly) [...waiting].filter(visible).forEach(draw);
  };

  // One figure per turn, so that the page can be read and scrolled while the rest is drawn.
  const drawNext = () => {
    if (!window.Plotly) return;
    const box = [...waiting].find(visible);
    if (box === undefined) {
      root.dataset.drawn = "yes";
      return;
    }
    draw(box);
    setTimeout(drawNext);
  };
  const begin = async () => {
    specifications = JSON.parse(await unpacked("packed-figures"));
    offerNumbers();
    startSliders();
    const library = document.createElement("script");
    library.textContent = await unpacked("packed-plotly");
    document.head.append(library);
    if (!window.Plotly) throw new Error("plotly.js did not start");
    if (plotly) Plotly.setPlotConfig(plotly);
    drawNext();
  };
  addEventListener("resize", drawVisible);
  document.addEventListener("toggle", drawNext, true);

  const drawn = () => boxes.filter((box) => !waiting.has(box));
  const redraw = (dark, size) => {
    for (const box of drawn().filter(visible)) {
      const { data, layout, config } = specified(box.dataset.specification, dark);
      Plotly.react(box, data, { ...layout, ...size(box) }, config);
    }
  };
  const redrawForScreen = (size) => {
    redraw(darkness.matches, size);
    for (const box of sliders.keys()) if (!waiting.has(box)) show(box);
  };
  darkness.addEventListener("change", () => redrawForScreen(() => ({})));

  // --- Folds ---

  const phone = matchMedia("screen and (max-width: 44rem)");
  if (phone.matches) {
    for (const details of document.querySelectorAll("[data-open-on-narrow]")) details.open = true;
  }
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const fold = target && target.closest("details");
    if (!fold || fold.open) return;
    fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  // Paper has its own width and is white: plotly would otherwise print figures as the screen has them.
  // Who lays the page out for paper already says so.
  const narrowest = 660;
  const isLaidOut = () => root.dataset.paper === "yes";
  const folds = [...document.querySelectorAll("details.question, details.further")];
  let opened = [];
  addEventListener("beforeprint", () => {
    if (isLaidOut()) return;
    opened = folds.filter((fold) => !fold.open);
    for (const fold of opened) fold.open = true;
    drawVisible();
    for (const [box, input] of sliders) {
      const { shown, moments } = specifications[box.dataset.specification]?.slider ?? {};
      if (moments) tell(input, moments[shown]);
    }
    redraw(false, (box) => ({
      autosize: false,
      width: Math.min(box.clientWidth, narrowest),
      height: parseInt(getComputedStyle(box).getPropertyValue("--height"), 10),
    }));
  });
  addEventListener("afterprint", () => {
    if (isLaidOut()) return;
    for (const fold of opened) fold.open = false;
    redrawForScreen(() => ({ autosize: true, width: null, height: null }));
    for (const box of drawn().filter(visible)) Plotly.Plots.resize(box);
  });

  // --- The numbers behind a figure ---

  const plain = (text) =>
    new DOMParser().parseFromString(String(text ?? "").replace(/<br\s*\/?>/g, " "), "text/html").body.textContent;
  const ticks = (axis) => new Map((axis?.tickvals ?? []).map((value, rank) => [value, plain(axis.ticktext?.[rank])]));
  const edges = (trace) => {
    const half = trace.x.length / 2;
    const back = { x: trace.x.slice(half).reverse(), y: trace.y.slice(half).reverse() };
    return [
      { ...trace, fill: "none", name: say("{series}, from", { series: trace.name }), ...back },
      { ...trace, fill: "none", name: say("{series}, to", { series: trace.name }), x: trace.x.slice(0, half), y: trace.y.slice(0, half) },
    ];
  };
  const cellsOf = ({ data, layout, rows }) => {
    if (rows) return rows;
    const named = { x: ticks(layout.xaxis), y: ticks(layout.yaxis) };
    const title = (axis, otherwise) => plain(layout[`${axis}axis`]?.title?.text) || otherwise;
    const sankey = data.find((trace) => trace.type === "sankey");
    if (sankey) {
      const label = sankey.node.label.map(plain);
      const { source, target, value } = sankey.link;
      return [[say("From"), say("To"), say("Value")], ...value.map((each, rank) => [label[source[rank]], label[target[rank]], each])];
    }
    const head = [say("Series"), title("x", say("At")), title("y", say("Value"))];
    const heatmap = data.find((trace) => trace.type === "heatmap");
    if (heatmap) {
      const { x, y, z } = heatmap;
      return [[title("y", say("Row")), title("x", say("Column")), say("Value")],
        ...y.flatMap((row, down) => x.map((column, across) =>
          [named.y.get(row) ?? plain(row), named.x.get(column) ?? plain(column), z[down][across]]))];
    }
    const shown = data
      .filter((trace) => trace.mode !== "text" && trace.showlegend !== false && trace.x)
      .flatMap((trace) => (trace.fill === "toself" ? edges(trace) : [trace]));
    const place = (axis, value) => named[axis].get(value) ?? (typeof value === "string" ? plain(value) : value);
    return [head, ...shown.flatMap((trace) =>
      trace.x.map((at, rank) => [plain(trace.name), place("x", at), place("y", trace.y[rank])]))];
  };
  const inert = (cell) =>
    typeof cell === "string" ? cell.replace(/^(?='*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/, "'") : cell;
  const quoted = (cell) => `"${String(inert(cell) ?? "").replaceAll('"', '""')}"`;
  const csv = (rows) => rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
  const numbers = new Intl.NumberFormat(root.lang, { maximumSignificantDigits: 6 });
  const days = plotly && new Intl.DateTimeFormat(root.lang, {
    day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
  });
  const isDay = (cell) => typeof cell === "string" && /^\d{4}-\d{2}-\d{2}$/.test(cell);
  const shown = (cell) => {
    if (typeof cell === "number") return numbers.format(cell).replace("-", "−");
    return days && isDay(cell) ? days.format(new Date(cell)) : cell ?? "";
  };

  const save = (rows, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", csv(rows)], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const line = (row, kind) => {
    const made = document.createElement("tr");
    for (const cell of row) {
      const entry = made.appendChild(document.createElement(kind));
      entry.textContent = shown(cell);
      if (kind === "th") entry.scope = "col";
      if (typeof cell === "number") entry.className = "number";
    }
    return made;
  };
  const tabulate = (details) => {
    const rows = cellsOf(specified(details.dataset.numbers, false));
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say("Save as CSV");
    button.addEventListener("click", () => save(rows, details.dataset.file));
    const region = document.createElement("div");
    region.className = "scroll tall";
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", details.querySelector("summary").textContent);
    const table = region.appendChild(document.createElement("table"));
    rows[0].forEach((name, rank) => table.style.setProperty(`--head-${rank + 1}`, `"${CSS.escape(name)}"`));
    table.createTHead().append(line(rows[0], "th"));
    table.createTBody().append(...rows.slice(1).map((row) => line(row, "td")));
    details.append(button, region);
  };
  const offerNumbers = () => {
    for (const details of document.querySelectorAll("[data-numbers]")) {
      details.hidden = false;
      details.addEventListener("toggle", () => tabulate(details), { once: true });
    }
  };

  // --- Filters of long tables ---

  const counted = (found, all, shown = found) => {
    const text = shown < found ? "{found} of {all}, the first {shown} shown" : "{found} of {all}";
    const [some, whole, first] = [found, all, shown].map((count) => numbers.format(count));
    return say(text, { found: some, all: whole, shown: first });
  };
  for (const input of document.querySelectorAll("[data-filters]")) {
    const rows = [...document.querySelectorAll(`#${input.dataset.filters} tbody tr`)];
    const count = document.querySelector(`output[for="${input.id}"]`);
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      count.textContent = counted(rows.filter((row) => !row.hidden).length, rows.length);
    };
    input.addEventListener("input", show);
    input.closest(".filter").hidden = false;
    show();
  }

  // --- Tables that are unpacked when they are looked at ---

  const mostRows = 200;
  let packedRows;
  for (const input of document.querySelectorAll("[data-searches]")) {
    const table = document.getElementById(input.dataset.searches);
    const count = document.querySelector(`output[for="${input.id}"]`);
    const classes = [...table.tHead.rows[0].cells].map((cell) => cell.className);
    const rowOf = (texts) => {
      const row = document.createElement("tr");
      texts.forEach((text, rank) => {
        const cell = row.insertCell();
        cell.className = classes[rank];
        cell.textContent = text;
      });
      return row;
    };
    const show = async () => {
      packedRows ??= unpacked("packed-tables").then(JSON.parse);
      const rows = (await packedRows)[table.id];
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = rows.filter((row) => {
        const text = row.join(" ").toLowerCase();
        return words.every((word) => text.includes(word));
      });
      table.tBodies[0].replaceChildren(...found.slice(0, mostRows).map(rowOf));
      count.textContent = counted(found.length, rows.length, Math.min(found.length, mostRows));
    };
    input.addEventListener("input", show);
    input.closest(".filter").hidden = false;
    const fold = table.closest("details");
    if (!fold || fold.open) show();
    else fold.addEventListener("toggle", show, { once: true });
  }

  if (boxes.length === 0) root.dataset.drawn = "yes";
  else begin().catch(() => { root.dataset.figures = "none"; });
})();
