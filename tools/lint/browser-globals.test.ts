import { fileURLToPath } from 'node:url';
import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The lines of a file that the project's rules of globals refuse. */
async function refused(path: string, code: string): Promise<readonly number[]> {
  const config = (await new ESLint({ cwd: ROOT }).calculateConfigForFile(ROOT + path)) as Linter.Config;
  const rules = Object.entries(config.rules ?? {}).filter(([name]) =>
    /^no-restricted-(globals|syntax)$/.test(name),
  );
  const parser = tseslint.parser as NonNullable<Linter.LanguageOptions['parser']>;
  const languageOptions = { parser, ecmaVersion: 'latest', sourceType: 'module' } as const;
  const messages = new Linter({ cwd: ROOT }).verify(
    code,
    { files: ['**/*.ts'], languageOptions, rules: Object.fromEntries(rules) },
    ROOT + path,
  );
  return messages.map(({ line }) => line);
}

const TAKEN = `navigator.userAgent;
globalThis.location.href;
globalThis['document'];
self.caches;
globalThis.globalThis.navigator;
(globalThis as { OffscreenCanvas?: unknown }).OffscreenCanvas;
(globalThis as unknown as { navigator: object }).navigator;
(globalThis as { document?: unknown })['document'];
(globalThis as { document?: unknown })?.document;
const { navigator: host } = globalThis;
const { location } = globalThis as { location?: unknown };
let indexed: unknown;
({ navigator: indexed } = globalThis);
`;

test.each(['src/core/errors.ts', 'src/gallery/gallery-engine.ts', 'src/gallery/indexeddb/slots.ts'])(
  'what only a browser has is refused in %s, however it is taken',
  async (path) => {
    const lines = await refused(path, TAKEN);
    const expected = TAKEN.trim()
      .split('\n')
      .flatMap((text, i) => (text.startsWith('let') ? [] : [i + 1]));
    expect([...new Set(lines)]).toEqual(expected);
  },
);

test('names that only look like them are not', async () => {
  const code = `export const at = (face: { location: string; origin: number }): string => face.location;
export const tf = (globalThis as { tf?: unknown }).tf;
export const { origin } = { origin: 1 };
export type Image = ImageBitmap;
`;
  expect(await refused('src/core/errors.ts', code)).toEqual([]);
});

test('IndexedDB is for its own folder, and the rest of the browser for the host', async () => {
  expect(await refused('src/gallery/indexeddb/slots.ts', 'indexedDB.open("a");')).toEqual([]);
  expect(await refused('src/gallery/gallery-engine.ts', 'indexedDB.open("a");')).toEqual([1]);
  expect(await refused('src/platform/browser/host.ts', TAKEN)).toEqual([]);
});
