import { isLockHeld, whenFree } from '../platform/browser/locks.ts';
import { Line } from './line.ts';
import type { Offer, PageMessage, RequestHead, ResponseHead, WorkerMessage } from './messages.ts';
import { lockOf } from './options.ts';

/** How long a page may take to say that it answers: it may be busy, or not the one any more, so that pages are asked again. */
const TAKE_MS = 2000;
const TRIES = 3;

/** A request that a page has taken. */
interface Taken {
  readonly line: Line<WorkerMessage, PageMessage>;
  readonly client: string;
  readonly life: string;
  /** Called with the head of the answer. */
  onHead: (head: ResponseHead) => void;
}

/** What is used of the service worker's global scope. */
type Scope = { readonly clients: Pick<Clients, 'get' | 'matchAll'> };

/** Hands requests under a prefix on to the page that answers them. */
export class Forwarder {
  readonly #scope: Scope;
  readonly #basePath: string;
  /** The page that answered last. */
  #client: string | undefined;

  constructor(scope: Scope, basePath: string) {
    this.#scope = scope;
    this.#basePath = basePath;
  }

  /** Never rejects, unless the client that asked is gone. */
  async answer(request: Request): Promise<Response> {
    const head: RequestHead = {
      ...{ url: request.url, method: request.method, headers: [...request.headers] },
      hasBody: request.method !== 'GET' && request.method !== 'HEAD',
    };
    const taken = await this.#offer(head, request.signal);
    if (typeof taken === 'string') return refusal(taken);
    this.#client = taken.client;
    return forwarded(request, head, taken);
  }

  /** The page that takes a request, or why there is none. */
  async #offer(head: RequestHead, signal: AbortSignal): Promise<Taken | string> {
    for (let tries = 0; tries < TRIES && !signal.aborted; tries++) {
      const isHeld = await isLockHeld(lockOf(this.#basePath));
      const pages = await this.#pages();
      if (!isHeld || pages.length === 0)
        return 'No page of this app that answers such calls is open: open one, and wait until it has begun';
      const taken = await firstTaken(pages.map((page) => this.#offerTo(page, head)));
      if (taken) return taken;
    }
    return 'The page that answers such calls did not respond; load it again';
  }

  /** The page that answered last alone, as long as it is there; else all, in whose name one will speak. */
  async #pages(): Promise<readonly Client[]> {
    const last = this.#client === undefined ? undefined : await this.#scope.clients.get(this.#client);
    this.#client = undefined;
    if (last) return [last];
    return this.#scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  }

  #offerTo(page: Client, head: RequestHead): Offering {
    const { port1, port2 } = new MessageChannel();
    let settle: (taken: Taken | undefined) => void = () => undefined;
    const answered = new Promise<Taken | undefined>((resolve) => (settle = resolve));
    let taken: Taken | undefined;
    const line = new Line<WorkerMessage, PageMessage>(port1, (message) => {
      if (message.kind === 'refused') settle(undefined);
      else if (message.kind === 'head') taken?.onHead(message.head);
      else {
        taken = { line, client: page.id, life: message.life, onHead: () => undefined };
        settle(taken);
      }
    });
    page.postMessage({ nearface: 'request', basePath: this.#basePath, head } satisfies Offer, [port2]);
    return { line, answered };
  }
}

/** An offer to a page, and what it says to that; it may say nothing. */
interface Offering {
  readonly line: Line<WorkerMessage, PageMessage>;
  readonly answered: Promise<Taken | undefined>;
}

/** The first page that takes what all were offered; the others are let go. */
async function firstTaken(offerings: readonly Offering[]): Promise<Taken | undefined> {
  const first = new Promise<Taken | undefined>((resolve) => {
    for (const { answered } of offerings) void answered.then((taken) => taken && resolve(taken));
    void Promise.all(offerings.map(({ answered }) => answered)).then(() => resolve(undefined));
  });
  const taken = await new Promise<Taken | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), TAKE_MS);
    void first.then((each) => {
      clearTimeout(timer);
      resolve(each);
    });
  });
  for (const { line } of offerings)
    if (line !== taken?.line) {
      line.say({ kind: 'abort' });
      line.close();
    }
  return taken;
}

async function forwarded(request: Request, head: RequestHead, taken: Taken): Promise<Response> {
  const { line, life } = taken;
  const over = new AbortController();
  over.signal.addEventListener('abort', () => line.close());
  const answered = new Promise<ResponseHead>((resolve, reject) => {
    taken.onHead = resolve;
    whenFree(
      life,
      () => {
        const error = new TypeError('The page that answered was closed');
        line.fail(error);
        reject(error);
      },
      over.signal,
    );
    request.signal.addEventListener('abort', () => {
      line.say({ kind: 'abort' });
      line.fail(request.signal.reason);
      reject(request.signal.reason);
    });
  });
  if (head.hasBody) line.send(await bodyOf(request));
  line.say({ kind: 'go' });
  try {
    const { hasBody, ...init } = await answered;
    const headers = init.headers.map(([name, value]) => [name, value] as [string, string]);
    const body = hasBody ? untilEnd(line.incoming, () => over.abort()) : null;
    if (!hasBody) over.abort();
    return new Response(body, { ...init, headers });
  } catch (error) {
    over.abort();
    if (request.signal.aborted) throw error;
    return refusal(
      'The page that answered was closed before it had; whether the call took effect is not known',
    );
  }
}

/** Firefox gives no stream of a request's body. */
async function bodyOf(request: Request): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return request.body ?? (await request.blob()).stream();
}

/** The same stream; `ended` is called when it is over, however. */
function untilEnd<T>(stream: ReadableStream<T>, ended: () => void): ReadableStream<T> {
  const reader = stream.getReader();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          ended();
          controller.close();
        } catch (error) {
          ended();
          controller.error(error);
        }
      },
      cancel(reason) {
        const cancelled = reader.cancel(reason);
        ended();
        return cancelled;
      },
    },
    { highWaterMark: 0 },
  );
}

function refusal(reason: string): Response {
  const headers = { 'Retry-After': '1', 'Cache-Control': 'no-store' };
  return Response.json({ code: 'SERVICE_UNAVAILABLE', status: 503, reason }, { status: 503, headers });
}
