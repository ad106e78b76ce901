import { expect, test } from '@playwright/test';
import { detectForm, end, type Started, started } from './started-server.ts';

const HOOK = ['--import', './e2e/fixtures/server/end-vision-thread.mjs'];

/** What of a server's metrics is called so. */
async function metric(server: Started, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

test('photos are looked at by several threads; one that dies is replaced, and what it had is answered with an error', async () => {
  const server = await started(['--memory', '--token', 'none', '--workers', '2'], HOOK);
  expect(server.lines()).toContain('2 threads look at photos');
  expect(await metric(server, 'nearface_vision_workers')).toBe(2);
  const body = await detectForm('sample3.jpg');
  const look = async (): Promise<{ status: number; retry: string | null; body: string }> => {
    const answer = await fetch(`${server.url}/v1/detect`, { method: 'POST', body });
    return { status: answer.status, retry: answer.headers.get('retry-after'), body: await answer.text() };
  };
  expect((await look()).status).toBe(200);
  const answers = Array.from({ length: 10 }, look);
  // Both have something to do by then.
  await Promise.race(answers);
  process.kill(server.process.pid!, 'SIGUSR2');
  const all = await Promise.all(answers);
  const failed = all.filter(({ status }) => status !== 200);
  // The one that it worked at, and the one that lay ready.
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.length).toBeLessThanOrEqual(2);
  for (const { status, retry, body: text } of failed) {
    expect([status, retry]).toEqual([503, '1']);
    expect(text).toMatch(/call again/);
  }
  await expect
    .poll(
      async () => {
        await Promise.all([look(), look(), look()]);
        return metric(server, 'nearface_vision_workers');
      },
      { timeout: 30_000 },
    )
    .toBe(2);
  expect(await end(server)).toBe(0);
});

test('photos beyond those that may wait are refused, and other calls are answered beside them', async () => {
  const server = await started(['--memory', '--token', 'none', '--workers', '1', '--queue', '1']);
  const body = await detectForm('sample3.jpg');
  const answers = Array.from({ length: 6 }, () => fetch(`${server.url}/v1/detect`, { method: 'POST', body }));
  const refused = await Promise.race(answers);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.text()).toContain('calls with a picture');
  expect((await fetch(`${server.url}/v1/galleries`)).status).toBe(200);
  const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
  expect(statuses.slice(0, 2)).toEqual([200, 200]);
  expect(statuses.at(-1)).toBe(503);
  expect(await end(server)).toBe(0);
});
