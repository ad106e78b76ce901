import { Line } from './line.ts';
import type { Offer, PageMessage, RequestHead, WorkerMessage } from './messages.ts';

/** Answers a request; what `createHandler` of `nearface/rest` makes. */
export type PageHandler = (request: Request) => Promise<Response>;

/** Answers that have no body. */
const EMPTY: readonly number[] = [101, 204, 205, 304];

/** Takes a request, and answers it once the service worker has agreed. */
export function take(handle: PageHandler, { head }: Offer, port: MessagePort, life: string): void {
  const leaving = new AbortController();
  const line = new Line<PageMessage, WorkerMessage>(port, ({ kind }) => {
    if (kind === 'abort') {
      leaving.abort();
      line.fail(leaving.signal.reason);
      line.close();
    } else void answer(handle, head, line, leaving);
  });
  line.say({ kind: 'taken', life });
}

async function answer(
  handle: PageHandler,
  head: RequestHead,
  line: Line<PageMessage, WorkerMessage>,
  leaving: AbortController,
): Promise<void> {
  const response = await responseTo(handle, head, line.incoming, leaving.signal);
  const { status, statusText, body } = response;
  const headers = [...response.headers];
  const hasBody = body !== null && !EMPTY.includes(status);
  if (hasBody) line.send(body, () => leaving.abort());
  line.say({ kind: 'head', head: { status, statusText, headers, hasBody } });
}

async function responseTo(
  handle: PageHandler,
  head: RequestHead,
  incoming: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    const request = await requestOf(head, incoming, signal);
    const response = await handle(request);
    // What was refused before its body was read, unless that is the answer.
    if (!request.bodyUsed && response.body !== request.body)
      await request.body?.cancel().catch(() => undefined);
    return response;
  } catch {
    const reason = 'The page could not answer this call';
    return Response.json({ code: 'INTERNAL_ERROR', status: 500, reason }, { status: 500 });
  }
}

async function requestOf(
  { url, method, headers, hasBody }: RequestHead,
  incoming: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): Promise<Request> {
  const init = { method, headers: headers.map(([name, value]) => [name, value] as [string, string]), signal };
  if (!hasBody) return new Request(url, init);
  // Where requests cannot be made of streams, the body is read whole.
  const body = takesStreams() ? incoming : await new Response(incoming).blob();
  return new Request(url, { ...init, body, duplex: 'half' } as RequestInit);
}

/** Whether the body of a request may be a stream: where it may not, a stream is taken for text, which has a type. */
function takesStreams(): boolean {
  let isAsked = false;
  const init = {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      isAsked = true;
      return 'half';
    },
  };
  return !new Request('https://stream.invalid/', init).headers.has('content-type') && isAsked;
}
