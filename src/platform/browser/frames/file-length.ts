/** What a file says of its own length. */
export type FileEnd = 'whole' | 'cut' | 'unknown';

/**
 * Whether a file has all the bytes that its own structure speaks of: the boxes of mp4 and mov (ISO/IEC 14496-12 §4.2), the segment of webm and
 * mkv (RFC 8794 §6, RFC 9559 §5.1).
 */
export async function fileEnd(file: Blob): Promise<FileEnd> {
  const head = await bytes(file, 0, 64);
  return head.byteLength >= 4 && head.getUint32(0) === EBML ? ebmlEnd(file) : boxesEnd(file);
}

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;

async function boxesEnd(file: Blob): Promise<FileEnd> {
  let at = 0;
  while (at < file.size) {
    const header = await bytes(file, at, 16);
    if (header.byteLength < 8) return 'cut';
    let length = header.getUint32(0);
    // 0: up to the end of the file; 1: the length follows in 64 bits.
    if (length === 0) return 'whole';
    if (length === 1) {
      if (header.byteLength < 16) return 'cut';
      length = Number(header.getBigUint64(8));
    }
    if (length < 8) return 'unknown';
    at += length;
  }
  return at > file.size ? 'cut' : 'whole';
}

async function ebmlEnd(file: Blob): Promise<FileEnd> {
  let at = 0;
  while (at < file.size) {
    const element = elementAt(await bytes(file, at, 12));
    if (!element) return 'cut';
    if (element.length === undefined) return 'unknown';
    at += element.head + element.length;
    if (element.id === SEGMENT) break;
  }
  return at > file.size ? 'cut' : 'whole';
}

/** An element's id and length; `undefined` length: it is not known, as in what was recorded live. */
function elementAt(
  view: DataView,
): { readonly id: number; readonly head: number; readonly length: number | undefined } | undefined {
  if (view.byteLength < 2) return undefined;
  const idBytes = Math.clz32(view.getUint8(0)) - 23;
  if (view.byteLength <= idBytes) return undefined;
  let id = 0;
  for (let k = 0; k < idBytes; k++) id = id * 256 + view.getUint8(k);
  const first = view.getUint8(idBytes);
  const lengthBytes = Math.clz32(first) - 23;
  const head = idBytes + lengthBytes;
  if (lengthBytes > 8 || view.byteLength < head) return undefined;
  let length = first & ((1 << (8 - lengthBytes)) - 1);
  let isUnknown = length === (1 << (8 - lengthBytes)) - 1;
  for (let k = 1; k < lengthBytes; k++) {
    const byte = view.getUint8(idBytes + k);
    isUnknown &&= byte === 255;
    length = length * 256 + byte;
  }
  return { id, head, length: isUnknown ? undefined : length };
}

async function bytes(file: Blob, at: number, length: number): Promise<DataView> {
  return new DataView(await file.slice(at, at + length).arrayBuffer());
}
