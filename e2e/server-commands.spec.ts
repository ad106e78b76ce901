import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { photos } from './consumer.ts';
import { surroundings } from '../tools/server-process.ts';

/** A command that runs, and what it has said. */
interface Command {
  readonly process: ChildProcess;
  /** Standard output and error, in the order in which they came. */
  said(): string;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

function run(...args: readonly string[]): Command {
  const child = spawn(process.execPath, ['bin/nearface.js', ...args], {
    env: surroundings(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { process: child, said: () => said, ended };
}

async function finished(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly said: string }> {
  const command = run(...args);
  const code = await command.ended;
  return { code, said: command.said() };
}

let folder: string;
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearface-commands-'));
});
test.afterEach(() => rm(folder, { recursive: true }));

test(
  'photos of folders are enrolled by the folders’ names, and somebody in another photo is told',
  { tag: '@long' },
  async () => {
    const data = ['--data', join(folder, 'faces')];
    for (const [person, photo] of [
      ['Robin Vale', 'sample1.jpg'],
      ['Kim Ode', 'sample2.jpg'],
    ] as const) {
      await mkdir(join(folder, 'people', person), { recursive: true });
      await copyFile(join(photos, photo), join(folder, 'people', person, 'photo.jpg'));
    }
    await writeFile(join(folder, 'people/broken.jpg'), 'not a picture');
    const report = join(folder, 'report.csv');
    const people = join(folder, 'people');
    const enrolled = await finished('enrol', people, '--names', 'folder', '--report', report, ...data);
    expect(enrolled.said).toContain('2 enrolled, 1 failed');
    expect(enrolled.said).toMatch(/people\/broken\.jpg: failed, IMAGE_DECODING_FAILED/);
    expect(enrolled.code).toBe(1);
    const rows = (await readFile(report, 'utf8')).trim().split(/\r?\n/);
    expect(rows).toHaveLength(4);
    expect(rows.join('\n')).toContain('people/Robin Vale/photo.jpg,Robin Vale,added');

    const found = await finished('identify', join(photos, 'sample1.jpg'), ...data);
    expect(found).toEqual({ code: 0, said: expect.stringMatching(/^ {2}[01]\.\d{3} {2}Robin Vale {2}/m) });
    const json = await finished('identify', join(photos, 'sample2.jpg'), '--json', ...data);
    expect(json.said).toMatch(/^\{.*\}\n$/);
    const { faces } = JSON.parse(json.said) as {
      faces: { matches: { meta: string; confidence: number }[] }[];
    };
    expect(faces[0]?.matches[0]).toMatchObject({ meta: 'Kim Ode' });
    const nobody = await finished('identify', join(photos, 'sample3.jpg'), ...data);
    expect(nobody).toEqual({ code: 1, said: expect.stringContaining('nobody who is known') });

    // Once more: what is there already is not enrolled twice, and the mended photo is.
    await copyFile(join(photos, 'sample3.jpg'), join(people, 'broken.jpg'));
    const again = await finished('enrol', people, '--names', 'folder', ...data);
    expect(again).toEqual({ code: 0, said: expect.stringContaining('1 enrolled, 2 there already') });
  },
);

test('an enrolment that was killed goes on by the same command', { tag: '@long' }, async () => {
  const count = 40;
  const people = join(folder, 'people');
  await mkdir(people);
  for (let i = 0; i < count; i++) {
    const file = join(people, `photo-${String(i).padStart(2, '0')}.jpg`);
    await copyFile(join(photos, `sample${(i % 6) + 1}.jpg`), file);
    // Each is a file of its own.
    await appendFile(file, String(i));
  }
  const args = ['enrol', people, '--data', join(folder, 'faces')];
  const first = run(...args);
  await expect.poll(() => first.said(), { timeout: 60_000 }).toContain(`0/${count}`);
  await new Promise((later) => setTimeout(later, 700));
  first.process.kill('SIGKILL');
  await first.ended;
  const second = await finished(...args);
  const waited = Number(/Job \S+ goes on; (\d+) photos wait/.exec(second.said)?.[1]);
  expect(waited).toBeGreaterThan(0);
  expect(second.said).toContain(`${count} enrolled; in`);
  expect(second.code).toBe(0);
});

test('a job is prepared in parts, listed, run, and deleted', { tag: '@long' }, async () => {
  const data = ['--data', join(folder, 'faces')];
  const files = [1, 2, 3].map((i) => join(photos, `sample${i}.jpg`));
  const prepared = await finished(
    'enrol',
    ...files,
    '--gallery',
    'staff',
    '--split',
    '2',
    '--prepare',
    ...data,
  );
  const ids = [...prepared.said.matchAll(/^Job (\S+): \d photos$/gm)].map(([, id]) => id!);
  expect([prepared.code, ids.length]).toEqual([0, 2]);
  const listed = await finished('enrol', '--jobs', ...data);
  for (const id of ids) expect(listed.said).toMatch(new RegExp(`^${id}  waiting  staff  \\d waiting`, 'm'));
  const ran = await finished('enrol', '--job', ids[0]!, '--parallel', '1', ...data);
  expect(ran).toEqual({ code: 0, said: expect.stringMatching(/\d enrolled; in/) });
  const printed = await finished('enrol', '--job', ids[0]!, '--print', ...data);
  expect(printed.said).toMatch(/^sample\d\.jpg: added, sample\d$/m);
  expect((await finished('enrol', '--job', ids[1]!, '--delete', ...data)).code).toBe(0);
  const gone = await finished('enrol', '--job', ids[1]!, ...data);
  expect([gone.code, gone.said]).toEqual([2, expect.stringContaining(ids[1]!)]);
});

test('each command tells what it takes, and what cannot be', async () => {
  for (const command of ['serve', 'enrol', 'identify', 'token']) {
    const help = await finished(command, '--help');
    expect(help).toEqual({ code: 0, said: expect.stringMatching(new RegExp(`^nearface ${command}`)) });
  }
  expect(await finished('enroll')).toEqual({
    code: 2,
    said: expect.stringContaining('enroll is no command'),
  });
  const nowhere = await finished('identify', 'a.jpg', '--data', join(folder, 'none'));
  expect(nowhere).toEqual({ code: 2, said: expect.stringContaining('there is no folder') });
  const nothing = await finished('enrol', folder, '--data', join(folder, 'faces'));
  expect(nothing).toEqual({ code: 2, said: expect.stringContaining('there are no photos in') });
});
