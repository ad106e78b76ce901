import { BlobSource, Input, MATROSKA, MP4, QTFF, UrlSource, WEBM } from 'mediabunny';
import type { EncodedPacket, EncodedPacketSink } from 'mediabunny';
import { NearFaceError } from '../../../core/errors.ts';
import { EndlessGuard } from './endless.ts';
import { fileEnd } from './file-length.ts';
import { checkPixels } from '../../../image/pixel-limit.ts';
import { FrameTimes } from '../../../video/frame-times.ts';
import { cutVideo, FORMATS, videoError } from '../../../video/video-error.ts';

/** A video file that is open: what it holds, and its encoded frames. */
export interface Container {
  readonly name: string;
  readonly mediaType: string;
  readonly config: VideoDecoderConfig;
  /** Clockwise, as the picture is to be turned before it is shown; the flip comes after. */
  readonly rotation: 0 | 90 | 180 | 270;
  readonly isFlipped: boolean;
  /** Size as it is shown, turned, with square pixels. */
  readonly width: number;
  readonly height: number;
  readonly packets: EncodedPacketSink;
  /** When the frames are shown; read once. Of a damaged file, those up to the damage. */
  times(): Promise<FrameTimes>;
  /** What a part of the file, and its header, say of the whole. */
  glance(): Promise<{ readonly fps?: number; readonly durationMs?: number }>;
  /** Whether the times come from the file's header, or need all of it to be read. */
  readonly hasIndex: boolean;
  close(): void;
}

/** Opens a file, or what is at an absolute URL. @throws NearFaceError `VIDEO_DECODING_FAILED` */
export async function openContainer(source: Blob | string, name: string): Promise<Container> {
  if (typeof source !== 'string' && source.size === 0)
    throw videoError(name, `the file is empty; it must be a video of type ${FORMATS}`);
  const guard = new EndlessGuard(name);
  const bytes =
    typeof source === 'string'
      ? new UrlSource(source, { getRetryDelay: retryDelay, handleUnhandledError: () => undefined })
      : new BlobSource(source);
  const input = new Input({ source: guard.watch(bytes), formats: [MP4, QTFF, MATROSKA, WEBM] });
  try {
    return await readContainer(input, name, guard);
  } catch (error) {
    input.dispose();
    throw await unreadable(error, source, name);
  }
}

/** A server may be away for a moment. In seconds. */
function retryDelay(attempts: number, error: unknown): number | null {
  const isRefused = error instanceof TypeError || /\b4\d\d\b/.test(String(error));
  return isRefused || attempts > 3 ? null : attempts / 2;
}

async function readContainer(input: Input, name: string, guard: EndlessGuard): Promise<Container> {
  const format = await input.getFormat();
  const track = await input.getPrimaryVideoTrack();
  if (!track)
    throw videoError(name, 'there is no video in the file, only sound or nothing; name another file');
  const config = await track.getDecoderConfig();
  if (!config) {
    const codec = String(await track.getInternalCodecId());
    throw videoError(name, `its codec ${codec} is not known; convert it to H.264, VP9 or AV1`, undefined, {
      codec,
    });
  }
  const [width, height] = [await track.getDisplayWidth(), await track.getDisplayHeight()];
  if (!(width >= 1 && height >= 1))
    throw videoError(name, `its pictures are ${width} × ${height} pixels; get it again`);
  checkPixels(width, height);
  const packets = guard.packetsOf(track);
  let times: Promise<FrameTimes> | undefined;
  return {
    name,
    mediaType: format.mimeType,
    config,
    rotation: await track.getRotation(),
    isFlipped: await track.getFlip(),
    width,
    height,
    packets,
    hasIndex: format === MP4 || format === QTFF,
    times: () => (times ??= readTimes(packets)),
    glance: async () => {
      const { fps } = await readTimes(packets, GLANCE);
      const seconds = await input.getDurationFromMetadata([track]);
      return { ...(fps !== undefined && { fps }), ...(seconds && { durationMs: seconds * 1000 }) };
    },
    close: () => input.dispose(),
  };
}

/** Frames that tell a file's rate. */
const GLANCE = 120;

async function readTimes(packets: EncodedPacketSink, most: number = Infinity): Promise<FrameTimes> {
  const times: number[] = [];
  let last: EncodedPacket | undefined;
  try {
    let packet = await packets.getFirstPacket({ metadataOnly: true });
    while (packet && times.length < most) {
      times.push(packet.timestamp);
      if (packet.timestamp >= (last?.timestamp ?? -Infinity)) last = packet;
      packet = await packets.getNextPacket(packet, { metadataOnly: true });
    }
  } catch (error) {
    // Whoever reads the frames meets the damage too, where it is.
    if (times.length === 0) throw error;
  }
  return new FrameTimes(times, last?.duration ?? 0);
}

async function unreadable(error: unknown, source: Blob | string, name: string): Promise<NearFaceError> {
  const text = error instanceof Error ? error.message : String(error);
  if (/unsupported or unrecognizable format/.test(text)) {
    const why = `the file is no video of type ${FORMATS}, or its beginning is damaged; convert it to one of these`;
    return videoError(name, why, error);
  }
  // What is missing in a file that is cut may be what tells of its frames.
  if (typeof source !== 'string' && (await fileEnd(source)) === 'cut')
    return cutVideo(name, 0, undefined, error);
  if (error instanceof NearFaceError) return error;
  if (typeof source === 'string' && (error instanceof TypeError || /fetch|status|\b[45]\d\d\b/i.test(text))) {
    const why =
      `it could not be fetched (${text}); check the address; another origin must allow it with ` +
      'Access-Control-Allow-Origin, and a Content-Security-Policy must list it in connect-src';
    return videoError(name, why, error, { url: source });
  }
  return videoError(name, `the file is cut short or damaged (${text}); get it again, whole`, error);
}
