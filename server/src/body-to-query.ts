import type { IncomingMessage } from 'node:http';

/** One documented call sends so much with a GET at most. */
const MOST_BYTES = 65_536;

/**
 * The path of a request, into whose query the fields of a JSON body have gone if it is a GET that has one: a `Request` of that method can have no
 * body. Objects and arrays stay JSON. A body that is no JSON object, is too long, or breaks off is passed over. Never rejects.
 */
export async function pathWithBody(request: IncomingMessage): Promise<string> {
  const path = request.url ?? '/';
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
  if (!hasBody || !['GET', 'HEAD'].includes(request.method ?? '')) return path;
  const fields = objectOf(await bodyOf(request));
  if (!fields) return path;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue;
    query.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const added = query.toString();
  return added === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${added}`;
}

/** Undefined where it is too long, whose rest is let go by, or breaks off. */
function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  return new Promise((done) => {
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MOST_BYTES) pieces.push(piece);
      else done(undefined);
    });
    request.once('end', () => done(Buffer.concat(pieces)));
    for (const broken of ['error', 'close']) request.once(broken, () => done(undefined));
  });
}

function objectOf(body: Buffer | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body?.toString() ?? '');
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
