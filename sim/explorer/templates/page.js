"use strict";
// Texts of a scenario enter the page as text alone (textContent), and Plotly as the server has made them safe.
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const made = (tag, given = {}, ...inside) => {
  const its = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "text") its.textContent = value;
    else if (name.startsWith("on")) its.addEventListener(name.slice(2), value);
    else if (value !== false) its.setAttribute(name, value === true ? "" : value);
  }
  its.append(...inside);
  return its;
};
const drawn = (tag, given, ...inside) => {
  const its = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) its.setAttribute(name, value);
  its.append(...inside);
  return its;
};
const tongue = { words: {}, decimal: ".", thousands: ",", percent: " %", plotly: {}, ...JSON.parse(byId("tongue")?.textContent ?? "{}") };
const tell = (text, values = {}) => (tongue.words[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const fixed = (number, digits) => number.toFixed(digits).replace(".", tongue.decimal);
const grouped = (count) => count.toLocaleString("en").replaceAll(",", tongue.thousands);
const withPercent = (text) => text + tongue.percent;
const percent = (share, digits = 1) => withPercent(fixed(100 * share, digits));
const points = (share) => `${share < 0 ? "−" : "+"}${fixed(Math.abs(100 * share), 2)}`;
const nothing = () => ({ values: {}, levers: {}, cuts: [], cut_day: null });
const copy = (its) => JSON.parse(JSON.stringify(its));
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const FIGURES = [["mean", "Mean"], ["p50", "Median"], ["var95", "VaR 95 %"], ["es95", "ES 95 %"]];
const SETTLED_MS = 1200;

let begun = null, socket = null, number = 0, asked = 0;
let past = [], moved = nothing(), future = [];
let base = null, picture = null, whole = null, wait = 0;
let tried = [];  // {label, moved, picture, pinned}
const alone = window.alone;  // In a file by itself; otherwise a server answers.
window.explorer = { latencies: [], drawn: () => picture && showCurves(), get number() { return number; }, get picture() { return picture; }, get moved() { return moved; } };

// ------------------------------------------------------------------ the server

function connect() {
  if (alone) { alone.connect(hear); return; }
  socket = new WebSocket(`ws://${location.host}${location.pathname}moves`);
  socket.onopen = () => say({ ask: "begin" });
  socket.onmessage = (event) => hear(JSON.parse(event.data));
  socket.onclose = () => { byId("status").textContent = tell("The explorer has ended; nothing more is simulated."); };
}
const say = (message) => (alone ? alone.say(message) : socket.send(JSON.stringify(message)));

function hear(message) {
  if (message.refused !== undefined) return refuse(message);
  if (message.ask === "begin") return begin(message);
  if (message.ask === "save") byId("kept").textContent = tell("Saved: {file}", { file: message.saved });
  if (message.ask === "share") download(message.page);
  if (message.number !== number) return;  // Something else has been moved since.
  if (message.ask === "whole") { whole = message.makers; showWhole(); }
  if (message.ask === "move") {
    if (picture === null || picture.number !== number) window.explorer.latencies.push(performance.now() - asked);
    picture = { ...message.picture, number };
    if (same(moved, nothing())) base = picture;
    byId("answer").setAttribute("aria-busy", String(picture.futures !== picture.of));
    show();
    if (picture.futures === picture.of) settle();
  }
}

function refuse(message) {
  if (message.ask === "save" || message.ask === "share") { byId("kept").textContent = message.refused; return; }
  if (message.number !== undefined && message.number !== null && message.number !== number) return;
  byId("answer").setAttribute("aria-busy", "false");
  byId("refused").textContent = message.refused;
  byId("status").textContent = tell("Refused; the figures are those before it.");
}

function ask() {
  number += 1;
  whole = null;
  clearTimeout(wait);
  byId("refused").textContent = "";
  byId("why").hidden = true;
  byId("answer").setAttribute("aria-busy", "true");
  asked = performance.now();
  say({ ask: "move", number, moved });
}

function settle() {
  const label = told(moved);
  const known = tried.find((its) => same(its.moved, moved));
  if (known) known.picture = picture;
  else tried.push({ label, moved: copy(moved), picture, pinned: false });
  showTried();
  showCurves();
  for (const id of ["pin", "save", "share"]) byId(id).disabled = false;
  clearTimeout(wait);
  if (!alone) wait = setTimeout(() => say({ ask: "whole", number, moved }), SETTLED_MS);
}

function download(page) {
  const link = made("a", { download: "explored.html", href: URL.createObjectURL(new Blob([page], { type: "text/html" })) });
  link.click();
  byId("kept").textContent = tell("Shared: explored.html, in the browser's downloads.");
}

// ------------------------------------------------------------------ what can be moved

function begin(message) {
  if (begun) return;
  begun = message;
  document.title = tell("Explorer: {title}", { title: message.title });
  if (alone) byId("network-title").textContent = tell("Network");
  const gone = message.left_out ?? [];
  byId("left-out").hidden = gone.length === 0;
  byId("left-out").textContent = tell("Not in this file, as they change the shape of the network: {controls}. chokepoint explore moves them.", { controls: gone.join("; ") });
  byId("title").textContent = message.title;
  byId("question").textContent = message.question;
  const { numbers, chances, dates, levers, network } = message.controls;
  fill("numbers", numbers.map(slider));
  fill("chances", chances.map(slider));
  fill("dates", dates.map(dating));
  fill("levers", levers.map(levering));
  byId("cut-day").min = network.first;
  byId("cut-day").max = network.last;
  byId("cut-day").value = network.cut_day;
  drawNetwork(network);
  ask();
}

function fill(id, controls) {
  byId(id).append(...controls);
  byId(id).hidden = controls.length === 0;
}

function slider(its) {
  const name = tell("{name}: {value}", { name: its.label, value: its.field });
  const range = made("input", { type: "range", min: its.low, max: its.high, step: its.step, value: its.usual, "aria-label": name });
  const box = made("input", { type: "text", inputmode: "decimal", "aria-label": tell("{name}, typed", { name }), placeholder: tell("as it is") });
  const back = made("button", { type: "button", text: "×", "aria-label": tell("{name}: {value}", { name, value: tell("as in the base") }), title: tell("as in the base") });
  const set = (text, merged) => change((now) => { if (text === "") delete now.values[its.path]; else now.values[its.path] = text; }, merged);
  range.addEventListener("input", () => set(range.value, its.path));
  range.addEventListener("change", () => { last = ""; });
  box.addEventListener("change", () => set(box.value.trim()));
  back.addEventListener("click", () => set(""));
  const control = made("div", { class: "control" },
    made("span", { class: "name" }, its.label, made("span", { class: "field", text: `, ${its.field}` })),
    made("div", { class: "row" }, range, box, back));
  syncing.push(() => {
    const text = moved.values[its.path];
    control.classList.toggle("moved", text !== undefined);
    back.disabled = text === undefined;
    if (document.activeElement !== box) box.value = text ?? "";
    if (document.activeElement !== range || text === undefined) range.value = text ?? its.usual;
    range.setAttribute("aria-valuetext", text === undefined ? tell("as in the base") : text);
  });
  return control;
}

function dating(its) {
  const date = made("input", { type: "date", min: its.low, max: its.high, step: its.step_days ?? 1, value: its.usual, "aria-label": tell("{name}: {value}", { name: its.label, value: its.field }) });
  date.addEventListener("change", () => change((now) => { if (!date.value || date.value === its.usual) delete now.values[its.path]; else now.values[its.path] = date.value; }));
  syncing.push(() => { date.value = moved.values[its.path] ?? its.usual; });
  return made("div", { class: "control" }, made("span", { class: "name" }, its.label, made("span", { class: "field", text: `, ${its.field}` })), date);
}

function levering(its) {
  const id = `lever-${its.id}`;
  const box = made("input", { type: "checkbox", id });
  const level = its.levels.length ? made("select", { "aria-label": tell("{name}, level", { name: its.label }) }, ...its.levels.map((value) => made("option", { value, text: `${value} ${its.unit}`.trim() }))) : null;
  const date = its.earliest ? made("input", { type: "date", min: its.earliest, max: its.latest, step: its.step_days ?? 1, value: its.earliest, "aria-label": tell("{name}, decided on", { name: its.label }) }) : null;
  const take = () => change((now) => {
    if (!box.checked) { delete now.levers[its.id]; return; }
    now.levers[its.id] = { level: level ? Number(level.value) : null, date: date && date.value ? date.value : null };
    for (const other of its.excludes) delete now.levers[other];
  });
  for (const part of [box, level, date]) if (part) part.addEventListener("change", () => { if (part !== box) box.checked = true; take(); });
  syncing.push(() => {
    const taken = moved.levers[its.id];
    box.checked = taken !== undefined;
    if (taken && level) level.value = String(taken.level);
    if (taken && date && taken.date) date.value = taken.date;
  });
  return made("div", { class: "control" },
    made("div", { class: "row lever" }, box, made("label", { for: id, class: "name", text: its.label })),
    made("div", { class: "row taken" }, ...[level, date].filter(Boolean)));
}

const syncing = [];
let last = "";

function change(how, merged = "") {
  const before = copy(moved);
  how(moved);
  if (same(before, moved)) return;
  if (!merged || merged !== last) past.push(before);  // A slider that is dragged is one step.
  last = merged;
  future = [];
  sync();
  ask();
}

function step(from, to) {
  if (from.length === 0) return;
  to.push(copy(moved));
  moved = from.pop();
  last = "";
  sync();
  ask();
}

function sync() {
  for (const its of syncing) its();
  byId("undo").disabled = past.length === 0;
  byId("redo").disabled = future.length === 0;
  byId("reset").disabled = same(moved, nothing());
  showCuts();
  const known = new Set([...begun.controls.numbers, ...begun.controls.chances, ...begun.controls.dates].map((its) => its.path));
  byId("set-by-hand").replaceChildren(...Object.entries(moved.values).filter(([path]) => !known.has(path)).map(([path, text]) =>
    made("li", {}, made("span", { text: `${path}=${text}` }),
      made("button", { type: "button", text: "×", "aria-label": tell("Take back {setting}", { setting: path }), onclick: () => change((now) => { delete now.values[path]; }) }))));
}

function told(its) {
  const { numbers, chances, dates, levers, network } = begun.controls;
  const labels = new Map([...numbers, ...chances, ...dates].map((one) => [one.path, `${one.label}, ${one.field}`]));
  const parts = Object.entries(its.values).map(([path, text]) => `${labels.get(path) ?? path} = ${text}`);
  for (const [id, taken] of Object.entries(its.levers)) {
    const lever = levers.find((one) => one.id === id);
    parts.push([lever.label, taken.level === null ? "" : `${taken.level} ${lever.unit}`, taken.date ?? ""].filter(Boolean).join(", "));
  }
  const from = its.cut_day ? tell(" from {day}", { day: its.cut_day }) : "";
  for (const [kind, key] of its.cuts) parts.push(tell("cut {name}{from}", { name: cutLabel(network, kind, key), from }));
  return parts.join("; ") || tell("The base");
}

const cutLabel = (network, kind, key) => (kind === "firm" ? network.firms : network.lanes).find((one) => one.key === key)?.label ?? key;

// ------------------------------------------------------------------ the network

function drawNetwork(network) {
  const narrow = innerWidth < 700;
  const tiers = [];
  for (const firm of network.firms) (tiers[firm.tier] ??= []).push(firm);
  const columns = tiers.filter(Boolean);
  const wide = narrow ? 360 : 860, box = narrow ? 112 : 200, high = 26;
  const most = Math.max(...columns.map((one) => one.length), 1);
  const height = Math.max(120, most * 34 + 10), at = new Map();
  columns.forEach((firms, column) => firms.forEach((firm, row) => at.set(firm.key, {
    x: columns.length === 1 ? 0 : (wide - box) * (columns.length - 1 - column) / (columns.length - 1),
    y: height * (row + .5) / firms.length })));
  const svg = drawn("svg", { viewBox: `0 0 ${wide} ${height}`, role: "group", "aria-label": tell("Firms and lanes") });
  const pairs = new Map();
  for (const lane of network.lanes) {
    const one = at.get(lane.from), other = at.get(lane.to);
    if (!one || !other) continue;
    const pair = `${lane.from} ${lane.to}`, turn = pairs.get(pair) ?? 0;
    pairs.set(pair, turn + 1);
    const bend = turn * 9, left = one.x <= other.x;
    const x1 = one.x + (left ? box : 0), x2 = other.x + (left ? 0 : box);
    const path = `M${x1},${one.y} C${(x1 + x2) / 2},${one.y + bend} ${(x1 + x2) / 2},${other.y + bend} ${x2},${other.y}`;
    const hit = drawn("path", { d: path, class: "hit", role: "button", tabindex: 0, "aria-pressed": "false", "data-cut": `lane ${lane.key}`, "aria-label": tell("Cut the lane {lane}", { lane: lane.label }) },
      titled(lane.label));
    cutting(hit, "lane", lane.key);
    svg.append(drawn("g", {}, hit, drawn("path", { d: path, class: lane.substitute ? "lane substitute" : "lane", "pointer-events": "none" })));
  }
  for (const firm of network.firms) {
    const { x, y } = at.get(firm.key), fits = narrow ? 14 : 26;
    const name = firm.label.length > fits ? `${firm.label.slice(0, fits - 1)}…` : firm.label;
    const text = drawn("text", { x: x + 8, y: y + 4.5 });
    text.textContent = name;
    const group = drawn("g", { class: "firm", "data-cut": `firm ${firm.key}`, ...(firm.supplies ? { role: "button", tabindex: 0, "aria-pressed": "false", "aria-label": tell("Cut all that {firm} supplies", { firm: firm.label }) } : {}) },
      drawn("rect", { x, y: y - high / 2, width: box, height: high, rx: 6 }), text, titled(firm.label));
    if (firm.supplies) cutting(group, "firm", firm.key);
    svg.append(group);
  }
  byId("network").replaceChildren(svg);
}

function titled(label) {
  const its = drawn("title", {});
  its.textContent = label;
  return its;
}

function cutting(its, kind, key) {
  if (alone) { for (const name of ["role", "tabindex", "aria-pressed", "aria-label"]) its.removeAttribute(name); return; }
  const cut = () => change((now) => {
    const place = now.cuts.findIndex((one) => one[0] === kind && one[1] === key);
    if (place >= 0) now.cuts.splice(place, 1);
    else now.cuts.push([kind, key]);
    now.cuts.sort();
    now.cut_day = now.cuts.length && byId("cut-day").value !== begun.controls.network.cut_day ? byId("cut-day").value : null;
  });
  its.addEventListener("click", cut);
  its.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); cut(); } });
}

