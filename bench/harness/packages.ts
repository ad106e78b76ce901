import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders to serve, by URL prefix, for pages that run the libraries compared with. */
export function peerFolders(): Readonly<Record<string, string>> {
  return {
    '/human/': packageFolder('@vladmandic/human'),
    '/face-api/': packageFolder('@vladmandic/face-api'),
    '/tfjs-wasm/': join(packageFolder('@tensorflow/tfjs-backend-wasm'), 'dist'),
  };
}

/** The folder of an installed package, wherever npm put it for this workspace. */
export function packageFolder(name: string): string {
  for (let folder = fileURLToPath(new URL('.', import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (dirname(folder) === folder) throw new Error(`${name} is not installed; npm ci first`);
  }
}
