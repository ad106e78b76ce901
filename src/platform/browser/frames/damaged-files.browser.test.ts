/** Files that are cut, damaged, or no video: the frames before the damage, then an error with its code; and no frame stays open. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ClipOptions } from '../../../../tools/video/render-clip.ts';
import { FileDecoder } from './file-decoder.ts';
import type { StartDecoder } from './link.ts';
import { openFrames } from './open-frames.ts';
import { look, numbered, numbers, startDecoder, watchFrames } from './test-frames.ts';

const read = async (file: Blob | string): Promise<{ seen: number[]; error: unknown }> => {
  const seen: number[] = [];
  try {
    const source = await openFrames(file, { assets: '', startDecoder });
    try {
      for (let frame = await source.next(); frame; frame = await source.next()) seen.push(look(frame).number);
      return { seen, error: undefined };
    } catch (error) {
      // Told once; then it is over.
      expect(await source.next()).toBeUndefined();
      return { seen, error };
    } finally {
      await source.close();
    }
  } catch (error) {
    return { seen, error };
  }
};

const message = (error: unknown): string => (error as Error).message;

describe('cut files: what is there comes first', () => {
  test.each<Partial<ClipOptions>>([
    { container: 'mp4-index-first', codec: 'avc' },
    { container: 'mp4-fragmented', codec: 'avc' },
    { container: 'webm', codec: 'vp8' },
    { container: 'webm', codec: 'vp9' },
    { container: 'mkv', codec: 'avc' },
  ])('$codec in $container', async (kind) => {
    const whole = await numbered({ frames: 100, ...kind });
    const { seen, error } = await read(new File([whole.slice(0, whole.size * 0.6)], 'lobby.mp4'));
    expect(error).toMatchObject({ code: 'VIDEO_DECODING_FAILED', details: { file: 'lobby.mp4' } });
    expect(message(error)).toMatch(/^lobby\.mp4: the file is cut short.*get/);
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.length).toBeLessThan(95);
    expect(seen).toEqual(numbers(seen.length));
    expect((error as { details: { frame: number } }).details.frame).toBe(seen.length);
  });

  test('an index that was cut off', async () => {
    const whole = await numbered({ frames: 30, container: 'mp4-index-last', codec: 'avc' });
    const { seen, error } = await read(new File([whole.slice(0, whole.size * 0.6)], 'lobby.mp4'));
    expect(seen).toEqual([]);
    expect(error).toMatchObject({ code: 'VIDEO_DECODING_FAILED' });
    expect(message(error)).toMatch(/^lobby\.mp4: .*(cut short|damaged).*get/);
  });

  test('at any length: frames from the first on, and an error unless it is whole', async () => {
    for (const container of ['mp4-index-first', 'webm'] as const) {
      const whole = await numbered({ frames: 12, container, width: 152, height: 32 });
      for (let k = 0; k < 24; k++) {
        const { seen, error } = await read(whole.slice(0, Math.floor((whole.size * k) / 24)));
        expect(error, `${container} ${k}`).toMatchObject({ code: 'VIDEO_DECODING_FAILED' });
        expect(seen).toEqual(numbers(seen.length));
      }
    }
  });
});

/** The clip with noise in the place of the data of some frames. */
async function damaged(clip: Blob, ...frames: readonly number[]): Promise<File> {
  const { BlobSource, EncodedPacketSink, Input, MP4 } = await import('mediabunny');
  const bytes = new Uint8Array(await clip.arrayBuffer());
  const input = new Input({ source: new BlobSource(clip), formats: [MP4] });
  const packets = new EncodedPacketSink((await input.getPrimaryVideoTrack())!);
  let frame = 0;
  for await (const { data } of packets.packets()) {
    if (!frames.includes(frame++)) continue;
    const at = bytes.findIndex((_, k) => data.every((byte, i) => byte === bytes[k + i]));
    for (let k = at; k < at + data.length; k++) bytes[k] = (k * 2654435761) >>> 24;
  }
  input.dispose();
  return new File([bytes], 'damaged.mp4');
}

test.each(['avc', 'vp9', 'vp8', 'av1'] as const)(
  'damage in the middle of %s: what is before it is given, and later frames can be had',
  async (codec) => {
    const clip = await numbered({ frames: 100, codec, container: 'mp4-index-first', keyFrameInterval: 0.4 });
    const source = await openFrames(await damaged(clip, 55), { assets: '', startDecoder });
    let error: unknown;
    let given = 0;
    try {
      for (let frame = await source.next(); frame; frame = await source.next()) {
        expect(frame.index).toBe(given++);
        frame.close();
      }
    } catch (thrown) {
      error = thrown;
    }
    // A decoder may conceal it: then every frame is there.
    if (given < 100) {
      expect(error).toMatchObject({
        code: 'VIDEO_DECODING_FAILED',
        details: { frame: given, file: 'damaged.mp4' },
      });
      expect(given).toBeGreaterThanOrEqual(55);
    }
    await source.seek!(90);
    expect(look((await source.next())!)).toMatchObject({ index: 90, number: 90 });
    await source.close();
  },
);

