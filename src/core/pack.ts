import { NearFaceError } from './errors.ts';

/** Arrays of numbers that are packed as they are. */
const ARRAYS = { Uint8Array, Uint32Array, Float32Array, Float64Array } as const;
type ArrayName = keyof typeof ARRAYS;

/** What stands in the text for what JSON has no words for; no key of a packed object may be it. */
const MARK = '\u0001';
/** Numbers begin at multiples of this in the tail. */
const ALIGNED = 8;

/**
 * Plain data as bytes: what JSON knows, `undefined`, all numbers, maps, and arrays of numbers to the last bit. {@link unpack} gives it
 * back. A text in JSON, behind its length in four bytes, and the arrays' bytes after it.
 *
 * @param blobs - the bytes of those that are in it
 */
export function pack(value: unknown, blobs?: ReadonlyMap<Blob, Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const replace = (each: unknown): unknown => {
    if (each === undefined) return { [MARK]: 'undefined' };
    if (typeof each === 'number')
      return Number.isFinite(each) && !Object.is(each, -0) ? each : { [MARK]: String(each) };
    if (typeof each !== 'object' || each === null) return each;
    if (each instanceof Map) return { [MARK]: 'Map', entries: [...each].map(replace) };
    if (Array.isArray(each)) return each.map(replace);
    const blob = blobs?.get(each as Blob);
    if (blob) return { [MARK]: 'Blob', type: (each as Blob).type, bytes: replace(blob) };
    const name = nameOf(each);
    if (!name) return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, replace(inner)]));
    const { buffer, byteOffset, byteLength } = each as Uint8Array;
    parts.push(new Uint8Array(buffer, byteOffset, byteLength));
    const at = length;
    length += aligned(byteLength);
    return { [MARK]: name, at, bytes: byteLength };
  };
  const text = new TextEncoder().encode(JSON.stringify(replace(value)));
  const begin = aligned(4 + text.length);
  const packed = new Uint8Array(begin + length);
  new DataView(packed.buffer).setUint32(0, text.length, true);
  packed.set(text, 4);
  let at = begin;
  for (const part of parts) {
    packed.set(part, at);
    at += aligned(part.length);
  }
  return packed;
}

/** The same of data with blobs in it, which are read first. */
export async function packWithBlobs(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const blobs = new Map<Blob, Uint8Array>();
  const read = async (blob: Blob): Promise<void> =>
    void blobs.set(blob, new Uint8Array(await blob.arrayBuffer()));
  await Promise.all(blobsIn(value).map(read));
  return pack(value, blobs);
}

function blobsIn(value: unknown): readonly Blob[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if (value instanceof Blob) return [value];
  const inner: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value);
  return [...inner].flatMap(blobsIn);
}

/** What was packed. @throws NearFaceError `STORAGE_FAILED` where it was damaged */
export function unpack(packed: Uint8Array): unknown {
  try {
    const length = new DataView(packed.buffer, packed.byteOffset, packed.byteLength).getUint32(0, true);
    const begin = aligned(4 + length);
    const revive = (_key: string, each: unknown): unknown => {
      const marked = each as Record<string, unknown> | null;
      const name = typeof each === 'object' && marked ? marked[MARK] : undefined;
      if (typeof name !== 'string' || !marked) return each;
      if (name === 'undefined') return new Undefined();
      if (name === 'Blob')
        return new Blob([marked['bytes'] as Uint8Array<ArrayBuffer>], { type: String(marked['type']) });
      if (name === 'Map') return new Map(marked['entries'] as [unknown, unknown][]);
      if (!Object.hasOwn(ARRAYS, name)) return name === '0' ? -0 : Number(name);
      const at = begin + Number(marked['at']);
      // A copy, since numbers lie at multiples of their size in their own memory.
      const bytes = packed.slice(at, at + Number(marked['bytes']));
      if (bytes.length !== marked['bytes']) throw new RangeError('cut off');
      return new ARRAYS[name as ArrayName](bytes.buffer);
    };
    return defined(JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + length)), revive));
  } catch (error) {
    throw new NearFaceError('STORAGE_FAILED', 'Stored data is damaged', {}, error);
  }
}

/** Stands for `undefined` while JSON is read, which would leave the key out. */
class Undefined {}

function defined(value: unknown): unknown {
  if (value instanceof Undefined) return undefined;
  if (typeof value !== 'object' || value === null || value instanceof Blob || nameOf(value)) return value;
  if (value instanceof Map) return new Map([...value].map((entry) => defined(entry) as [unknown, unknown]));
  if (Array.isArray(value)) return value.map(defined);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, defined(inner)]));
}

function nameOf(value: object): ArrayName | undefined {
  return (Object.keys(ARRAYS) as ArrayName[]).find((name) => value instanceof ARRAYS[name]);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNED) * ALIGNED;
}
