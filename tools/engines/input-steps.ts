/** Runs in the page: detection, embedding and comparison of every kind of input. */
import type { Detection, ImageInput, NearFace } from '../../src/index.ts';
import { check, create, equal, library, refused, sample, skip, type Steps } from './step.ts';
import { withOrientation } from '../../src/image/test-jpeg.ts';

let nf: NearFace;
let expected: Detection;
let canvas: HTMLCanvasElement;
let png: Blob;

const WIDTH = 960;
const HEIGHT = 640;

async function draw(): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(await sample(1));
  const made = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  made.getContext('2d')!.drawImage(bitmap, 0, 0, WIDTH, HEIGHT);
  return made;
}

/** The same three faces as in the PNG, at most `tolerance` pixels beside it. */
async function seesTheSame(input: ImageInput, tolerance: number = 2): Promise<void> {
  const { width, height, faces } = await nf.detect(input);
  equal([width, height, faces.length], [WIDTH, HEIGHT, expected.faces.length], 'width, height, faces');
  for (const [i, { position }] of faces.entries())
    for (const key of ['left', 'top', 'width'] as const) {
      const off = Math.abs(position[key] - expected.faces[i]!.position[key]);
      check(off <= tolerance, `face ${i}: ${key} is off by ${off} pixels`);
    }
}

function dataUrl(): string {
  return canvas.toDataURL('image/png');
}

/** A playing video of the canvas, which is drawn again until it has been seen. */
async function video(): Promise<HTMLVideoElement> {
  if (typeof canvas.captureStream !== 'function') skip('no HTMLCanvasElement.captureStream');
  const element = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  const stream = canvas.captureStream(10);
  const context = canvas.getContext('2d')!;
  const timer = setInterval(() => context.drawImage(canvas, 0, 0), 50);
  element.srcObject = stream;
  document.body.append(element);
  const ready = new Promise<boolean>((done) => {
    element.addEventListener('loadeddata', () => done(true), { once: true });
    setTimeout(() => done(false), 10_000);
  });
  void element.play().catch(() => {});
  const started = await ready;
  clearInterval(timer);
  if (!started) skip('a stream of a canvas gives no picture');
  return element;
}

