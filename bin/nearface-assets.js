#!/usr/bin/env node
/**
 * `nearface-assets FOLDER [--only PART,…] [--model ID,…] [--all]`: copies what a page fetches (workers, WASM, models, and the scripts for pages without a
 * bundler) into FOLDER, such as `public/nearface`, for `NearFace.create({ assets: '/nearface/' })`. Files that are there already are replaced.
 *
 * By default what `create` without options may need: WebGPU where the visitor has a GPU, else the library's own kernels, and the models that are
 * taken where none is named. `--only` names what is copied instead, one or several of {@link PARTS}; `--model` adds models that are taken by their ids alone;
 * `--all` copies everything; `--help` tells this.
 */
import { cp, mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SCRIPTS = [
  'nearface.js',
  'nearface.iife.js',
  'vision.worker.js',
  'gallery.worker.js',
  'search.worker.js',
  'video.worker.js',
  'THIRD_PARTY-LICENSES.txt',
];

/** What `nearface.js` imports; the names tell the content. */
const CHUNK = /^nearface\.[a-z-]+-[A-Z0-9]{8}\.js$/;

const KERNELS = [
  'search-relaxed.wasm',
  'search-simd.wasm',
  'search-relaxed-threads.wasm',
  'search-simd-threads.wasm',
  'pixels.wasm',
  'engine-relaxed.wasm',
  'engine-simd.wasm',
  'engine-relaxed-threads.wasm',
  'engine-simd-threads.wasm',
];

/** onnxruntime-web in its two builds. */
const ORT = {
  ort: ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'],
  webgpu: [
    'ort.webgpu.min.mjs',
    'ort-wasm-simd-threaded.asyncify.mjs',
    'ort-wasm-simd-threaded.asyncify.wasm',
  ],
};

/** What can be asked for, and of what each is made. */
const PARTS = {
  wasm: { groups: ['scripts', 'kernels', 'models'], for: 'WebAssembly' },
  webgpu: { groups: ['scripts', 'kernels', 'models', 'webgpu'], for: 'WebGPU' },
  ort: { groups: ['scripts', 'kernels', 'models', 'ort'], for: 'models of your own' },
  models: { groups: ['models'], for: 'the models alone' },
  scripts: { groups: ['scripts', 'kernels'], for: 'workers, scripts and kernels alone' },
};

const DEFAULT_PARTS = ['webgpu'];

const NAMES = Object.keys(PARTS).join(', ');

const USAGE = `Usage: nearface-assets FOLDER [--only ${Object.keys(PARTS).join('|')}] [--model ID] [--all]    (for example: nearface-assets public/nearface --only wasm)`;

/** What was given cannot be done; the message says what to do. */
class Refusal extends Error {}

/** The folder, the groups of files and the models besides; nothing where help is asked for. @throws Refusal */
function readArguments() {
  const { positionals, values } = parse();
  if (values.help) return undefined;
  const [folder, ...rest] = positionals;
  if (!folder) throw new Refusal('Say into which folder, such as public/nearface');
  if (rest.length > 0)
    throw new Refusal(
      `One folder is filled at a time: leave out ${rest.join(' ')}, or quote a name with spaces`,
    );
  const [only, models] = [listOf(values.only, 'only'), listOf(values.model, 'model')];
  if (values.all && (only || models))
    throw new Refusal('--all copies everything: leave it out, or leave out --only and --model');
  for (const part of only ?? [])
    if (!Object.hasOwn(PARTS, part))
      throw new Refusal(
        `--only ${part}: there is no such part; name one or several of ${NAMES}, as in --only wasm,webgpu`,
      );
  const parts = values.all ? Object.keys(PARTS) : (only ?? DEFAULT_PARTS);
  const groups = new Set(parts.flatMap((part) => PARTS[part].groups));
  if (models && !groups.has('models'))
    throw new Refusal(
      `--model ${models.join()}: no models are copied with --only ${only.join()}; add models to --only`,
    );
  return { folder, groups, models: models ?? [], all: values.all ?? false };
}

function parse() {
  try {
    const list = { type: 'string', multiple: true };
    const [all, help] = [{ type: 'boolean' }, { type: 'boolean', short: 'h' }];
    return parseArgs({ options: { only: list, model: list, all, help }, allowPositionals: true });
  } catch (error) {
    if (/--without/.test(error.message))
      throw new Refusal('--without is now --only: --only wasm copies everything but onnxruntime-web', {
        cause: error,
      });
    const option = /'?(--?[\w-]+)/.exec(error.message)?.[1] ?? '';
    if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
      throw new Refusal(`There is no option ${option}; there are --only, --model, --all and --help`, {
        cause: error,
      });
    throw new Refusal(error.message.split('\n')[0], { cause: error });
  }
}

/** The words of an option that may be given several times, or several words at once. @throws Refusal */
function listOf(given, name) {
  if (!given) return undefined;
  const words = given.flatMap((text) => text.split(',')).map((word) => word.trim());
  if (words.includes(''))
    throw new Refusal(`--${name} ${given.join()}: a name is missing; separate them by commas alone`);
  return words;
}

/** Files of `dist` that are asked for, by their paths in it. @throws Refusal */
async function filesOf(dist, { groups, models, all }) {
  const names = await readdir(dist).catch((error) => {
    throw new Refusal(`The package has no folder dist (${dist}); install nearface again, or build it`, {
      cause: error,
    });
  });
  return [
    ...(groups.has('scripts') ? [...SCRIPTS, ...names.filter((name) => CHUNK.test(name))] : []),
    ...(groups.has('kernels') ? KERNELS : []),
    ...Object.entries(ORT).flatMap(([group, files]) =>
      groups.has(group) ? files.map((name) => join('ort', name)) : [],
    ),
    ...(groups.has('models') ? await modelFiles(join(dist, 'models'), models, all) : []),
  ];
}

/** The manifest, the models that are taken by default, and those that were named. @throws Refusal */
async function modelFiles(folder, named, all) {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const known = manifest.models.map(({ id }) => id);
  const unknown = named.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new Refusal(`--model ${unknown}: there is no such model; there are ${known.join(', ')}`);
  const wanted = [...Object.values(manifest.defaults), ...named];
  const files = manifest.models
    .filter(({ id }) => all || wanted.includes(id))
    .flatMap(({ file, fusedWith }) => (fusedWith ? [file, fusedWith.file] : [file]));
  return [...new Set(['manifest.json', 'canonical-face.json', ...files])].map((name) => join('models', name));
}

/** Links are followed: `cp` refuses to put a folder in the place of a link, and the other way round. Answers the bytes. */
async function copyFiles(dist, folder, files) {
  await mkdir(folder, { recursive: true });
  const target = await realpath(folder);
  let bytes = 0;
  for (const name of files) {
    const from = await realpath(join(dist, name));
    await mkdir(dirname(join(target, name)), { recursive: true });
    const to = await realpath(join(target, name)).catch(() => join(target, name));
    await cp(from, to, { dereference: true });
    bytes += (await stat(from)).size;
  }
  return bytes;
}

/** Answers what was copied, in words. @throws Refusal */
async function copy(given) {
  const dist = fileURLToPath(new URL('../dist/', import.meta.url));
  const files = await filesOf(dist, given);
  const bytes = await copyFiles(dist, given.folder, files);
  return `${(bytes / 1e6).toFixed(1)} MB in ${files.length} files are in ${resolve(given.folder)}${leftOut(given)}`;
}

/** What of onnxruntime-web was not copied, and by which words it would be. */
function leftOut({ groups }) {
  const missing = Object.keys(ORT).filter((group) => !groups.has(group));
  if (missing.length === 0 || !groups.has('kernels') || !groups.has('models')) return '';
  const words = missing.map((part) => `for ${PARTS[part].for} (--only ${part})`);
  return `; not copied: onnxruntime-web ${words.join(', ')}`;
}

/** What is printed of a part by `--help`. */
const told = ([name, part]) => `  ${name.padEnd(8)} ${part.for}`;

const HELP = `${USAGE}

Copies what a page fetches from this package into FOLDER, for NearFace.create({ assets }).
--only   one part or several in place of ${DEFAULT_PARTS.join(',')}:
${Object.entries(PARTS).map(told).join('\n')}
--model  a model besides that is taken by its id alone, such as fused
--all    everything`;

let given;
try {
  given = readArguments();
  console.log(given ? await copy(given) : HELP);
} catch (error) {
  if (error instanceof Refusal) console.error(`${error.message}\n${USAGE}`);
  else console.error(`nearface-assets could not copy to ${resolve(given.folder)}: ${error.message}`);
  process.exit(error instanceof Refusal ? 2 : 1);
}