function showCuts() {
  const cut = new Set(moved.cuts.map((one) => one.join(" ")));
  for (const its of document.querySelectorAll("#network [data-cut]")) {
    const is = cut.has(its.dataset.cut);
    if (its.hasAttribute("aria-pressed")) its.setAttribute("aria-pressed", String(is));
    (its.classList.contains("hit") ? its.nextElementSibling : its).classList.toggle("cut", is);
  }
  const { network } = begun.controls;
  byId("cut-day").value = moved.cut_day ?? network.cut_day;
  byId("cuts").replaceChildren(...moved.cuts.map(([kind, key]) => made("button", {
    type: "button", text: `× ${cutLabel(network, kind, key)}`, "aria-label": tell("Join {name} again", { name: cutLabel(network, kind, key) }),
    onclick: () => change((now) => { now.cuts = now.cuts.filter((one) => one[0] !== kind || one[1] !== key); if (!now.cuts.length) now.cut_day = null; }) })));
}

// ------------------------------------------------------------------ figures

function show() {
  byId("status").textContent = tell("{what}: {count} of {all} futures", { what: told(moved), count: grouped(picture.futures), all: grouped(picture.of) });
  byId("cards").replaceChildren(...Object.values(picture.makers).map(card));
  showCurves();
}

function card(its) {
  const { mean, var95, es95 } = its.figures;
  const worst = tell("1 future in 20 loses {var95} or more, and these {es95} on average.", { var95: percent(var95.estimate), es95: percent(es95.estimate) });
  const range = mean.ci_low === null || mean.ci_high === null ? "" : ` ± ${tell("{half} points", { half: fixed(50 * (mean.ci_high - mean.ci_low), 1) })}`;
  const parts = [
    made("h3", { text: its.name }),
    made("p", { class: "big" }, percent(mean.estimate), made("small", { text: range })),
    made("p", { text: begun.margin ? tell("of margin is lost on average; {worst}", { worst }) : tell("of revenue is lost on average; {worst}", { worst }) }),
  ];
  if (!same(moved, nothing())) parts.push(made("p", {}, made("strong", { text: tell("{change} ± {half} points", { change: points(its.change.estimate), half: fixed(100 * its.change.half_width, 2) }) }), ` ${tell("against the base in the same futures")}`));
  return made("article", { class: "card" }, ...parts);
}

