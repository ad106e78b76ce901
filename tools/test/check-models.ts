/** `tsx tools/test/check-models.ts`: every model of the manifest is there, whole, licensed and has a card. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FusedNetwork, ModelEntry, ModelManifest } from '../../src/core/manifest.ts';

const manifest = JSON.parse(await readFile('models/manifest.json', 'utf8')) as ModelManifest;
const problems: string[] = [];
const known = new Set<string>();

for (const model of manifest.models) {
  await checkFile(model.id, model);
  if (!model.fusedWith) continue;
  await checkFile(model.id, model.fusedWith);
  await checkCard(model.id, `models/${model.id}.md`);
}

/** A file of a model, and the card of that file. */
async function checkFile(
  id: string,
  { file, sha256, bytes, licence, source }: ModelEntry | FusedNetwork,
): Promise<void> {
  known.add(file);
  const content = await readFile(join('models', file)).catch(() => undefined);
  if (!content) problems.push(`${id}: models/${file} is missing`);
  else if (content.length !== bytes)
    problems.push(`${id}: ${content.length} bytes, the manifest says ${bytes}`);
  else if (createHash('sha256').update(content).digest('hex') !== sha256)
    problems.push(`${id}: the sha256 of models/${file} is not the manifest's`);
  if (!licence || !source) problems.push(`${id}: no licence or source`);
  await checkCard(id, `models/${file.replace(/\.\w+$/, '.md')}`);
}

async function checkCard(id: string, card: string): Promise<void> {
  if (!(await readFile(card).catch(() => undefined))) problems.push(`${id}: no card ${card}`);
}

for (const file of await readdir('models'))
  if (file.endsWith('.onnx') && !known.has(file)) problems.push(`models/${file} is not in the manifest`);
for (const [role, id] of Object.entries(manifest.defaults))
  if (!manifest.models.some((model) => model.id === id && model.role === role))
    problems.push(`the default ${role}, ${id}, is not a model of that role`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${manifest.models.length} models are as the manifest says`);
