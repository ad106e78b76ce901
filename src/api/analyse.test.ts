import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Analysis } from '../core/analysis.ts';
import { NearFaceError } from '../core/errors.ts';
import type { ImageInput } from './image-input.ts';
import { ofImage } from '../core/undecoded.ts';
import type { WireImage, WireInput } from '../core/wire-image.ts';
import { browserHost as host } from '../platform/browser/host.ts';
import { analyse, requestFor } from './analyse.ts';
import { resolveEmbed } from './resolve-options.ts';
import type { Session } from './session.ts';

const TIFF = Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0);
const request = requestFor(resolveEmbed({}));

/** What a browser has by these names, as far as they are used here. */
class Pixels {
  readonly [Symbol.toStringTag] = 'ImageData';
  readonly colorSpace = 'srgb';
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    [this.data, this.width, this.height] = [data, width, height];
  }
}

class Frame {
  readonly [Symbol.toStringTag] = 'VideoFrame';
  static readonly clones: Frame[] = [];
  closed = false;
  clone(): Frame {
    if (this.closed) throw new Error('closed');
    const clone = new Frame();
    Frame.clones.push(clone);
    return clone;
  }
  close(): void {
    this.closed = true;
  }
}

/** A session whose worker refuses what is TIFF, and keeps what it was sent. */
function fakeSession(onSend: () => void = () => undefined): {
  readonly session: Session;
  readonly sent: (readonly WireInput[])[];
} {
  const sent: (readonly WireInput[])[] = [];
  const worker = {
    host,
    throwIfDisposed: () => undefined,
    decode: () => Promise.resolve(new Pixels(new Uint8ClampedArray(4), 1, 1)),
    async analyse(inputs: readonly WireInput[]) {
      sent.push([...inputs]);
      onSend();
      for (const [i, { image }] of inputs.entries()) {
        const [first] = image.kind === 'encoded' ? await bytesOf(image) : [];
        if (first === TIFF[0])
          throw ofImage(new NearFaceError('IMAGE_DECODING_FAILED', 'TIFF', { decodable: false }), i, 'image');
      }
      return { analyses: inputs.map((): Analysis => ({ width: 1, height: 1 }) as Analysis) };
    },
  };
  return { session: worker as unknown as Session, sent };
}

async function bytesOf(image: WireImage | undefined): Promise<number[]> {
  if (image?.kind !== 'encoded') throw new Error(`expected encoded bytes, got ${image?.kind}`);
  return [...new Uint8Array(await image.blob.arrayBuffer())];
}

function run(session: Session, ...images: readonly unknown[]): ReturnType<typeof analyse> {
  const named = images.map((image, i) => ({ image: image as ImageInput, param: `image${i}` }));
  return analyse(session, named, request, undefined);
}

describe('analyse', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    Frame.clones.length = 0;
  });

  it('reads each image once, though another is decoded in the page and all are sent again', async () => {
    vi.stubGlobal('ImageData', Pixels);
    const fetched = vi.fn(() => Promise.resolve(new Response(Uint8Array.of(7))));
    vi.stubGlobal('fetch', fetched);
    const [bytes, frame] = [Uint8Array.of(1, 2), new Frame()];
    const { session, sent } = fakeSession(() => {
      frame.close();
      bytes.fill(9);
    });
    expect(await run(session, TIFF, '/a.jpg', bytes, frame, TIFF)).toHaveLength(5);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(sent.map((inputs) => inputs.map(({ image }) => image.kind))).toEqual([
      ['encoded', 'encoded', 'encoded', 'frame', 'encoded'],
      ['pixels', 'encoded', 'encoded', 'frame', 'encoded'],
      ['pixels', 'encoded', 'encoded', 'frame', 'pixels'],
    ]);
    expect(await bytesOf(sent[2]?.[1]?.image)).toEqual([7]);
    expect(await bytesOf(sent[2]?.[2]?.image)).toEqual([1, 2]);
    // What is sent again must not have been transferred.
    expect(sent.flat().flatMap(({ transfer }) => transfer)).toEqual([]);
    expect(Frame.clones.map(({ closed }) => closed)).toEqual([true]);
  });

  it('transfers where nothing can be refused', async () => {
    const { session, sent } = fakeSession();
    await run(session, new Frame(), new Frame());
    expect(sent[0]?.map(({ transfer }) => transfer.length)).toEqual([1, 1]);
  });

  it('closes the others when one cannot be read', async () => {
    const { session } = fakeSession();
    await expect(run(session, new Frame(), 'no image')).rejects.toMatchObject({ code: 'BAD_PARAM' });
    await vi.waitFor(() => expect(Frame.clones.map(({ closed }) => closed)).toEqual([true]));
  });
});
