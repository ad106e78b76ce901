import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FACES, remainsFace } from './faces.ts';

/** Of how many faces something was found in the files. */
export interface Remains {
  readonly ids: number;
  readonly names: number;
  readonly vectors: number;
  readonly pictures: number;
}

type Kind = keyof Remains;

interface Needle {
  readonly kind: Kind;
  readonly face: number;
  readonly bytes: Buffer;
}

/** Bytes that are looked for: enough to be no chance, few enough to lie whole in a compressed block. */
const NEEDLE_BYTES = 12;

function* needlesOf(face: number): Generator<Needle> {
  const { id, meta, vector, crop, photo } = remainsFace(face);
  const of = (kind: Kind, bytes: Uint8Array, at: number): Needle => ({
    ...{ kind, face, bytes: Buffer.from(bytes.slice(at, at + NEEDLE_BYTES)) },
  });
  for (const encoding of ['utf8', 'utf16le'] as const) {
    yield of('ids', Buffer.from(id, encoding), 2);
    yield of('names', Buffer.from(meta, encoding), 2);
  }
  const floats = new Uint8Array(vector.buffer);
  for (const at of [64, 256, 512]) yield of('vectors', floats, at);
  for (const at of [100, 2000, 4000]) yield of('pictures', crop, at);
  if (photo) for (const at of [100, 100_000]) yield of('pictures', photo, at);
}

/** All needles by their first four bytes. */
function index(): ReadonlyMap<number, readonly Needle[]> {
  const found = new Map<number, Needle[]>();
  for (let face = 0; face < FACES; face++)
    for (const needle of needlesOf(face)) {
      const start = needle.bytes.readUInt32LE(0);
      found.set(start, [...(found.get(start) ?? []), needle]);
    }
  return found;
}

const NEEDLES = index();

/** Looks for the faces in all files of a folder. */
export async function scan(folder: string): Promise<Remains> {
  const found = {
    ids: new Set<number>(),
    names: new Set<number>(),
    vectors: new Set<number>(),
    pictures: new Set<number>(),
  };
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0));
    for (let at = 0; at + NEEDLE_BYTES <= bytes.length; at++)
      for (const needle of NEEDLES.get(bytes.readUInt32LE(at)) ?? [])
        if (bytes.compare(needle.bytes, 0, NEEDLE_BYTES, at, at + NEEDLE_BYTES) === 0)
          found[needle.kind].add(needle.face);
  }
  return {
    ids: found.ids.size,
    names: found.names.size,
    vectors: found.vectors.size,
    pictures: found.pictures.size,
  };
}
