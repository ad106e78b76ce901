import { NearFaceError } from '../core/errors.ts';
import type { ImageFormat } from './format.ts';

/** What the messages say of a host's own decoders. */
export interface DecoderWords {
  /** As in "the browser". */
  readonly name: string;
  /** The formats that they read. */
  readonly reads: string;
  /** Formats that they do not read as a rule, by name. */
  readonly unread: Readonly<Partial<Record<ImageFormat, string>>>;
  /** What a decoder of the user's own answers. */
  readonly answer: string;
}

/** An encoded image that was refused. */
export interface RefusedFile {
  readonly blob: Blob;
  /** Undefined for a file of no known format. */
  readonly format: ImageFormat | undefined;
  /** Eight, or all that there are. */
  readonly firstBytes: Uint8Array;
}

/** The error of an encoded image that the host's decoders refuse in the worker; where the instance lives there may be another way. */
export function undecoded(file: RefusedFile, decoder: DecoderWords, cause?: unknown): NearFaceError {
  const { blob, format, firstBytes } = file;
  const details = {
    bytes: blob.size,
    firstBytes: Array.from(firstBytes, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
    decodable: false,
    ...(format !== undefined && { format }),
  };
  return new NearFaceError('IMAGE_DECODING_FAILED', messageOf(file, decoder), details, cause);
}

function messageOf({ blob, format }: RefusedFile, { name, reads, unread, answer }: DecoderWords): string {
  if (/^text\/html/i.test(blob.type)) {
    return `The ${blob.size} bytes are a page of HTML, no image; servers send one for a wrong address, so check the URL`;
  }
  if (format === undefined) {
    return (
      `The ${blob.size} bytes are no image of a known format; ${reads} can be read, other formats by a decoder of your own: ` +
      'NearFace.create({ decode })'
    );
  }
  if (format === 'svg') {
    return 'The image is an SVG drawing, which has no pixels; draw it in the size you want, in a page on a canvas, and pass that, or save it as PNG';
  }
  const known = unread[format];
  if (known !== undefined) {
    return (
      `The image is ${known}, which ${name} does not decode; save it as JPEG or PNG, or give a decoder of your own: ` +
      `NearFace.create({ decode }), called with the file, answers ${answer}`
    );
  }
  return (
    `The ${format} image of ${blob.size} bytes could not be decoded; the file is damaged or incomplete, or ${name} does not read ` +
    'the format: get the whole file, or save it as JPEG or PNG'
  );
}
