import type { ImageInput } from '../../../api/image-input.ts';
import type { VideoInput } from '../../../api/video-input.ts';
import { badParam, NearFaceError } from '../../../core/errors.ts';
import { randomId } from '../../../core/random-id.ts';
import { shorten, tagOf } from '../../../image/given.ts';
import type { FrameSource, SourceOptions } from '../../../video/frame-source.ts';
import { PacedFrames } from '../../../video/paced-frames.ts';
import { videoError } from '../../../video/video-error.ts';
import { baseUrl } from '../assets.ts';
import { startWorker } from '../start-worker.ts';
import { openElement } from './element-frames.ts';
import { FileFrames } from './file-frames.ts';
import { ImageFrames } from './image-frames.ts';
import type { FileToDecode, StartDecoder } from './link.ts';
import type { Picture } from './picture.ts';
import { SeekFrames } from './seek-frames.ts';
import { openStream } from './stream-frames.ts';

/** How it is opened. */
export interface OpenOptions extends SourceOptions {
  /** Absolute URL of the library's folder, where the worker is that decodes files. */
  readonly assets: string;
  /** Of images in a row: frames a second. */
  readonly fps?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Starts the worker that decodes files, in the place of the one in `assets`. */
  readonly startDecoder?: StartDecoder | undefined;
}

const ACCEPTED =
  'a MediaStream, a <video>, a Blob, File or URL of a video (mp4, mov, webm, mkv), or an array or iterable of images';

/**
 * Opens a source of frames.
 *
 * @param param - what the caller calls it, for messages
 * @throws NearFaceError `BAD_PARAM`, `VIDEO_DECODING_FAILED`, `BACKEND_UNAVAILABLE`, `WORKER_DIED`, `ABORTED`
 */
export async function openFrames(
  input: VideoInput,
  options: OpenOptions,
  param: string = 'source',
): Promise<FrameSource<Picture>> {
  const tag = tagOf(input);
  // Firefox calls a canvas's CanvasCaptureMediaStream.
  if (tag.endsWith('MediaStream')) return openStream(input as MediaStream, options);
  switch (tag) {
    case 'HTMLVideoElement':
      return openElement(input as HTMLVideoElement, options);
    case 'Blob':
      return paced(await openFile({ source: input as Blob, name: 'the Blob' }, options), options);
    case 'File':
      return paced(await openFile({ source: input as File, name: (input as File).name }, options), options);
    case 'URL':
    case 'String':
      return paced(await openFile(await atUrl(String(input as string | URL), param), options), options);
  }
  if (isRow(input)) return paced(new ImageFrames(input, { ...options, start: decoderOf(options) }), options);
  throw badParam(param, input, ACCEPTED);
}

function isRow(value: unknown): value is Iterable<ImageInput> | AsyncIterable<ImageInput> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

/** With `dropFrames` recorded frames come as a camera would give them. */
function paced(source: FrameSource<Picture>, { dropFrames = false }: OpenOptions): FrameSource<Picture> {
  return dropFrames ? new PacedFrames(source) : source;
}

/** An address as workers can read it; those that only pages know are read here. */
async function atUrl(text: string, param: string): Promise<FileToDecode> {
  let url: URL;
  try {
    url = new URL(text, baseUrl());
  } catch {
    throw badParam(param, text, ACCEPTED);
  }
  const name = shorten(text);
  if (url.protocol === 'http:' || url.protocol === 'https:') return { source: url.href, name };
  if (url.protocol !== 'blob:' && url.protocol !== 'data:')
    throw badParam(param, shorten(text), 'an address that begins with http:, https:, blob: or data:');
  try {
    return { source: await (await fetch(url)).blob(), name };
  } catch (error) {
    throw videoError(name, 'there is nothing at this address any more; it may have been revoked', error);
  }
}

async function openFile(file: FileToDecode, options: OpenOptions): Promise<FrameSource<Picture>> {
  const decoded = await FileFrames.open(file, decoderOf(options), options);
  const { info, times } = decoded;
  if (info.way === 'webcodecs') return decoded;
  await decoded.close();
  return SeekFrames.open(file, info, times!, options);
}

const decoderOf = ({ startDecoder, assets }: OpenOptions): StartDecoder => startDecoder ?? decoderIn(assets);

/** Starts `video.worker.js` of a folder. */
export function decoderIn(assets: string): StartDecoder {
  return (died) => {
    const { port1, port2 } = new MessageChannel();
    const name = `nearface-video-${randomId()}`;
    const text = 'The video worker ended unexpectedly; read the file again';
    const onEnded = (): void => died(new NearFaceError('WORKER_DIED', text, { worker: 'video' }));
    const thread = startWorker({ script: 'video', assets, name, onFailed: died, onEnded });
    thread.endpoint.postMessage({ port: port2 }, [port2]);
    return { port: port1, end: () => thread.end() };
  };
}