test('a worker that a file keeps busy for ever is ended', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    let ended = 0;
    const start: StartDecoder = () => ({ port: new MessageChannel().port1, end: () => void ended++ });
    const opening = openFrames(new Blob(['film']), { assets: '', startDecoder: start });
    const outcome = expect(opening).rejects.toMatchObject({
      code: 'VIDEO_DECODING_FAILED',
      message: expect.stringMatching(/^the Blob: reading it does not end.*damaged/) as string,
    });
    vi.advanceTimersByTime(60_000);
    await outcome;
    expect(ended).toBe(1);
    // One that answers is left alone, however long it takes.
    const source = await openFrames(await numbered({ frames: 3 }), { assets: '', startDecoder });
    for (let k = 0; k < 10; k++) {
      vi.advanceTimersByTime(4000);
      await new Promise((done) => setTimeout(done, 20));
    }
    expect(look((await source.next())!).number).toBe(0);
    await source.close();
  } finally {
    vi.useRealTimers();
  }
});

test('bytes that lead the demuxer to where it was end in an error, after the frames before them', async () => {
  const clip = await numbered({ frames: 100, codec: 'vp8', container: 'webm', keyFrameInterval: 0.4 });
  const bytes = new Uint8Array(await clip.arrayBuffer());
  // The id of a cluster without a size that could be read.
  const clusters = [...bytes.keys()].filter((at) =>
    [0x1f, 0x43, 0xb6, 0x75].every((byte, k) => bytes[at + k] === byte),
  );
  expect(clusters.length).toBeGreaterThan(2);
  bytes[clusters[2]! + 4] = 0;
  const { seen, error } = await read(new File([bytes], 'loop.webm'));
  expect(error).toMatchObject({ code: 'VIDEO_DECODING_FAILED', details: { file: 'loop.webm' } });
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).toEqual(numbers(seen.length));
});

describe('what is no video', () => {
  const cases: readonly (readonly [string, Blob, RegExp])[] = [
    ['nothing at all', new File([], 'empty.mp4'), /^empty\.mp4: the file is empty/],
    [
      'text',
      new File(['This is not a film.'.repeat(50)], 'notes.txt'),
      /^notes\.txt: .*mp4, mov, webm or mkv.*convert/,
    ],
    ['zeros', new File([new Uint8Array(5000)], 'zeros.mp4'), /^zeros\.mp4: .*mp4/],
    ['a Blob without a name', new Blob(['x']), /^the Blob: /],
  ];
  test.each(cases)('%s', async (_, file, text) => {
    const { error } = await read(file);
    expect(error).toMatchObject({ code: 'VIDEO_DECODING_FAILED' });
    expect(message(error)).toMatch(text);
  });

  test('an address without a video', async () => {
    const { error } = await read('/no/such/clip.mp4');
    expect(error).toMatchObject({ code: 'VIDEO_DECODING_FAILED' });
    expect(message(error)).toMatch(/^\/no\/such\/clip\.mp4: /);
    const gone = URL.createObjectURL(new Blob(['x']));
    URL.revokeObjectURL(gone);
    expect((await read(gone)).error).toMatchObject({ code: 'VIDEO_DECODING_FAILED' });
    expect((await read('ftp://host/clip.mp4')).error).toMatchObject({ code: 'BAD_PARAM' });
  });

  test('sound alone', async () => {
    const { error } = await read(new File([await soundOnly()], 'sound.mp4'));
    expect(error).toMatchObject({ code: 'VIDEO_DECODING_FAILED' });
    expect(message(error)).toMatch(/^sound\.mp4: there is no video in the file/);
  });
});

async function soundOnly(): Promise<Blob> {
  const { AudioSample, AudioSampleSource, BufferTarget, Mp4OutputFormat, Output } =
    await import('mediabunny');
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat(), target });
  const source = new AudioSampleSource({ codec: 'opus', bitrate: 64_000 });
  output.addAudioTrack(source);
  await output.start();
  const init = {
    data: new Float32Array(48_000),
    format: 'f32',
    numberOfChannels: 1,
    sampleRate: 48_000,
    timestamp: 0,
  } as const;
  const sample = new AudioSample(init);
  await source.add(sample);
  sample.close();
  await output.finalize();
  return new Blob([target.buffer!]);
}

