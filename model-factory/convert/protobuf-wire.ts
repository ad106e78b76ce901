import { ModelFormatError } from './graph.ts';

/** A field of a protobuf message: a number, or the bytes of a text, message or packed list. */
export interface WireField {
  readonly field: number;
  readonly value: number | Uint8Array;
}

/** The fields of a protobuf message without its schema. 64-bit fixed numbers do not occur in what is read. */
export function wireFields(bytes: Uint8Array): WireField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: WireField[] = [];
  let at = 0;
  const need = (count: number): number => {
    if (at + count > bytes.length) throw new ModelFormatError('protobuf message is truncated');
    at += count;
    return at - count;
  };
  const varint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[need(1)] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) found.push({ field, value: varint() });
    else if (wire === 5) found.push({ field, value: view.getFloat32(need(4), true) });
    else if (wire === 2) {
      const length = varint();
      const start = need(length);
      found.push({ field, value: bytes.subarray(start, start + length) });
    } else throw new ModelFormatError(`protobuf message is damaged: wire type ${wire}`);
  }
  return found;
}
