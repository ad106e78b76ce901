/** What users load, brotli; `npm run build` first. The shared chunks' names change with their contents, so that imports are followed. */
import { URL } from 'node:url';
import { readdirSync, readFileSync } from 'node:fs';

const DIST = new URL('dist/', import.meta.url);
const names = readdirSync(DIST);

/** A script with all that it imports statically, but for what was there before. */
function closure(entry, there = []) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name) || there.includes(name)) return;
    found.add(name);
    const text = readFileSync(new URL(name, DIST), 'utf8');
    for (const [, imported] of text.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)) visit(imported);
  };
  visit(entry);
  return [...found];
}

function named(prefix) {
  const [name, ...more] = names.filter((each) => each.startsWith(prefix) && each.endsWith('.js'));
  if (!name || more.length > 0)
    throw new Error(`dist/ holds ${1 + more.length} scripts ${prefix}*: build it anew`);
  return name;
}

const base = closure('nearface.js');
const loaded = (prefix) => closure(named(prefix), base).map((name) => `dist/${name}`);
const file = (name, limit) => ({ name, path: `dist/${name}`, limit });

export default [
  { name: 'nearface.js with what it imports', path: base.map((name) => `dist/${name}`), limit: '51 kB' },
  { name: 'what nf.watch loads', path: loaded('nearface.watch-run-'), limit: '23.2 kB' },
  { name: 'what a job that recognises loads', path: loaded('nearface.recognise-start-'), limit: '24.7 kB' },
  { name: 'what nf.challenge loads', path: loaded('nearface.challenge-run-'), limit: '28.2 kB' },
  file('nearface.iife.js', '76.5 kB'),
  file('vision.worker.js', '53 kB'),
  file('gallery.worker.js', '95.5 kB'),
  file('search.worker.js', '4 kB'),
  file('video.worker.js', '60 kB'),
  file('rest.js', '57 kB'),
  file('service-worker.js', '4 kB'),
  file('search-relaxed.wasm', '6 kB'),
  file('search-simd.wasm', '6 kB'),
  file('search-relaxed-threads.wasm', '6 kB'),
  file('search-simd-threads.wasm', '6 kB'),
  file('pixels.wasm', '3 kB'),
  file('engine-relaxed.wasm', '8 kB'),
  file('engine-simd.wasm', '8 kB'),
  file('engine-relaxed-threads.wasm', '8 kB'),
  file('engine-simd-threads.wasm', '8 kB'),
];
