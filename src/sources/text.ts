/** UTF-8, or UTF-16 with its byte order mark. */
export function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/**
 * The text of a file's first `maxBytes`, without its byte order mark; a character cut by that limit is left out.
 * `undefined` if it is neither UTF-8 nor UTF-16 with a byte order mark: a guess could garble a name.
 */
export async function readText(file: Blob, maxBytes: number): Promise<string | undefined> {
  const bytes = new Uint8Array(await file.slice(0, maxBytes).arrayBuffer());
  const isCut = file.size > maxBytes;
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}
