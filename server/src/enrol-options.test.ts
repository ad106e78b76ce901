import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolRequest } from './enrol-options.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearface-enrol-'));
  await writeFile(join(folder, 'names.csv'), 'meta,image\nSam,a.jpg\n');
});
afterAll(() => rm(folder, { recursive: true }));

const read = (...args: readonly string[]): ReturnType<typeof enrolRequest> => enrolRequest(args, {});

describe('enrolRequest', () => {
  it('reads a new enrolment', () => {
    const args = ['people', '--gallery', 'staff', '--names', 'folder', '--parallel', '4', '--split', '2'];
    expect(read(...args)).toEqual({
      database: { folder: resolve('nearface-data') },
      parallel: 4,
      task: {
        ...{ kind: 'new', places: [resolve('people')], gallery: 'staff', split: 2, isPrepared: false },
        options: {
          ...{ meta: { from: 'folderName' }, faces: 'biggest', keep: 'crops', duplicates: 'skip' },
          tag: expect.stringMatching(/people #[0-9a-f]{16}$/) as string,
        },
      },
    });
  });

  it('tells the same command by its tag, however it is done, and another one from it', () => {
    const tag = (...args: readonly string[]): unknown => {
      const { task } = read('people', ...args);
      return task.kind === 'new' && task.options.tag;
    };
    expect(tag('--prepare', '--parallel', '2')).toBe(tag());
    for (const other of [['--gallery', 'staff'], ['--names', 'text'], ['--people'], ['more']])
      expect(tag(...other)).not.toBe(tag());
  });

  it('reads a table, and a name for all', () => {
    const metaOf = (...args: readonly string[]): unknown => {
      const { task } = read('people', ...args);
      return task.kind === 'new' && task.options.meta;
    };
    const csv = join(folder, 'names.csv');
    expect(metaOf('--csv', csv)).toEqual({ from: 'csv', csv: 'meta,image\nSam,a.jpg\n' });
    expect(metaOf('--meta', 'guest')).toEqual({ from: 'constant', meta: 'guest' });
    expect(metaOf()).toEqual({ from: 'fileName' });
  });

  it('reads what is done with a job', () => {
    const task = (...args: readonly string[]): unknown => read('--data', folder, ...args).task;
    expect(task('--jobs')).toEqual({ kind: 'list' });
    expect(task('--job', 'x')).toEqual({ kind: 'job', id: 'x', work: 'run' });
    expect(task('--job', 'x', '--failed')).toEqual({ kind: 'job', id: 'x', work: 'failed' });
  });

  it.each([
    [[], /name a folder/],
    [['people', '--names', 'first'], /--names must be file, folder, text or csv, but is first/],
    [['people', '--names', 'file', '--meta', 'x'], /give one of them/],
    [['people', '--csv', 'nowhere.csv'], /--csv nowhere.csv cannot be read/],
    [['people', '--split', '0'], /--split must be a whole number from 1 to 100/],
    [['people', '--parallel', '17'], /--parallel must be a whole number from 1 to 16/],
    [['people', '--report', 'done.txt'], /--report must end in .csv or .json/],
    [['people', '--failed'], /--failed is said of a job/],
    [['people', '--data', 'a', '--database-url', 'postgres://x/y'], /give one of them/],
    [['people', '--job', 'x'], /the photos of a job are stored/],
    [['--job', 'x', '--gallery', 'staff'], /--gallery was said when the job was made/],
    [['--job', 'x', '--failed', '--print'], /give one/],
    [['--job', 'x', '--jobs'], /give one of them/],
    [['--jobs', '--data', '/nowhere/faces'], /there is no folder \/nowhere\/faces/],
  ])('refuses %j', (args, message) => {
    expect(() => read(...args)).toThrowError(message);
  });
});