export const inputSteps: Steps = [
  [
    'create, and what it tells of itself',
    async () => {
      nf = await create('engines-inputs', { threads: 2 });
      canvas = await draw();
      png = await new Promise<Blob>((done) => canvas.toBlob((made) => done(made!), 'image/png'));
      const { backend, simd, threads } = nf.info;
      equal(backend, 'wasm', 'backend');
      check(simd !== 'none', 'no SIMD');
      const shared = crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined';
      check(threads === 1 || shared, `${threads} threads without shared memory`);
    },
  ],
  [
    'Blob',
    async () => {
      expected = await nf.detect(png);
      equal(expected.faces.length, 3, 'faces');
    },
  ],
  ['File', () => seesTheSame(new File([png], 'a.png'))],
  ['Uint8Array', async () => seesTheSame(new Uint8Array(await png.arrayBuffer()))],
  ['ArrayBuffer', async () => seesTheSame(await png.arrayBuffer())],
  ['data URL', () => seesTheSame(dataUrl())],
  ['base64', () => seesTheSame(dataUrl().split(',')[1]!)],
  ['object URL', () => seesTheSame(URL.createObjectURL(png))],
  ['ImageData', () => seesTheSame(canvas.getContext('2d')!.getImageData(0, 0, WIDTH, HEIGHT))],
  ['ImageBitmap', async () => seesTheSame(await createImageBitmap(canvas))],
  ['<canvas>', () => seesTheSame(canvas)],
  [
    'OffscreenCanvas',
    async () => {
      const offscreen = new OffscreenCanvas(WIDTH, HEIGHT);
      offscreen.getContext('2d')!.drawImage(canvas, 0, 0);
      await seesTheSame(offscreen);
    },
  ],
  ['<img> that is still loading', () => seesTheSame(Object.assign(new Image(), { src: dataUrl() }))],
  [
    'VideoFrame',
    async () => {
      if (typeof VideoFrame === 'undefined') skip('no VideoFrame');
      const frame = new VideoFrame(canvas, { timestamp: 0 });
      await seesTheSame(frame);
      equal(frame.displayWidth, WIDTH, 'the frame is left open');
      frame.close();
    },
  ],
  [
    '<video>, from its first picture on',
    async () => {
      const early = document.createElement('video');
      await refused('IMAGE_DECODING_FAILED', () => nf.detect(early));
      for (let i = 0; i < 5; i++) {
        const element = await video();
        await seesTheSame(element, 12);
        element.remove();
      }
    },
  ],
  [
    'EXIF orientation',
    async () => {
      const jpeg = await new Promise<Blob>((done) =>
        canvas.toBlob((made) => done(made!), 'image/jpeg', 0.95),
      );
      const [on, side] = [
        await nf.detect(jpeg),
        await nf.detect(await withOrientation(jpeg, 6), { mode: 'fast' }),
      ];
      equal(on.faces.length, 3, 'faces');
      equal([side.width, side.height], [HEIGHT, WIDTH], 'width and height of a quarter turn');
      const upsideDown = await nf.detect(await withOrientation(jpeg, 3), { autoRotate: true });
      equal(upsideDown.faces.length, 3, 'faces of the one that is upside down');
    },
  ],
  [
    'WebP',
    async () => {
      const webp = await new Promise<Blob>((done) =>
        canvas.toBlob((made) => done(made!), 'image/webp', 0.95),
      );
      if (webp.type !== 'image/webp') skip('this browser writes no WebP');
      await seesTheSame(webp, 6);
    },
  ],
  [
    'embed, and two looks at one face agree',
    async () => {
      const [a, b] = [await nf.embed(png), await nf.embed(canvas)];
      const cosine = a.faces[0]!.embedding!.reduce((sum, x, k) => sum + x * b.faces[0]!.embedding![k]!, 0);
      check(cosine > 0.999, `cosine ${cosine}`);
    },
  ],
  [
    'details: quality, attributes, mesh',
    async () => {
      const returnDetails = { quality: true, mesh: true } as const;
      const [face] = (await nf.detect(png, { returnDetails })).faces;
      check(face?.quality, 'no quality');
      check(face.mesh, 'no mesh');
    },
  ],
  [
    'compare: the same person, and two others',
    async () => {
      const [one, six] = [await sample(1), await sample(6)];
      equal((await nf.compare(one, one)).verified, true, 'the same photo');
      equal((await nf.compare(one, six, { threshold: 'medium' })).verified, false, 'two persons');
    },
  ],
  [
    'errors have their codes',
    async () => {
      await refused('BAD_PARAM', () => nf.detect(7 as never));
      await refused('BAD_PARAM', () => nf.detect(png, { minScore: 7 }));
      await refused('IMAGE_DECODING_FAILED', () => nf.detect(new Blob(['no picture'])));
      await refused('IMAGE_DECODING_FAILED', () => nf.detect(png.slice(0, 2000)));
      await refused('IMAGE_DECODING_FAILED', () => nf.detect('/photos/none.jpg'));
      await refused('ABORTED', () => nf.detect(png, { signal: AbortSignal.abort() }));
      await refused('BAD_PARAM', () => create('x', { threads: -1 }));
      if (!('gpu' in navigator)) {
        const message = await refused('BACKEND_UNAVAILABLE', () => create('x', { device: 'webgpu' }));
        check(!/chrome/i.test(message), message);
      }
    },
  ],
  [
    'dispose',
    async () => {
      await nf.dispose();
      await refused('DISPOSED', () => nf.detect(png));
      await library.NearFace.erase({ database: 'engines-inputs' });
    },
  ],
];

/** For a browser that falsifies what is read from canvases: nothing may be answered silently. */
export const falsifiedSteps: Steps = [
  [
    'a picture is refused with the reason, or seen',
    async () => {
      nf = await create('engines-falsified');
      const { faces } = await nf
        .detect(await sample(1))
        .catch((error: { code?: string; details?: object }) => {
          equal(
            [error.code, error.details],
            ['BACKEND_UNAVAILABLE', { reason: 'canvas-falsified' }],
            'code and details',
          );
          return { faces: undefined };
        });
      if (faces) equal(faces.length, 3, 'faces');
    },
  ],
  [
    'a gallery takes nothing in that was not seen',
    async () => {
      const gallery = await nf.galleries.get();
      await gallery.add(await sample(6)).catch(() => undefined);
      const seen = await nf.detect(await sample(6)).then(
        () => 1,
        () => 0,
      );
      equal(await gallery.count(), seen, 'faces stored');
      await nf.dispose();
    },
  ],
];
