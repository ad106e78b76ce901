import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { pathWithBody } from './body-to-query.ts';
import type { Metrics } from './metrics.ts';

/** What answers a server's requests. */
export interface Answering {
  readonly handle: (request: Request) => Promise<Response>;
  readonly metrics: Metrics;
  /** Whether a request may read the metrics. */
  readonly mayRead: (request: Request) => Promise<boolean>;
  readonly maxCalls: number;
  /** Why a request is not answered at all, if it is not. */
  readonly refusal?: (request: Request) => string | undefined;
}

/** Answers requests: `/healthz` to anyone, `/metrics` to whoever has a key, all else by the handler, so many at a time. */
export class Listener {
  readonly #answering: Answering;
  readonly listener: RequestListener;
  #calls = 0;
  /** No further calls are taken: those that are under way are answered. */
  isDraining = false;

  constructor(answering: Answering) {
    this.#answering = answering;
    const listen = getRequestListener((request) => this.#answer(request), { overrideGlobalObjects: false });
    this.listener = (request, response): void => {
      void pathWithBody(request).then((path) => {
        // Whoever asked is gone.
        if (request.errored) return undefined;
        request.url = path;
        return listen(request, response);
      });
    };
  }

  /** Calls that are being answered. */
  get calls(): number {
    return this.#calls;
  }

  async #answer(request: Request): Promise<Response> {
    const { metrics, mayRead, refusal } = this.#answering;
    const { pathname } = new URL(request.url);
    if (pathname === '/healthz') return this.#health();
    const reason = refusal?.(request);
    if (reason !== undefined) return problem(403, 'FORBIDDEN', reason);
    if (pathname === '/metrics') {
      if (!(await mayRead(request))) return text('A key is asked for here, as of any other call', 401);
      const { type, body } = await metrics.text();
      return new Response(body, { headers: { 'Content-Type': type } });
    }
    return this.#call(request);
  }

  #health(): Response {
    return this.isDraining ? text('draining', 503) : text('ok', 200);
  }

  async #call(request: Request): Promise<Response> {
    const { handle, metrics, maxCalls } = this.#answering;
    if (this.isDraining || this.#calls >= maxCalls) {
      metrics.refused();
      const message = this.isDraining
        ? 'The server is being stopped'
        : `${maxCalls} calls are being answered already; call again in a moment`;
      return problem(503, 'SERVICE_UNAVAILABLE', message, { 'Retry-After': '1' });
    }
    this.#calls++;
    try {
      return await handle(request);
    } finally {
      this.#calls--;
    }
  }
}

/** In the words of most interfaces. */
function problem(
  status: number,
  code: string,
  message: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = { 'Content-Type': 'application/json; charset=UTF-8', 'Cache-Control': 'no-store', ...more };
  return new Response(JSON.stringify({ code, status, message, reason: message }), { status, headers });
}

function text(body: string, status: number): Response {
  return new Response(`${body}\n`, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}