function line(its, name, colour, dash) {
  const last = its.curve.length - 1;
  return { x: its.curve.map((share) => 100 * share), y: its.curve.map((_, place) => 100 * (1 - place / last)), name, type: "scatter", mode: "lines",
    line: { color: colour, dash, width: 2.5 }, hovertemplate: `${tell("{share} lose more than {loss}", { share: withPercent("%{y:.0f}"), loss: withPercent("%{x:.1f}") })}<extra></extra>` };
}

const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

function showCurves() {
  if (!picture || !window.Plotly) return;
  const makers = Object.keys(picture.makers), several = makers.length > 1, traces = [], isNarrow = innerWidth < 700;
  const numbered = (axis, row) => `${axis}${row ? row + 1 : ""}`;
  makers.forEach((maker, row) => {
    const on = { xaxis: numbered("x", row), yaxis: numbered("y", row), showlegend: row === 0 };
    if (base) traces.push({ ...line(base.makers[maker], tell("base"), "#808a94", "dash"), ...on });
    tried.filter((its) => its.pinned).forEach((its, place) =>
      traces.push({ ...line(its.picture.makers[maker], letter(its), COLOURS[1 + place % 5], "dot"), ...on }));
    traces.push({ ...line(picture.makers[maker], tell("now"), COLOURS[0], "solid"), ...on });
  });
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
  const axis = (title) => ({ title: { text: title }, ticksuffix: tongue.percent, zeroline: false, gridcolor: "rgba(128,138,148,.25)", fixedrange: true });
  const layout = { margin: { l: 60, r: 10, t: 10, b: 45 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: ink, size: 13 },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom" }, hovermode: "closest" };
  makers.forEach((maker, row) => {
    const part = 1 / makers.length, gap = several ? (isNarrow ? .09 : .04) : 0;
    const domain = [row * part + (row ? gap : 0), (row + 1) * part - (row < makers.length - 1 ? gap : 0)];
    const title = several ? tell("loss of {maker}", { maker: begun.names[maker] }) : tell("loss");
    layout[numbered("xaxis", row)] = { ...axis(title), rangemode: "tozero", anchor: numbered("y", row), domain: isNarrow ? [0, 1] : domain };
    layout[numbered("yaxis", row)] = { ...axis(row && !isNarrow ? "" : tell("chance of losing more")), range: [0, 101], anchor: numbered("x", row),
      domain: isNarrow ? domain.map((end) => 1 - end).reverse() : [0, 1] };
  });
  byId("curves").style.height = `${isNarrow ? 17 * makers.length : 20}rem`;
  Plotly.react(byId("curves"), traces, layout, { displayModeBar: false, responsive: true, showSendToCloud: false, displaylogo: false, ...tongue.plotly });
}

const letter = (its) => String.fromCharCode(65 + tried.indexOf(its) % 26);

function showTried() {
  const several = Object.keys(picture.makers).length > 1;
  const heads = ["", tell("What"), ...(several ? [tell("Maker")] : []), ...FIGURES.map(([, label]) => tell(label)), tell("Against the base, points"), ""];
  byId("tried").tHead.replaceChildren(made("tr", {}, ...heads.map((text, place) => made("th", { scope: "col", text, class: place > (several ? 2 : 1) ? "number" : "" }))));
  byId("tried").tBodies[0].replaceChildren(...tried.flatMap(rowsOf));
}

function rowsOf(its) {
  const makers = Object.values(its.picture.makers), rowspan = makers.length, is = letter(its);
  const buttons = made("div", { class: "buttons" },
    made("button", { type: "button", text: tell("Show"), "aria-label": tell("Show {letter} again", { letter: is }), onclick: () => change((now) => Object.assign(now, copy(its.moved))) }),
    made("button", { type: "button", text: tell("Pin"), "aria-pressed": String(its.pinned), "aria-label": tell("Pin {letter}", { letter: is }), onclick: () => { its.pinned = !its.pinned; showTried(); showCurves(); } }));
  return makers.map((one, row) => made("tr", { class: same(its.moved, moved) ? "now" : "" },
    ...(row ? [] : [made("td", { text: is, rowspan }), made("th", { scope: "row", class: "what", text: its.label, rowspan })]),
    ...(makers.length > 1 ? [made("td", { text: one.name })] : []),
    ...FIGURES.map(([figure]) => made("td", { class: "number", text: percent(one.figures[figure].estimate) })),
    made("td", { class: "number", text: `${points(one.change.estimate)} ± ${fixed(100 * one.change.half_width, 2)}` }),
    ...(row ? [] : [made("td", { rowspan }, buttons)])));
}

function days(its, never) {
  const one = (value) => (value === null ? tell("never") : tell("{days} days", { days: Math.round(value) }));
  if (its.p05 === null) return tell("never in {share} of futures", { share: percent(never, 0) });
  return tell("{middle} in the middle future ({low} to {high} in 9 of 10), never in {share}", { middle: one(its.p50), low: one(its.p05), high: one(its.p95), share: percent(never, 0) });
}

function showWhole() {
  byId("why").hidden = false;
  byId("whole").replaceChildren(...Object.entries(whole).map(([maker, its]) => made("div", {},
    made("h3", { text: picture.makers[maker].name }),
    made("p", { text: tell("First sale lost: {when}.", { when: days(its.first_lost_sales_days, its.first_lost_sales_days.share_never) }) }),
    made("p", { text: tell("Back to normal: {when}.", { when: days(its.time_to_adapt_days, its.time_to_adapt_days.share_not_recovered) }) }),
    made("table", {}, made("caption", { text: tell("Through what it is lost") }), made("tbody", {}, ...its.causes.map((cause) =>
      made("tr", {}, made("th", { scope: "row", text: cause.label }), made("td", { class: "number", text: percent(cause.share, 0) }))))))));
}

// ------------------------------------------------------------------ buttons and keys

byId("undo").addEventListener("click", () => step(past, future));
byId("redo").addEventListener("click", () => step(future, past));
byId("reset").addEventListener("click", () => change((now) => Object.assign(now, nothing())));
byId("pin").addEventListener("click", () => { const its = tried.find((one) => same(one.moved, moved)); if (its) { its.pinned = true; showTried(); showCurves(); } });
byId("save").addEventListener("click", () => { byId("kept").textContent = ""; say({ ask: "save", moved, name: byId("name").value.trim() }); });
byId("share").addEventListener("click", () => { byId("kept").textContent = ""; say({ ask: "share", tried: tried.filter((its) => !same(its.moved, nothing())).map((its) => ({ label: `${letter(its)}: ${its.label}`, moved: its.moved })) }); });
byId("cut-day").addEventListener("change", () => { if (moved.cuts.length) change((now) => { now.cut_day = byId("cut-day").value || null; }); });
const setTyped = () => {
  const text = byId("typed").value, place = text.indexOf("=");
  if (place < 1) { byId("refused").textContent = `${text}: allowed: path=value, such as lanes.some-lane.share=0.3`; return; }
  byId("typed").value = "";
  change((now) => { now.values[text.slice(0, place).trim()] = text.slice(place + 1).trim(); });
};
byId("set").addEventListener("click", setTyped);
byId("typed").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); setTyped(); } });
byId("controls").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.matches("input[type=text]")) return;
  const key = event.key.toLowerCase();
  if (key === "z" || key === "y") { event.preventDefault(); key === "y" || event.shiftKey ? step(future, past) : step(past, future); }
});
connect();
