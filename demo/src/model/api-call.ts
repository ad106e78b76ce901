import type { RestApi } from 'nearface/rest';
import type { NamedPhoto } from './samples.ts';

/** The key that the page's handler takes; it is no secret, as nobody but this page can call it. */
export const API_KEY = 'a-key-of-your-own';

/** Whom the calls enrol: nobody is called so by chance. */
export const GUEST = 'API guest';

/** What calls are made with. */
export interface ApiInput {
  /** With all of its people. */
  readonly photo: NamedPhoto;
  /** The biggest face of it alone. */
  readonly selfie: NamedPhoto;
  /** The embedding of that face, little-endian float32. */
  readonly facen: Uint8Array<ArrayBuffer>;
}

/** Which part of the input a field of a form, or a body, is. */
export type ApiFile = 'photo' | 'selfie';

/** A body: a form, whose files are named by `@`, as curl does it; JSON, in which the texts `@photo.jpg` and `@selfie.jpg` stand for them in base64; or bytes. */
export type ApiBody =
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'facen' };

/** A call of an interface. */
export interface ApiCall {
  /** Unique among those of its interface. */
  readonly id: string;
  readonly title: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With the query. `{id}` is what another call answered. */
  readonly path: string;
  readonly body?: ApiBody;
  /** Whose answer holds the id. */
  readonly idFrom?: { readonly call: string; take(json: unknown): string | undefined };
  /** What it changes among what is stored. */
  readonly changes?: 'stores' | 'deletes';
  /** The same by the library: `photo` and `selfie` are pictures. */
  readonly nf: string;
}

/** An interface, and its main calls. */
export interface ApiDialect {
  readonly api: RestApi;
  readonly title: string;
  readonly lead: string;
  /** Where its clients put their key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly calls: readonly ApiCall[];
}

/** The address of a call below `base`; `ID` where the id is not known yet. */
export function addressOf({ path }: ApiCall, base: string, id = 'ID'): string {
  return base + path.replace('{id}', encodeURIComponent(id));
}

/** The call as `curl` makes it, of files that are called as the input's are. */
export function curlOf(call: ApiCall, { headers }: ApiDialect, base: string, id?: string): string {
  const { method, body } = call;
  const parts = [`curl${method === 'GET' ? '' : ` -X ${method}`} ${quoted(addressOf(call, base, id))}`];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body?.kind === 'facen') parts.push('--data-binary @selfie.facen');
  if (body?.kind === 'form')
    for (const [name, value] of Object.entries(body.fields)) parts.push(`-F ${quoted(`${name}=${value}`)}`);
  if (body?.kind === 'json')
    parts.push(`-H 'Content-Type: application/json'`, `-d ${given(JSON.stringify(body.value))}`);
  return parts.join(' \\\n  ');
}

/** A picture in JSON. */
const IN_JSON = /"@(photo|selfie)\.jpg"/g;

/** JSON as curl gets it. Pictures are put there by the shell, on its way to curl: an argument of a command is not as long as most of them. */
function given(json: string): string {
  const here = json.replaceAll(/[\\$`]/g, '\\$&').replace(IN_JSON, `"$(base64 < $1.jpg | tr -d '\\n')"`);
  return json.search(IN_JSON) < 0 ? quoted(json) : `@- <<END\n${here}\nEND`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The request that the page makes. */
export async function requestOf(
  call: ApiCall,
  { headers }: ApiDialect,
  base: string,
  input: ApiInput,
  id?: string,
): Promise<Request> {
  const { method, body } = call;
  const content = body && (await contentOf(body, input));
  const type = body?.kind === 'json' ? { 'Content-Type': 'application/json' } : {};
  const init = { method, headers: { ...headers, ...type }, ...(content && { body: content }) };
  return new Request(addressOf(call, base, id), init);
}

async function contentOf(
  body: ApiBody,
  input: ApiInput,
): Promise<FormData | string | Uint8Array<ArrayBuffer>> {
  if (body.kind === 'facen') return input.facen;
  if (body.kind === 'form') return formOf(body.fields, input);
  const [photo, selfie] = await Promise.all([input.photo, input.selfie].map(({ blob }) => base64Of(blob)));
  return JSON.stringify(body.value).replace(IN_JSON, (_, file) => `"${file === 'photo' ? photo : selfie}"`);
}

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function formOf(fields: Readonly<Record<string, string>>, input: ApiInput): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    const [, file] = /^@(photo|selfie)\.jpg$/.exec(value) ?? [];
    if (file) form.append(name, input[file as ApiFile].blob, `${file}.jpg`);
    else form.append(name, value);
  }
  return form;
}

/** A field of what JSON holds, as text. */
export function textAt(json: unknown, ...path: readonly (string | number)[]): string | undefined {
  let part = json;
  for (const name of path) part = (part as Readonly<Record<string | number, unknown>> | null)?.[name];
  return typeof part === 'string' || typeof part === 'number' ? String(part) : undefined;
}
