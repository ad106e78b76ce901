import type { RecogniseMedia } from '../core/recognition.ts';
import { formatOf } from '../image/format.ts';

/** Bytes of a file by which an image is known. */
const LOOK = 256;

/** What a file is: by its media type, else by its first bytes. What is no image is taken for a video. */
export async function mediaOf(file: Blob): Promise<RecogniseMedia> {
  if (/^(image|video)\//.test(file.type)) return file.type.startsWith('image/') ? 'image' : 'video';
  const start = new Uint8Array(await file.slice(0, LOOK).arrayBuffer());
  return formatOf(start) === undefined ? 'video' : 'image';
}
