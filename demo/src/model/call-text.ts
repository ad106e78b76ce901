import type { Box, FindOptions } from 'nearface';

/** The ways to look for faces. */
export type Mode = NonNullable<FindOptions['mode']>;
export const MODES: readonly Mode[] = ['fast', 'accurate', 'auto'];

/** What the page asks of the library for one photo. */
export interface PhotoCall {
  readonly mode: Mode;
  readonly autoRotate: boolean;
  /** In pixels of the picture before quarter turns. */
  readonly area?: Box;
  readonly quality: boolean;
  readonly attributes: boolean;
  readonly liveness: boolean;
}

/** The options of `embed` and `detect` that say how faces are looked for. */
export function findOptions({ mode, autoRotate, area }: PhotoCall): FindOptions {
  return { mode, ...(autoRotate && { autoRotate }), ...(area && { area }) };
}

/** The details that the page asks for. */
export function detailsOf({ quality, attributes, liveness }: PhotoCall): Readonly<Record<string, true>> {
  return {
    angle: true,
    landmarks: true,
    mesh: true,
    crop: true,
    ...(quality && { quality: true }),
    ...(attributes && { attributes: true }),
    ...(liveness && { liveness: true }),
  };
}

export function sameCall(a: PhotoCall, b: PhotoCall): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The call as a program would write it. */
export function callCode(call: PhotoCall, gate: string | undefined): string {
  const options = { ...findOptions(call), returnDetails: detailsOf(call) };
  const lines = Object.entries(options).map(([name, value]) => `  ${name}: ${literal(value)},`);
  const names = gate ? `checkQuality, ${gate}, NearFace` : 'NearFace';
  return [
    `import { ${names} } from 'nearface';`,
    '',
    `const nf = await NearFace.create({ assets: './nearface/' });`,
    `const answer = await nf.embed(photo, {`,
    ...lines,
    `});`,
    ...(gate ? [`const checks = answer.faces.map((face) => checkQuality(face, ${gate}));`] : []),
  ].join('\n');
}

/** Most entries of a long list that the shortened JSON shows. */
const SHOWN = 2;
const LONG = 8;

/** `value` as indented JSON with four digits after the point and long lists cut. */
export function shortJson(value: unknown): string {
  return render(value, '');
}

/** `value` as JSON, whole; typed arrays are lists. */
export function fullJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (ArrayBuffer.isView(part) ? toList(part) : part), 2);
}

function render(value: unknown, indent: string): string {
  if (typeof value === 'number') return String(Number(value.toFixed(4)));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const inner = `${indent}  `;
  const list = Array.isArray(value) ? (value as unknown[]) : ArrayBuffer.isView(value) ? toList(value) : null;
  const parts = list ? listParts(list, inner) : objectParts(value, inner);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return open + close;
  const line = `${open} ${parts.join(', ')} ${close}`;
  if (line.length + indent.length <= 100 && !line.includes('\n')) return line;
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

function listParts(list: readonly unknown[], indent: string): string[] {
  const shown = list.length > LONG ? list.slice(0, SHOWN) : list;
  const parts = shown.map((item) => render(item, indent));
  return shown.length < list.length
    ? [...parts, `… ${(list.length - shown.length).toLocaleString('en')} more`]
    : parts;
}

function objectParts(value: object, indent: string): string[] {
  return Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${render(part, indent)}`);
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${key}: ${literal(part)}`)
    .join(', ')} }`;
}

function toList(view: ArrayBufferView): readonly unknown[] {
  return Array.from(view as unknown as ArrayLike<unknown>);
}
