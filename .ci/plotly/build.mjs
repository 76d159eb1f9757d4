// Makes plotly.min.js of the kinds of traces in index.cjs, and LICENSES.txt of all that went into it.
import { build } from "esbuild";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const into = process.argv[2];
const { version } = JSON.parse(readFileSync("node_modules/plotly.js/package.json"));
const { metafile } = await build({
  entryPoints: ["index.cjs"],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "Plotly",
  target: "es2016",
  define: { global: "window", "define.amd": "false" },
  alias: { stream: "stream-browserify" },
  banner: { js: `/* plotly.js v${version}, a bundle of some kinds of traces; licences: LICENSES.txt beside this file */` },
  legalComments: "none",
  loader: { ".css": "empty" }, // of maps, which are not drawn
  metafile: true,
  outfile: `${into}/plotly.min.js`,
});

const [output] = Object.values(metafile.outputs);
const folders = new Set(
  Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0])
    .filter(Boolean),
);
const texts = [...folders].map((folder) => {
  const { name, version: its, license } = JSON.parse(readFileSync(`${folder}/package.json`));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, "utf8").replaceAll("\r\n", "\n").trim() : "";
  return `${name} ${its} (${license})\n\n${text}\n`;
});
writeFileSync(`${into}/LICENSES.txt`, texts.sort().join(`\n${"-".repeat(80)}\n\n`));
