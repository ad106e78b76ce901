import { badParam, NearFaceError, showValue, throwIfAborted } from '../core/errors.ts';
import { MAX_JOB_SOURCES } from '../core/limits.ts';
import { mediaTypeOf, nameOf } from '../sources/source-file.ts';
import { mediaOf } from '../video/media-of.ts';
import type { NewSource } from '../worker/contract.ts';
import type { RecogniseSource } from './recognise-options.ts';

/** A source that is to be stored: its address, or its bytes. */
export interface StagedSource {
  readonly source: NewSource;
  readonly bytes?: Blob;
}

const ACCEPTED =
  'a video or an image: a File, a Blob, or an address that begins with http:, https:, blob: or data:';

/**
 * What the sources of a job are. Addresses that others know, too, are kept as text; what only this page knows is read.
 *
 * @param base - what relative addresses are relative to
 * @throws NearFaceError `BAD_PARAM` naming the source
 */
export async function stageSources(
  given: RecogniseSource | readonly RecogniseSource[],
  base: string,
  signal: AbortSignal | undefined,
): Promise<readonly StagedSource[]> {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0 || all.length > MAX_JOB_SOURCES)
    throw badParam('sources', given, `1 to ${MAX_JOB_SOURCES} videos or images`);
  const staged: StagedSource[] = [];
  for (const [i, each] of all.entries()) {
    throwIfAborted(signal);
    const path = Array.isArray(given) ? `sources[${i}]` : 'sources';
    staged.push(
      each instanceof Blob ? await ofBlob(each, `source ${i + 1}`) : await ofAddress(each, path, base, i),
    );
  }
  return staged;
}

async function ofBlob(bytes: Blob, otherwise: string): Promise<StagedSource> {
  const { name = otherwise } = bytes as Partial<File>;
  return { source: { name, mediaType: await mediaOf(bytes), type: bytes.type }, bytes };
}

async function ofAddress(given: unknown, path: string, base: string, i: number): Promise<StagedSource> {
  let url: URL | undefined;
  if (typeof given === 'string' || given instanceof URL)
    url = URL.canParse(given, base) ? new URL(given, base) : undefined;
  if (!url) throw badParam(path, given, ACCEPTED);
  if (url.protocol === 'blob:' || url.protocol === 'data:')
    return ofBlob(await read(url, path), `source ${i + 1}`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw badParam(path, given, ACCEPTED);
  const name = decode(nameOf(url.pathname)) || url.hostname;
  const type = mediaTypeOf(url.pathname);
  return { source: { name, mediaType: type === '' ? 'video' : 'image', url: url.href, type } };
}

async function read(url: URL, path: string): Promise<Blob> {
  try {
    return await (await fetch(url)).blob();
  } catch (error) {
    const text = `${path}: there is nothing at ${showValue(url.href)} any more; give the file itself`;
    throw new NearFaceError('BAD_PARAM', text, { param: path, value: url.protocol }, error);
  }
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
