/** Both sides over channels of Node, with a client that goes away when it likes: Chromium tells a service worker of that late. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Forwarder } from './forwarder.ts';
import type { Offer } from './messages.ts';
import { type PageHandler, take } from './take.ts';

const URL_OF_CALL = 'http://localhost/faces/x';

/** Pages, by whether they take what they are offered; the locks of those that are gone are free. */
let pages: { readonly id: string; readonly postMessage: (offer: Offer, ports: MessagePort[]) => void }[] = [];
let isHeld = true;
let frees: (() => void)[] = [];

beforeEach(() => {
  [pages, frees, isHeld] = [[], [], true];
  vi.stubGlobal('navigator', {
    locks: {
      query: async () => ({ held: isHeld ? [{ name: 'nearface-requests:/faces' }] : [] }),
      request: (_name: string, { signal }: { signal: AbortSignal }, free: () => void) =>
        new Promise<void>((done) => {
          frees.push(() => !signal.aborted && done(free()));
        }),
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

const forwarder = (): Forwarder =>
  new Forwarder(
    {
      clients: {
        get: async (id: string) => pages.find((page) => page.id === id),
        matchAll: async () => pages,
      } as unknown as Clients,
    },
    '/faces',
  );

function addPage(handle: PageHandler): void {
  const id = `page-${pages.length}`;
  pages.push({ id, postMessage: (offer, [port]) => take(handle, offer, port!, `life of ${id}`) });
}

/** One that says nothing. */
function addSilentPage(): void {
  pages.push({ id: 'silent', postMessage: () => undefined });
}

function addRefusingPage(): void {
  pages.push({ id: 'refusing', postMessage: (_, [port]) => port!.postMessage({ kind: 'refused' }) });
}

const post = (body: BodyInit, signal?: AbortSignal): Request =>
  new Request(URL_OF_CALL, { method: 'POST', body, ...(signal && { signal }) });

test('bodies of any bytes go both ways as they are', async () => {
  addRefusingPage();
  addPage(async (request) => new Response(request.body, { status: 201, headers: { 'x-own': 'yes' } }));
  addSilentPage();
  const one = forwarder();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
      const response = await one.answer(post(bytes));
      expect([response.status, response.headers.get('x-own')]).toEqual([201, 'yes']);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    }),
    { numRuns: 50 },
  );
});

test('a caller who goes away before the answer has begun ends the call', async () => {
  const leaving = new AbortController();
  let aborted: Promise<void> = Promise.resolve();
  const begun = new Promise<void>((begin) =>
    addPage(({ signal }) => {
      aborted = new Promise((done) => signal.addEventListener('abort', () => done()));
      begin();
      return new Promise(() => undefined);
    }),
  );
  const answer = forwarder().answer(post('x', leaving.signal));
  answer.catch(() => undefined);
  await begun;
  leaving.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  await aborted;
});

test('a page that ends before its answer: 503; in the middle of it: the body breaks off', async () => {
  let answered: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (answered = resolve));
  addPage(() => {
    answered();
    return new Promise(() => undefined);
  });
  const answer = forwarder().answer(post('x'));
  await begun;
  for (const free of frees) free();
  expect(await answer.then(async (each) => [each.status, await each.json()])).toEqual([
    503,
    expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }),
  ]);
  pages = [];
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(3)) });
  addPage(async () => new Response(body));
  const response = await forwarder().answer(new Request(URL_OF_CALL));
  const text = response.text();
  setTimeout(() => frees.forEach((free) => free()), 50);
  await expect(text).rejects.toThrow('was closed');
});

test('a body that breaks off in the page breaks off for the caller', async () => {
  let pieces = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (++pieces < 3) controller.enqueue(new Uint8Array(10));
      else controller.error(new Error('a secret of the inside'));
    },
  });
  addPage(async () => new Response(body));
  const response = await forwarder().answer(new Request(URL_OF_CALL));
  await expect(response.arrayBuffer()).rejects.toThrow('The body broke off');
});

test('a handler that fails is a 500 that tells nothing', async () => {
  addPage(() => Promise.reject(new Error('a secret of the inside')));
  const response = await forwarder().answer(new Request(URL_OF_CALL));
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
});

test('without a page that answers, 503 at once; with one that is silent, after some tries', async () => {
  addSilentPage();
  isHeld = false;
  const none = await forwarder().answer(new Request(URL_OF_CALL));
  expect([none.status, none.headers.get('retry-after')]).toEqual([503, '1']);
  vi.useFakeTimers();
  try {
    isHeld = true;
    const answer = forwarder().answer(new Request(URL_OF_CALL));
    await vi.advanceTimersByTimeAsync(6001);
    expect(await (await answer).json()).toMatchObject({ reason: expect.stringContaining('did not respond') });
  } finally {
    vi.useRealTimers();
  }
});
