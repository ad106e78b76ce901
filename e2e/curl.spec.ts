/** The curl lines of docs/http.md, as they stand there, and those that the demo writes. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { curlOf } from '../demo/src/model/api-call.ts';
import { API_DIALECTS } from '../demo/src/model/api-dialects.ts';
import { remove } from './consumer.ts';
import { openNearFace, portraits } from './rest-host.ts';
import { end, started } from './started-server.ts';

const execute = promisify(execFile);
const DOCUMENTED = 'http://localhost:8000';

/** What each chapter's lines answer, in their order. */
const ANSWERS: Readonly<Record<string, readonly (unknown[] | Record<string, unknown>)[]>> = {
  CompreFace: [
    { image_id: expect.any(String), subject: 'Sam Berry' },
    { result: [{ subjects: [{ subject: 'Sam Berry', similarity: expect.any(Number) }] }] },
  ],
  'FindFace-style REST': [{ results: [{ meta: 'Sam Berry' }] }, { results: expect.any(Object) }],
  'FindFace-style extraction': [{ responses: [{ faces: [{ facen: expect.any(String) }] }] }],
  'FindFace-style vectors and statistics': [[{ id: 1234 }], { name: 'default' }],
  API4AI: [{ results: [{ status: { code: 'ok' } }] }],
  'AnySee-style': [
    { key: 'Sam Berry', uuid: expect.any(String) },
    { count: 1, entitiesFound: [{ key: 'Sam Berry' }] },
  ],
  'Mercury-style': [
    { results: [{ code: 0 }], features: [{ feature_id: expect.any(String) }] },
    { results: [{ code: 0 }], features: [{ db_id: 'default' }] },
  ],
  'DeepVA-style jobs': [{ id: expect.any(String) }, { total: 1, data: [{ tag: 'one' }] }],
};

/** Blocks of shell with curl in them, by chapter. */
async function documented(): Promise<ReadonlyMap<string, string>> {
  const chapters = (await readFile('docs/http.md', 'utf8')).split(/^## /m).slice(1);
  return new Map(
    chapters.flatMap((chapter) => {
      const [title = ''] = chapter.split('\n', 1);
      const [, block] = /^```sh\n([^`]*\bcurl [^`]*)^```$/m.exec(chapter) ?? [];
      return block === undefined ? [] : [[title.trim(), block] as const];
    }),
  );
}

test('the lines of each interface do what the page says', async () => {
  const nf = await openNearFace();
  const [sam = ''] = await portraits(nf, 1);
  await nf.dispose();
  const folder = await mkdtemp(join(tmpdir(), 'nearface-curl-'));
  for (const name of ['sam.jpg', 'visitor.jpg']) await copyFile(sam, join(folder, name));
  const blocks = await documented();
  expect([...blocks.keys()]).toEqual(Object.keys(ANSWERS));
  const server = await started(['--memory']);
  const env = { ...process.env, KEY: server.key };
  for (const [title, block] of blocks) {
    const script = `set -e -o pipefail\ncurl() { command curl -sS --fail-with-body "$@"; echo; }\n${block}`;
    const run = execute('bash', ['-c', script.replaceAll(DOCUMENTED, server.url)], { cwd: folder, env });
    const { stdout } = await run.catch((error: Error & { stdout: string }) => {
      throw new Error(`${title}: ${error.message}\n${error.stdout}`);
    });
    const answers = stdout.split('\n').filter((line) => line !== '');
    const wanted = ANSWERS[title] ?? [];
    expect([title, answers.length]).toEqual([title, wanted.length]);
    for (const [i, answer] of answers.entries()) expect(JSON.parse(answer)).toMatchObject(wanted[i] ?? {});
    const all = { method: 'DELETE', headers: { 'x-api-key': server.key } };
    expect((await fetch(`${server.url}/api/v1/recognition/faces`, all)).status).toBe(200);
  }
  await end(server);
  await rm(folder, { recursive: true });
  await remove(dirname(sam));
});

test('the shell hands curl JSON of pictures of any size, and takes nothing else of it for its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-curl-'));
  const bytes = Buffer.alloc(300_000, 'picture');
  await writeFile(join(folder, 'photo.jpg'), bytes);
  const value = { photo: '@photo.jpg', meta: '$HOME `id` \\ "q" it\'s \n %s', list: ['@photo.jpg'] };
  const dialect = API_DIALECTS[0]!;
  const call = { ...dialect.calls[0]!, body: { kind: 'json', value } } as const;
  // What curl would get on its standard input.
  const script = `curl() { cat; }\n${curlOf(call, dialect, DOCUMENTED)}`;
  const { stdout } = await execute('bash', ['-c', script], { cwd: folder, maxBuffer: 2 ** 24 });
  const base64 = bytes.toString('base64');
  expect(JSON.parse(stdout)).toEqual({ ...value, photo: base64, list: [base64] });
  await rm(folder, { recursive: true });
});
