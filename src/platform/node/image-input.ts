import { readFile, stat } from 'node:fs/promises';
import { abortedError, badParam, throwIfAborted } from '../../core/errors.ts';
import type { WireInput } from '../../core/wire-image.ts';
import { checkEncodedBytes } from '../../image/encoded-header.ts';
import { blobOfBytes, copyPixels, isPixels, shorten, tagOf, unreadable } from '../../image/given.ts';
import { isPath } from './files.ts';
import { sendableBlob } from '../../core/sendable-blob.ts';
import { fetchImage, imageOfText } from '../text-image.ts';
import { loadSharp } from './sharp.ts';

const ACCEPTED =
  'an image: encoded bytes (Buffer, Uint8Array, ArrayBuffer), a Blob or File, a base64 string, a data:, https: or file: URL, the path ' +
  'of a file, or pixels { width, height, data }';

const ACCEPTED_TEXT = `${ACCEPTED}; a path starts with ./ or / or ends in an image's extension (any other file: pass its bytes)`;

/** Copies what the user gave, so that it can be sent to the vision worker. See {@link Host.readImage}. */
export async function readImage(
  input: unknown,
  param: string,
  signal: AbortSignal | undefined,
): Promise<WireInput> {
  throwIfAborted(signal);
  const wire = isPixels(input) ? ofPixels(input, param) : encoded(await read(input, param, signal));
  // It must be loaded here before a worker does, and stay so for as long as that lives; pixels do without it.
  if (wire.image.kind === 'encoded') await loadSharp();
  else await loadSharp().catch(() => undefined);
  throwIfAborted(signal);
  return wire;
}

function ofPixels(input: Parameters<typeof copyPixels>[0], param: string): WireInput {
  const pixels = copyPixels(input, param);
  return { image: { kind: 'pixels', pixels }, transfer: [pixels.data.buffer] };
}

function encoded(blob: Blob): WireInput {
  return { image: { kind: 'encoded', blob }, transfer: [] };
}

async function read(input: unknown, param: string, signal: AbortSignal | undefined): Promise<Blob> {
  switch (tagOf(input)) {
    case 'Blob':
    case 'File':
      return readBlob(input as Blob, param, signal);
    case 'Uint8Array':
    case 'ArrayBuffer':
      return blobOfBytes(input as Uint8Array | ArrayBuffer, param);
    case 'String':
      return readText(String(input), param, signal);
    case 'URL':
      return readText((input as URL).href, param, signal);
    default:
      throw badParam(param, input, ACCEPTED);
  }
}

function readText(text: string, param: string, signal: AbortSignal | undefined): Promise<Blob> {
  const reading = { param, signal, accepted: ACCEPTED_TEXT, remedy: 'check the address and the network' };
  return imageOfText(text, reading, (url) =>
    isPath(url) || /^file:/i.test(url) ? readPath(url, param, signal) : fetchImage(url, reading),
  );
}

/** A file's own blob cannot be sent to a thread. */
async function readBlob(blob: Blob, param: string, signal: AbortSignal | undefined): Promise<Blob> {
  checkEncodedBytes(blob.size);
  try {
    return await sendableBlob(blob, signal);
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal.reason);
    throw unreadable(
      param,
      'The blob could not be read; was its file changed or removed? Open it again',
      error,
    );
  }
}

/** @param given - a path, or a `file:` URL */
async function readPath(given: string, param: string, signal: AbortSignal | undefined): Promise<Blob> {
  try {
    const path = isPath(given) ? given : new URL(given);
    const facts = await stat(path);
    // A pipe or a device has no end.
    if (!facts.isFile()) throw Object.assign(new Error('it is no file'), { code: 'it is no file' });
    checkEncodedBytes(facts.size);
    return new Blob([await readFile(path, signal ? { signal } : {})]);
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal.reason);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'IMAGE_TOO_LARGE') throw error;
    throw unreadable(param, `${shorten(given)} could not be read (${code}); check the path`, error);
  }
}
