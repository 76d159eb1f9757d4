"use strict";
// Runs blocks of futures in the engine, as WebAssembly: what positions of controls change is laid over the base's memory.
const WORD = 8, PAGE = 65536;
let engine = null;
const blocks = new Map();

let before = Promise.resolve();  // What comes is done one after the other.
onmessage = ({ data }) => { before = before.then(() => done(data)); };

async function done(data) {
  try {
    if (data.engine) engine = await WebAssembly.compile(data.engine);
    else if (data.block) postMessage({ ready: data.block.place, ...(await prepared(data.block)) });
    else postMessage({ number: data.number, block: data.block_place, rows: ran(blocks.get(data.block_place), data.positions) });
  } catch (error) {
    postMessage({ failed: String((error && error.message) || error), number: data.number, block: data.block_place });
  }
}

async function prepared(its) {
  const { about, bytes } = its, end = about.first + about.size;
  const spare = Math.ceil(end / 64) * 64, memory = new WebAssembly.Memory({ initial: Math.ceil((spare + WORD * about.arguments) / PAGE) + 1 });
  const stack = new WebAssembly.Global({ value: "i32", mutable: true }, about.first);
  const env = { __linear_memory: memory, __stack_pointer: stack, exp: Math.exp, log: Math.log, log1p: Math.log1p, ...(its.functions ?? {}) };
  const instance = await WebAssembly.instantiate(engine, { env });
  const block = {
    about, spare, run: instance.exports.run, all: new Uint8Array(memory.buffer), view: new DataView(memory.buffer),
    bytes: bytes.subarray(about.size + 8 * about.runs), runs: new Int32Array(bytes.buffer, bytes.byteOffset + about.size, 2 * about.runs),
    kept: [{ day: 0, bytes: bytes.subarray(0, about.size) }], base: null,
  };
  blocks.set(its.place, block);
  block.base = ofBase(block);
  return { rows: block.base };
}

// ------------------------------------------------------------------ days

const put = (block, address, number) => block.view.setBigInt64(address, BigInt(number), true);
const get = (block, address) => Number(block.view.getBigInt64(address, true));

function days(block, first, end, shared, from = block.about.first) {
  const { span } = block.about;
  put(block, span, first);
  put(block, span + WORD, end);
  put(block, span + 2 * WORD, shared);
  const status = block.run(from);
  if (status) throw new Error(`the engine stopped with ${status}`);
}

function fork(block) {
  for (const [to, from, count, length, step] of block.about.fork)
    for (let row = 0; row < count; row += 1) block.all.copyWithin(to + row * step, from + row * step, from + row * step + length);
}

// The last day of which anything counts; both twins run up to where they part.
const last = (block, shared) => Math.min(block.about.days, Math.max(shared, get(block, block.about.last_stop)));

function twins(block, first, shared) {
  days(block, first, shared, shared);
  if (shared > 0) fork(block);
  days(block, shared, last(block, shared), shared);
}

function ofBase(block) {
  const { about } = block, shared = about.shared;
  block.all.set(block.kept[0].bytes, about.first);
  let before = 0;
  for (const day of about.kept) {
    days(block, before, day, shared);
    block.kept.push({ day, bytes: block.all.slice(about.first, about.first + about.size) });
    before = day;
  }
  twins(block, before, shared);
  return rowsOf(block);
}

function ran(block, positions) {
  if (positions.length === 0) return block.base;
  const { about } = block, changes = positions.map((place) => about.changes[place]);
  const parted = changes.map((its) => its.shared).filter((day) => day !== about.shared);
  const shared = parted.length ? Math.min(...parted) : about.shared;
  const day = Math.min(shared, ...changes.map((its) => its.day)), keepsNormal = !changes.some((its) => its.normal);
  const kept = block.kept.filter((its) => its.day <= day).at(-1);
  block.all.set(kept.bytes, about.first);
  for (const its of changes) lay(block, its);
  put(block, about.shared_days, shared);
  if (kept.day > 0) block.all[about.moves + kept.day] = 1;
  if (!keepsNormal) {
    twins(block, kept.day, shared);
    return rowsOf(block);
  }
  alone(block, kept.day);
  return rowsOf(block).map((its, maker) => ({ ...its, normal: block.base[maker].normal, whole: block.base[maker].whole }));
}

function lay(block, its) {
  let place = its.bytes;
  for (let run = its.runs; run < its.runs + its.count; run += 1) {
    const start = block.runs[2 * run], length = block.runs[2 * run + 1];
    block.all.set(block.bytes.subarray(place, place + length), block.about.first + start);
    place += length;
  }
}

// The scenario alone: where the counterfactual stays what it is, nothing is compared with it.
function alone(block, first) {
  const { about, spare } = block;
  block.all.copyWithin(spare, about.first, about.first + WORD * about.arguments);
  const [from, to, count] = about.twins;
  block.all.copyWithin(spare + WORD * to, about.first + WORD * from, about.first + WORD * (from + count));
  put(block, spare + about.shared_days - about.first, about.days);
  days(block, first, Math.max(first, get(block, about.last_stop)), about.days, spare);
}

// ------------------------------------------------------------------ what is earned

function rowsOf(block) {
  const { earned, width } = block.about;
  const numbers = (address) => new Float64Array(block.all.buffer, address, width);
  const total = (groups) => {
    const found = new Float64Array(width);
    for (const [sign, rows] of groups) {
      const its = new Float64Array(width);
      for (const [row, ...less] of rows) {
        const taken = less.map(numbers), first = numbers(row);
        for (let b = 0; b < width; b += 1) {
          let number = first[b];
          for (const one of taken) number -= one[b];
          its[b] += number;
        }
      }
      for (let b = 0; b < width; b += 1) found[b] += sign * its[b];
    }
    return found;
  };
  const rows = earned.map(([[scenario, normal], whole]) => ({ scenario: total(scenario), normal: total(normal), whole: total(whole) }));
  if (rows.some((its) => its.scenario.some((number) => !Number.isFinite(number)))) throw new Error("a number overflows");
  return rows;
}
