import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const CACHE = join('.cache', 'brotli-sizes.json');

/** One fetched file. */
export interface WireFile {
  readonly path: string;
  readonly bytes: number;
  /** Size under brotli, quality 11, or as it is where that is smaller. */
  readonly brotliBytes: number;
}

/** Fetches `paths` of a server once each and measures what brotli at its highest quality makes of them. */
export async function wireFiles(serverUrl: string, paths: readonly string[]): Promise<readonly WireFile[]> {
  const known = await readKnown();
  const files: WireFile[] = [];
  for (const path of [...new Set(paths)].sort()) {
    const bytes = Buffer.from(await (await fetch(serverUrl + path)).arrayBuffer());
    const digest = createHash('sha256').update(bytes).digest('hex');
    const brotliBytes = known[digest] ?? (await brotliSize(bytes));
    known[digest] = brotliBytes;
    files.push({ path, bytes: bytes.length, brotliBytes });
  }
  await mkdir('.cache', { recursive: true });
  await writeFile(CACHE, JSON.stringify(known, null, 2));
  return files;
}

async function readKnown(): Promise<Record<string, number>> {
  const text = await readFile(CACHE, 'utf8').catch(() => '{}');
  return JSON.parse(text) as Record<string, number>;
}

async function brotliSize(bytes: Buffer): Promise<number> {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return Math.min(bytes.length, (await promisify(brotliCompress)(bytes, { params })).length);
}
