import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SAMPLE_NAMES, SAMPLES } from './samples.ts';

test.each(SAMPLE_NAMES)('%s is a JPEG', (name) => {
  const file = readFileSync(new URL(name, SAMPLES));
  expect([...file.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
});

test('nothing else knows where they are', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folder = ['face-api', 'demo'].join('/');
  const sources = ['*.ts', '*.tsx', '*.js', '*.cjs', '*.py'];
  const found = execFileSync('git', ['grep', '-lF', '--untracked', folder, '--', ...sources], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(found.trim().split('\n')).toEqual(['tools/samples/samples.ts']);
});