describe('decoders that do not begin everywhere, or fail once', () => {
  const never = new AbortController().signal;
  const { VideoDecoder: Decoder } = globalThis;
  afterEach(() => {
    globalThis.VideoDecoder = Decoder;
  });

  /** A decoder that refuses a packet as `refuses` says: its time in seconds, and whether it is the decoder's first. */
  function refuse(refuses: (time: number, isFirst: boolean) => boolean): void {
    globalThis.VideoDecoder = class extends Decoder {
      #isFirst = true;
      override decode(chunk: EncodedVideoChunk): void {
        const isRefused = refuses(chunk.timestamp / 1e6, this.#isFirst);
        this.#isFirst = false;
        if (isRefused) throw new DOMException('refused', 'EncodingError');
        super.decode(chunk);
      }
    };
  }

  async function indices(decoder: FileDecoder, from: number): Promise<number[]> {
    const seen: number[] = [];
    for await (const { index, frame } of decoder.frames(from, never)) {
      seen.push(index);
      frame.close();
    }
    return seen;
  }

  test('at the first key frame alone, as with an open GOP in WebKit', async () => {
    const decoder = await FileDecoder.open(await numbered({ frames: 80, keyFrameInterval: 0.4 }), 'clip');
    refuse((time, isFirst) => isFirst && time > 0);
    for (const from of [75, 0, 15, 40])
      expect(await indices(decoder, from)).toEqual(numbers(80 - from, from));
    decoder.close();
  });

  test('one that fails once is replaced, and no frame is missing', async () => {
    const decoder = await FileDecoder.open(await numbered({ frames: 60 }), 'clip');
    let failures = 0;
    refuse((time) => time > 1.1 && failures++ === 0);
    expect(await indices(decoder, 0)).toEqual(numbers(60));
    expect(failures).toBeGreaterThan(1);
    decoder.close();
  });

  test('one that always fails at a frame gives exactly those before it', async () => {
    const decoder = await FileDecoder.open(await numbered({ frames: 60 }), 'clip');
    refuse((time) => Math.abs(time - 33 / 25) < 1e-3);
    const seen: number[] = [];
    const all = async (): Promise<void> => {
      for await (const { index, frame } of decoder.frames(0, never)) {
        seen.push(index);
        frame.close();
      }
    };
    await expect(all()).rejects.toMatchObject({ code: 'VIDEO_DECODING_FAILED', details: { frame: 33 } });
    expect(seen).toEqual(numbers(33));
    decoder.close();
  });
});

describe('no frame stays open', () => {
  /** Frames that were made while `work` ran, less those that were closed. */
  async function leftOpen(work: () => Promise<void>): Promise<{ made: number; left: number }> {
    const watched = watchFrames();
    try {
      await work();
      return { made: watched.made, left: watched.open.size };
    } finally {
      watched.stop();
    }
  }

  const never = new AbortController().signal;

  test('of a file that is read whole, from the middle, in part, or aborted; turned ones too', async () => {
    const clip = await numbered({ frames: 60, rotation: 90, container: 'mp4-index-first' });
    const counted = await leftOpen(async () => {
      const decoder = await FileDecoder.open(clip, 'clip');
      for (const from of [0, 31, 59])
        for await (const { frame } of decoder.frames(from, never)) frame.close();
      for await (const { frame, index } of decoder.frames(7, never)) {
        frame.close();
        if (index === 20) break;
      }
      const abort = new AbortController();
      const stopped = async (): Promise<void> => {
        for await (const { frame, index } of decoder.frames(0, abort.signal)) {
          frame.close();
          if (index === 12) abort.abort();
        }
      };
      await expect(stopped()).rejects.toMatchObject({ code: 'ABORTED' });
      decoder.close();
    });
    expect(counted.left).toBe(0);
    expect(counted.made).toBeGreaterThan(2 * (60 + 29 + 1 + 14));
  });

  test('of a file that is damaged', async () => {
    const clip = await damaged(
      await numbered({ frames: 60, codec: 'vp8', container: 'mp4-index-first' }),
      30,
    );
    const counted = await leftOpen(async () => {
      const decoder = await FileDecoder.open(clip, 'clip');
      const all = async (): Promise<void> => {
        for await (const { frame } of decoder.frames(0, never)) frame.close();
      };
      await all().catch((error: unknown) => expect(error).toMatchObject({ code: 'VIDEO_DECODING_FAILED' }));
      decoder.close();
    });
    expect(counted.left).toBe(0);
    expect(counted.made).toBeGreaterThan(10);
  });
});
