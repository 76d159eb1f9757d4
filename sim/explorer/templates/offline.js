"use strict";
// Stands in for the server where there is none: the same messages, answered by the engine in workers of this page.
window.alone = (() => {
  const whole = JSON.parse(document.getElementById("about").textContent);
  const { begin, blocks, positions, uniforms } = whole;
  const controls = begin.controls, labels = new Map();
  for (const its of [...controls.numbers, ...controls.chances, ...controls.dates]) labels.set(its.path, `${its.label}, ${its.field}`);
  for (const its of controls.levers) labels.set(`lever ${its.id}`, its.label);
  const chances = new Map(controls.chances.map((its) => [its.path, its]));
  const YES = "1", NO = Object.fromEntries(controls.chances.map((its) => [its.path, Object.keys(positions[its.path]).find((key) => key !== YES)]));
  let hear = () => {}, base = null, weights = null, running = false, next = null;
  const waiting = new Map(), known = new Map();
  let asked = 0;

  const unpacked = async (name) => {
    const its = document.getElementById(`packed-${name}`), text = its.textContent;
    its.remove();
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  };
  const script = (text, type = "text/javascript") => URL.createObjectURL(new Blob([text], { type }));

  // ---------------------------------------------------------------- workers

  async function started() {
    const missing = [["WebAssembly", window.WebAssembly], ["Worker", window.Worker], ["DecompressionStream", window.DecompressionStream]].filter(([, its]) => !its);
    if (missing.length) throw new Error(`it has no ${missing.map(([name]) => name).join(", ")}`);
    const plotly = document.createElement("script");
    plotly.src = script(await unpacked("plotly"));
    plotly.onload = () => window.explorer && window.explorer.drawn();
    document.head.append(plotly);
    weights = new Float32Array((await unpacked("weights")).buffer);
    const engine = await unpacked("engine"), text = script(document.getElementById("worker").textContent);
    const workers = Array.from({ length: Math.min(blocks.length, navigator.hardwareConcurrency || 2) }, () => {
      const worker = new Worker(text);
      worker.onmessage = ({ data }) => heard(data);
      worker.onerror = (event) => fail(event.message || "a worker stopped");
      worker.postMessage({ engine });
      return worker;
    });
    const ready = await Promise.all(blocks.map(async (about, place) => {
      const bytes = await unpacked(`block-${place}`), worker = workers[place % workers.length];
      blocks[place] = { ...about, worker };
      return new Promise((done) => { waiting.set(`ready ${place}`, done); worker.postMessage({ block: { place, about, bytes, functions: null } }, [bytes.buffer]); });
    }));
    base = joined(ready.map((its) => its.rows));
    known.set("", base);
  }

  function heard(data) {
    if (data.failed !== undefined && data.number === undefined) return fail(data.failed);
    const key = data.ready !== undefined ? `ready ${data.ready}` : `${data.number} ${data.block}`;
    const done = waiting.get(key);
    waiting.delete(key);
    if (done) done(data);
  }

  function fail(why) {
    hear({ ask: "move", number: null, refused: `This browser cannot run the explorer: ${why}. A current Chrome, Edge, Firefox or Safari can.` });
  }

  const joined = (rows) => rows[0].map((_, maker) => {
    const all = (name) => Float64Array.from(rows.flatMap((its) => Array.from(its[maker][name])));
    const scenario = all("scenario"), normal = all("normal"), whole = all("whole");
    const amounts = normal.map((its, b) => its - scenario[b]);
    return { amounts, shares: amounts.map((its, b) => (whole[b] > 0 ? its / whole[b] : 0)) };
  });

  async function simulated(unordered) {
    const places = [...unordered].sort((one, other) => one - other), key = places.join(" ");
    if (!known.has(key)) {
      asked += 1;
      const number = asked;
      const rows = await Promise.all(blocks.map((its, place) => new Promise((done) => {
        waiting.set(`${number} ${place}`, done);
        its.worker.postMessage({ number, block_place: place, positions: places });
      })));
      const failed = rows.find((its) => its.failed !== undefined);
      if (failed) throw new Error(failed.failed);
      known.set(key, joined(rows.map((its) => its.rows)));
    }
    return known.get(key);
  }

  // ---------------------------------------------------------------- what is moved

  class Refused extends Error {}

  function placesOf(moved) {
    const found = [], events = [];
    for (const [path, text] of Object.entries(moved.values)) {
      if (!positions[path]) throw new Refused(`${path}: this file holds the controls of this page alone; chokepoint explore moves any setting`);
      if (chances.has(path)) { events.push([path, probability(path, text)]); found.push([path, null]); continue; }
      found.push([path, placeOf(path, text)]);
    }
    for (const [id, taken] of Object.entries(moved.levers)) {
      const control = `lever ${id}`, key = `${taken.level === null ? "" : taken.level} ${taken.date ?? first(control)}`;
      found.push([control, placeOf(control, key)]);
    }
    for (const [one, other] of whole.apart)
      if (found.some(([control]) => control === one) && found.some(([control]) => control === other))
        throw new Refused(`“${labels.get(one)}” and “${labels.get(other)}” change the same numbers and cannot be moved together in this file; chokepoint explore can`);
    if (found.reduce((far, [control]) => far * (whole.ahead[control] ?? 1), 1) > whole.room * (1 + 1e-9) && found.length > 1)
      throw new Refused("all this together plans farther ahead than this file has room for; chokepoint explore can");
    return { fixed: found.filter(([, place]) => place !== null).map(([, place]) => place), events };
  }

  const first = (control) => Object.keys(positions[control])[0].split(" ")[1];

  function placeOf(control, text) {
    const its = positions[control];
    if (its[text] !== undefined) return its[text];
    const number = Number(text), keys = Object.keys(its);
    const same = text.trim() === "" ? undefined : keys.find((key) => Number(key) === number);
    if (same !== undefined) return its[same];
    throw new Refused(`${labels.get(control)}: found ${text.trim()}; this file holds ${listed(keys)}`);
  }

  const listed = (keys) => (keys.length > 8 ? `${keys.slice(0, 3).join(", ")} and so on up to ${keys.at(-1)}` : keys.join(", ")).trim();

  function probability(path, text) {
    const number = text.trim() === "" ? NaN : Number(text);
    if (!(number >= 0 && number <= 1)) throw new Refused(`${labels.get(path)}: found ${text}, allowed: 0 to 1`);
    return number;
  }

  // Futures in which an event happens, of a run in which it does in all, and others of one without.
  async function mixed(fixed, events) {
    if (events.length === 0) return simulated(fixed);
    const [[path, chance], ...others] = events;
    const part = (key) => mixed([...fixed, positions[path][key]], others);
    if (chance === 1) return part(YES);
    if (chance === 0) return part(NO[path]);
    const happens = await part(YES), without = await part(NO[path]);
    const pick = (one, other) => one.map((its, b) => (uniforms[path][b] < chance ? its : other[b]));
    return happens.map((its, maker) => ({ amounts: pick(its.amounts, without[maker].amounts), shares: pick(its.shares, without[maker].shares) }));
  }

  // ---------------------------------------------------------------- figures

  const sum = (values) => values.reduce((total, its) => total + its, 0), mean = (values) => sum(values) / values.length;
  const ascending = (values) => Float64Array.from(values).sort();
  const quantile = (ordered, level) => ordered[Math.min(Math.max(Math.ceil(level * ordered.length - 1e-9), 1), ordered.length) - 1];

  function shortfall(ordered, level) {
    const count = ordered.length, tail = (1 - level) * count, part = tail - Math.floor(tail + 1e-9);
    const within = Math.floor(tail + 1e-9);
    const worst = sum(ordered.slice(count - within)) + (part > 1e-9 ? part * ordered[count - within - 1] : 0);
    return worst / (within + (part > 1e-9 ? part : 0));
  }

  function highest(values, bound) {
    const rest = Math.max(values.length - whole.nearest, 0), ordered = ascending(values);
    const below = [bound, rest ? mean(ordered.slice(0, rest)) : 0, ...ordered.slice(rest)].map((its, place) => (place ? bound - its : 0));
    const columns = below.length, means = new Float64Array(weights.length / columns);
    for (let row = 0; row < means.length; row += 1)
      for (let column = 0; column < columns; column += 1) means[row] += weights[row * columns + column] * below[column];
    means.sort();
    const at = 0.025 * (means.length - 1), low = Math.floor(at);
    return bound - (means[low] + (at - low) * (means[low + 1] - means[low]));
  }

  function meanOf(values) {
    const point = mean(values), count = whole.replicates;
    const parts = Array.from({ length: count }, (_, first) => mean(values.filter((_, b) => b % count === first)));
    const half = whole.student[0] * Math.sqrt(sum(parts.map((its) => (its - point) ** 2)) / (count * (count - 1)));
    const low = Math.min(0, ...values), high = Math.max(1, ...values);
    return {
      estimate: point,
      ci_low: Math.max(low, Math.min(point - half, -highest(values.map((its) => -its), -low))),
      ci_high: Math.min(high, Math.max(point + half, highest(values, high))),
    };
  }

  function changed(values, of) {
    const differences = values.map((its, b) => its - of[b]), count = differences.length, point = mean(differences);
    if (Math.max(...differences) === Math.min(...differences)) return { estimate: differences[0], half_width: 0 };
    const deviation = Math.sqrt(sum(differences.map((its) => (its - point) ** 2)) / (count - 1) / count);
    return { estimate: point, half_width: whole.student[1] * deviation };
  }

  function pictured(losses) {
    const names = Object.entries(begin.makers);
    return {
      futures: whole.futures, of: whole.futures,
      makers: Object.fromEntries(names.map(([maker, name], row) => {
        const { shares, amounts } = losses[row], ordered = ascending(shares);
        const one = (estimate) => ({ estimate, ci_low: null, ci_high: null });
        return [maker, {
          name, amount: mean(amounts), change: changed(shares, base[row].shares),
          figures: { mean: meanOf(shares), p50: one(quantile(ordered, 0.5)), var95: one(quantile(ordered, 0.95)), es95: one(shortfall(ordered, 0.95)) },
          curve: Array.from({ length: 101 }, (_, place) => quantile(ordered, place / 100)),
        }];
      })),
    };
  }

  // ---------------------------------------------------------------- messages

  async function answer() {
    running = true;
    while (next) {
      const { number, moved } = next;
      next = null;
      try {
        const { fixed, events } = placesOf(moved);
        const losses = await mixed(fixed, events);
        if (!next) hear({ ask: "move", number, picture: pictured(losses) });
      } catch (error) {
        if (!next) hear({ ask: "move", number, refused: error instanceof Refused ? error.message : String(error.message || error) });
      }
    }
    running = false;
  }

  return {
    losses: async (moved) => { const { fixed, events } = placesOf(moved); return mixed(fixed, events); },
    connect(hearing) {
      hear = hearing;
      return started().then(() => hear(begin), (error) => fail(error.message || error));
    },
    say(message) {
      if (message.ask !== "move") return;
      next = message;
      if (!running) answer();
    },
  };
})();
