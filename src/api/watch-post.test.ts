import { afterEach, expect, test, vi } from 'vitest';
import type { BestShotEvent } from '../video/events.ts';
import type { Host } from '../platform/port.ts';
import { postShot } from './watch-post.ts';

afterEach(() => vi.unstubAllGlobals());

const host = { baseUrl: () => 'https://localhost/page/' } as unknown as Host;
const picture = (type: string): Blob => new Blob([type], { type });
const shot = {
  ...{ type: 'best-shot', trackId: 3, cameraId: 'door', timeMs: 1500, frameIndex: 37, score: 0.8 },
  ...{ box: { left: 10, top: 20, width: 30, height: 40 }, angle: { yaw: 60, pitch: 0, roll: 0 } },
  ...{ photo: picture('image/jpeg'), aligned: { file: picture('image/png') } },
} as unknown as BestShotEvent;

/** Of a session that is not stopped. */
const GOES_ON = new AbortController().signal;

/** What a server would be sent. */
function served(answer: () => Response | Promise<Response>): { url: string; form: FormData }[] {
  const sent: { url: string; form: FormData }[] = [];
  vi.stubGlobal('fetch', async (url: URL, { body }: { body: FormData }) => {
    sent.push({ url: String(url), form: body });
    return answer();
  });
  return sent;
}

test('a report is sent in the fields of the contract, dated as its sighting is', async () => {
  const sent = served(() => new Response('taken', { status: 201 }));
  const told = await postShot(host, { url: '../faces' }, shot, Date.UTC(2026, 10, 29), GOES_ON);
  expect(told).toEqual({ type: 'posted', trackId: 3, status: 201, body: 'taken' });
  const [{ url, form } = { url: '', form: new FormData() }] = sent;
  expect(url).toBe('https://localhost/faces');
  expect([...form.keys()].sort()).toEqual([
    'bbox',
    'camera',
    'detectorParams',
    'face0',
    'photo',
    'timestamp',
  ]);
  expect(form.get('camera')).toBe('door');
  expect(form.get('timestamp')).toBe('2026-11-29T00:00:01.500Z');
  expect(form.get('bbox')).toBe('[[10,20,40,60]]');
  const { score, direction_score } = JSON.parse(form.get('detectorParams') as string) as Record<
    string,
    number
  >;
  expect(score).toBe(0.8);
  expect(direction_score).toBeCloseTo(0.5, 9);
  expect((form.get('photo') as File).name).toBe('photo.jpg');
  expect((form.get('face0') as File).type).toBe('image/png');
});

test('what goes wrong is told, and nothing is thrown', async () => {
  served(() => Promise.reject(new TypeError('no such server')));
  const gone = await postShot(host, { url: 'https://example.org/', imageField: 'frame' }, shot, 0, GOES_ON);
  expect(gone).toMatchObject({ status: 0, body: 'TypeError: no such server' });
  served(() => new Response('no', { status: 500 }));
  expect(await postShot(host, { url: '/faces' }, shot, 0, GOES_ON)).toMatchObject({
    status: 500,
    body: 'no',
  });
});

test(
  'what no server answers in time, or by when the session is stopped, is told',
  { timeout: 3000 },
  async () => {
    const never = (_: URL, { signal }: { signal: AbortSignal }): Promise<Response> =>
      new Promise((_done, failed) => signal.addEventListener('abort', () => failed(signal.reason as Error)));
    const sent = vi.fn(never);
    vi.stubGlobal('fetch', sent);
    const slow = await postShot(host, { url: '/faces', timeoutMs: 5 }, shot, 0, GOES_ON);
    expect(slow).toMatchObject({ status: 0, body: 'no answer within 5 ms' });
    const stop = new AbortController();
    const asked = postShot(host, { url: '/faces', timeoutMs: 600_000 }, shot, 0, stop.signal);
    stop.abort();
    expect(await asked).toMatchObject({ status: 0, body: 'no answer by the time the session was stopped' });
    const after = await postShot(host, { url: '/faces' }, shot, 0, stop.signal);
    expect(after).toMatchObject({ status: 0, body: 'not sent: the session was stopped' });
    expect(sent).toHaveBeenCalledTimes(2);
  },
);
