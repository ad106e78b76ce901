import { NearFaceError } from '../../core/errors.ts';
import { MAX_JOB_SOURCES, MAX_URL_LENGTH } from '../../core/limits.ts';
import { formatOf } from '../../image/format.ts';
import type { Picture } from '../fields.ts';
import { wrongField } from '../problem.ts';
import { readPicture } from '../read-picture.ts';
import type { Call } from '../route.ts';

/** Bytes by which an image is known. */
const LOOK = 256;
const MAX_NAME_LENGTH = 100;

/**
 * The videos and images that a job is made of, called as they were given: addresses are read now, and files are named by their names. All of
 * them together have at most as many bytes as a body, an image as many as a picture.
 *
 * @throws RestError `BAD_PARAM`; NearFaceError `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE`
 */
export async function sourcesOf(
  { options, signal }: Pick<Call, 'options' | 'signal'>,
  addresses: readonly string[],
  parts: readonly Picture[],
): Promise<readonly File[]> {
  const all = [
    ...addresses.map((given, i) => ({ given, param: `sources[${i}]` })),
    ...parts.map((given, i) => ({ given, param: `source[${i}]` })),
  ];
  const expected = `1 to ${MAX_JOB_SOURCES} videos or images`;
  if (all.length === 0) throw wrongField('sources', undefined, expected, 'missing');
  if (all.length > MAX_JOB_SOURCES) throw wrongField('sources', addresses, expected);
  const files: File[] = [];
  let left = options.maxBodyBytes;
  for (const [i, { given, param }] of all.entries()) {
    checkText(given, param);
    const reading = { fetchImages: options.fetchImages, maxImageBytes: left };
    const { blob, name } = await readPicture(given, param, reading, signal);
    left -= blob.size;
    if (blob.size > options.maxImageBytes && (await isImage(blob)))
      throw tooLarge(param, blob.size, options.maxImageBytes);
    files.push(new File([blob], name || nameOf(given, i), { type: blob.type }));
  }
  return files;
}

function checkText(given: Picture, param: string): void {
  if (typeof given !== 'string') return;
  if (/^storage:/i.test(given))
    throw wrongField(param, given, 'an address, or a file in a part `source`: there is no storage here');
  if (/^https?:/i.test(given) && given.length > MAX_URL_LENGTH)
    throw wrongField(param, given, `an address of at most ${MAX_URL_LENGTH} characters`);
}

/** What is called as it was given would be as long as a picture. */
function nameOf(given: Picture, i: number): string {
  const [, type] = (typeof given === 'string' && /^\s*(data:[^,;]*)/i.exec(given)) || [];
  return (type ?? `source ${i + 1}`).slice(0, MAX_NAME_LENGTH);
}

async function isImage(blob: Blob): Promise<boolean> {
  if (/^(image|video)\//.test(blob.type)) return blob.type.startsWith('image/');
  return formatOf(new Uint8Array(await blob.slice(0, LOOK).arrayBuffer())) !== undefined;
}

function tooLarge(param: string, bytes: number, maxBytes: number): NearFaceError {
  const message = `${param} is an image of ${bytes} bytes; the limit is ${maxBytes}. Save it smaller`;
  return new NearFaceError('IMAGE_TOO_LARGE', message, { param, bytes, maxBytes });
}
