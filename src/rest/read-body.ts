import { joinBytes } from '../core/join-bytes.ts';
import { readPiece } from '../core/read-piece.ts';
import { RestError, wrongField } from './problem.ts';

/** Fields by name; one that came several times is an array. */
export type RawFields = ReadonlyMap<string, unknown>;

/** The fields of a query. */
export function queryFields(search: URLSearchParams): RawFields {
  return gathered(search);
}

/** Empty text counts as not given, but where somebody may want to say just that. */
const KEPT_EMPTY = new Set<string>(['meta']) as ReadonlySet<string>;

/** Puts fields of the same name together, and leaves empty ones out. */
function gathered(entries: Iterable<readonly [string, unknown]>): RawFields {
  const fields = new Map<string, unknown[]>();
  for (const [name, value] of entries) {
    if (value === '' && !KEPT_EMPTY.has(name)) continue;
    const before = fields.get(name);
    if (before) before.push(value);
    else fields.set(name, [value]);
  }
  return new Map([...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

/** A body that is larger than any is read. */
function tooLarge(maxBytes: number): RestError {
  const message = `The body has more than ${maxBytes} bytes, which is the limit`;
  return new RestError({ status: 413, code: 'BODY_TOO_LARGE', message });
}

/** All bytes of a body, which is given up as soon as it is too large. @throws RestError 413, 400 if it breaks off */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (!request.body) return new Uint8Array(0);
  await refuseEncoded(request);
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > maxBytes) {
    await request.body.cancel().catch(() => undefined);
    throw tooLarge(maxBytes);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await nextPiece(reader);
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(maxBytes);
    }
    pieces.push(value);
  }
  return joinBytes(pieces);
}

/** A compressed body is not taken apart: a small one may hold a very large one. @throws RestError 415 */
async function refuseEncoded(request: Request): Promise<void> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return;
  await request.body?.cancel().catch(() => undefined);
  const message = `A body with the Content-Encoding ${encoding.slice(0, 80)} is not read here; send it as it is`;
  const headers = { 'Accept-Encoding': 'identity' };
  throw new RestError({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message, headers });
}

async function nextPiece(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await readPiece(reader);
  } catch {
    throw new RestError({ status: 400, code: 'BAD_PARAM', message: 'The body broke off', param: 'body' });
  }
}

/** The media type without its parameters; undefined where none is given. */
function mediaType(request: Request): string | undefined {
  const header = request.headers.get('content-type');
  return header === null || header === '' ? undefined : (header.split(';')[0] as string).trim().toLowerCase();
}

const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json');

/** The fields of a body: of JSON, or a form. A body without a type is tried as JSON. @throws RestError 400, 413, 415 */
export async function bodyFields(request: Request, maxBytes: number): Promise<RawFields> {
  const type = mediaType(request);
  const isForm = type === 'multipart/form-data' || type === 'application/x-www-form-urlencoded';
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0 && type !== 'multipart/form-data') return new Map();
  if (!isForm && type !== undefined && !isJson(type)) throw wrongType(type);
  if (!isForm) return fieldsOfJson(parseJson(bytes));
  if (type === 'multipart/form-data') return gathered(await multipart(bytes, request));
  return gathered(new URLSearchParams(new TextDecoder().decode(bytes)));
}

function wrongType(type: string): RestError {
  const message = `A body of the type ${type.slice(0, 80)} is not read here; send application/json, application/x-www-form-urlencoded or multipart/form-data`;
  return new RestError({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message });
}

function fieldsOfJson(value: unknown): RawFields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongField('body', value, 'a JSON object', 'type');
  const given = Object.entries(value).filter(
    ([name, each]) => each !== undefined && (each !== '' || KEPT_EMPTY.has(name)),
  );
  return new Map(given);
}

async function multipart(
  bytes: Uint8Array<ArrayBuffer>,
  request: Request,
): Promise<Iterable<[string, FormDataEntryValue]>> {
  const type = request.headers.get('content-type') as string;
  try {
    const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
    return form.entries();
  } catch {
    const message = 'The multipart body is not complete: it lacks its boundary, or an end';
    throw new RestError({ status: 400, code: 'BAD_PARAM', message, param: 'body', fault: 'value' });
  }
}

/** A whole body of JSON, whatever it holds. @throws RestError 400, 413, 415 */
export async function bodyJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = mediaType(request);
  const bytes = await readBytes(request, maxBytes);
  if (type !== undefined && !isJson(type)) throw wrongType(type);
  return bytes.length === 0 ? undefined : parseJson(bytes);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // What the parser says shows some of the text, and there may be a name in it.
    throw new RestError({ status: 400, code: 'MALFORMED_JSON', message: 'The body is not complete JSON' });
  }
}
