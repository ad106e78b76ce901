/** `tsx tools/test/check-models.ts`: every model of the manifest is there, whole, licensed and has a card. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../../src/core/manifest.ts';

const manifest = JSON.parse(await readFile('models/manifest.json', 'utf8')) as ModelManifest;
const problems: string[] = [];

for (const { id, file, sha256, bytes, licence, source } of manifest.models) {
  const content = await readFile(join('models', file)).catch(() => undefined);
  if (!content) problems.push(`${id}: models/${file} is missing`);
  else if (content.length !== bytes)
    problems.push(`${id}: ${content.length} bytes, the manifest says ${bytes}`);
  else if (createHash('sha256').update(content).digest('hex') !== sha256)
    problems.push(`${id}: the sha256 of models/${file} is not the manifest's`);
  if (!licence || !source) problems.push(`${id}: no licence or source`);
  const card = `models/${file.replace(/\.\w+$/, '.md')}`;
  if (!(await readFile(card).catch(() => undefined))) problems.push(`${id}: no card ${card}`);
}

const known = new Set(manifest.models.map(({ file }) => file));
for (const file of await readdir('models'))
  if (file.endsWith('.onnx') && !known.has(file)) problems.push(`models/${file} is not in the manifest`);
for (const [role, id] of Object.entries(manifest.defaults))
  if (!manifest.models.some((model) => model.id === id && model.role === role))
    problems.push(`the default ${role}, ${id}, is not a model of that role`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${manifest.models.length} models are as the manifest says`);
