import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';
import { moduleState } from './module-state.ts';

const FOLDER = fileURLToPath(new URL('fixtures/', import.meta.url));

test('state of a module is caught wherever it is written or handed on, and read-only tables are not', async () => {
  const file = `${FOLDER}module-state.ts`;
  const eslint = new ESLint({
    cwd: FOLDER,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: {
        parser: tseslint.parser,
        parserOptions: { project: './tsconfig.json', tsconfigRootDir: FOLDER },
      },
      plugins: { nearface: { rules: { 'module-state': moduleState } } },
      rules: { 'nearface/module-state': 'error' },
    },
  });
  const [result] = await eslint.lintFiles([file]);
  const caught = result?.messages.map(({ line, ruleId, message }) => (ruleId ? line : message)) ?? [];
  const lines = (await readFile(file, 'utf8')).split('\n');
  const marked = lines.flatMap((text, i) => {
    if (text.endsWith('// caught twice')) return [i + 1, i + 1];
    return text.endsWith('// caught') ? [i + 1] : [];
  });
  expect(marked.length).toBeGreaterThan(30);
  expect(caught).toEqual(marked);
});
