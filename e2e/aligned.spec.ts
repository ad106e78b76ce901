import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(({ page }) => openPage(page, server));

test(
  'a crop that came out goes in again, as pixels and as PNG: the same embedding, nothing looked for',
  { tag: '@long' },
  async ({ page }) => {
    const told = await page.evaluate(async () => {
      const { nf } = window;
      const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
      const cosines: number[] = [];
      const returnDetails = { crop: { type: 'image/png' } } as const;
      for (let sample = 1; sample <= 6; sample++) {
        for (const { embedding, crop } of (await nf.embed(`/photos/sample${sample}.jpg`, { returnDetails }))
          .faces) {
          for (const image of [crop!, crop!.file!]) {
            const [face] = (await nf.embed(image, { input: 'aligned' })).faces;
            cosines.push(dot(embedding!, face!.embedding!));
          }
        }
      }
      const [{ crop, embedding }] = (await nf.embed('/photos/sample1.jpg', { returnDetails })).faces as [
        Face,
      ];
      const file = crop!.file!;
      const bitmap = await createImageBitmap(file);
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
      const off = pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - crop!.data[i]!)), 0);
      // Scaled up, as other systems keep them.
      const larger = new OffscreenCanvas(224, 224);
      larger.getContext('2d')!.drawImage(bitmap, 0, 0, 224, 224);
      const scaled = await nf.embed(larger, {
        input: 'aligned',
        returnDetails: { crop: true, quality: true },
      });
      const one = scaled.faces[0]!;
      const details = { attributes: true, angle: true } as const;
      const seen = (await nf.detect(crop!, { input: 'aligned', returnDetails: details })).faces[0]!;
      const upright = (await nf.detect('/photos/sample1.jpg', { returnDetails: { angle: true } })).faces[0]!
        .angle;
      const plain = await nf.embed('/photos/sample1.jpg', { returnDetails: { crop: true } });
      return {
        cosines,
        off,
        png: { type: file.type, bytes: file.size },
        plain: Object.keys(plain.faces[0]!.crop!),
        scaled: { ...scaled, faces: scaled.faces.length },
        one: {
          keys: Object.keys(one).sort(),
          position: one.position,
          score: one.score,
          side: one.crop!.width,
        },
        scaledCosine: dot(embedding!, one.embedding!),
        detected: await nf.detect(larger, { input: 'aligned', returnDetails: { quality: true } }),
        attributes: Object.keys(seen.attributes!).sort(),
        angle: [seen.angle!.yaw, upright!.yaw],
      };
      type Face = Awaited<ReturnType<typeof nf.embed>>['faces'][number];
    });
    expect(told.cosines.length).toBeGreaterThanOrEqual(24);
    expect(Math.min(...told.cosines)).toBeGreaterThanOrEqual(0.995);
    expect(told.off).toBe(0);
    expect(told.png).toEqual({ type: 'image/png', bytes: expect.any(Number) as unknown });
    expect(told.plain).toEqual(['width', 'height', 'data']);
    expect(told.scaled).toEqual({ width: 224, height: 224, rotation: 0, orientation: 1, faces: 1 });
    const position = { left: 0, top: 0, width: 224, height: 224 };
    // Neither quality nor reliability: a crop does not tell how large and sharp its face was.
    const keys = ['crop', 'embedding', 'modelId', 'position', 'score'];
    expect(told.one).toEqual({ keys, position, score: 1, side: 112 });
    expect(told.scaledCosine).toBeGreaterThan(0.98);
    // What is told by the middle of a face, and not by what is around it.
    expect(told.attributes).toEqual(['age', 'emotions', 'gender', 'mask']);
    expect(Math.abs(told.angle[0]! - told.angle[1]!)).toBeLessThan(8);
    expect(told.detected).toMatchObject({ width: 224, faces: [{ position, score: 1 }] });
    expect(Object.keys(told.detected.faces[0]!)).toEqual(['position', 'score']);
  },
);

test('crops are compared, enrolled and identified, and what they are asked for but cannot tell is refused', async ({
  page,
}) => {
  const told = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const cropsOf = async (sample: number) => {
      const returnDetails = { crop: { type: 'image/png' } } as const;
      const { faces } = await nf.embed(`/photos/sample${sample}.jpg`, { returnDetails });
      return faces.map(({ crop }) => crop!.file!);
    };
    const [crops, others] = [await cropsOf(1), await cropsOf(6)];
    const aligned = { input: 'aligned' } as const;
    const same = await nf.compare(crops[0]!, crops[0]!, aligned);
    const other = await nf.compare(crops[0]!, others[0]!, aligned);
    const staff = await nf.galleries.create('staff', { ifExists: 'get' });
    const { records } = await staff.add(crops[0]!, { ...aligned, meta: 'Sam', keep: 'crops' });
    const many = await staff.addMany(others, aligned);
    const found = await staff.identify('/photos/sample1.jpg', { faces: 'all', threshold: 'strict' });
    const byCrop = await staff.identify(crops[0]!, { ...aligned, threshold: 'strict' });
    const size = async (kind: 'crop' | 'thumbnail') => {
      const { width, height } = await createImageBitmap((await staff.picture(records[0]!.id, kind))!);
      return [width, height];
    };
    const { width, height } = records[0]!.box!;
    const before = await staff.count();
    const tall = new OffscreenCanvas(100, 200);
    tall.getContext('2d')!.fillRect(0, 0, 100, 200);
    const tiny = new OffscreenCanvas(16, 16);
    tiny.getContext('2d')!.fillRect(0, 0, 16, 16);
    const refused = [
      await outcomeOf(() => staff.add(tall, aligned)),
      await outcomeOf(() => staff.add(tiny, aligned)),
      await outcomeOf(() => nf.compare(crops[0]!, tall, aligned)),
      await outcomeOf(() => staff.add(crops[0]!, { ...aligned, minQuality: window.library.LENIENT })),
      await outcomeOf(() => staff.addMany(crops, { ...aligned, autoRotate: true })),
    ];
    return {
      same: same.verified,
      other: other.verified,
      record: { box: [width, height], assumed: records[0]!.reliabilityAssumed },
      pictures: [await size('crop'), await size('thumbnail')],
      many: many.added,
      found: found.flatMap(({ matches }) => matches.map(({ record }) => record.meta)),
      byCrop: byCrop.map(({ matches }) => matches[0]?.record.meta),
      refused: refused.map(({ code, details }) => [code, details['param']]),
      unchanged: (await staff.count()) === before,
    };
  });
  expect(told).toEqual({
    ...{ same: true, other: false, many: 4, found: ['Sam'], byCrop: ['Sam'], unchanged: true },
    record: { box: [112, 112], assumed: true },
    pictures: [
      [112, 112],
      [96, 96],
    ],
    refused: [
      ['BAD_PARAM', 'image'],
      ['FACE_TOO_SMALL', 'image'],
      ['BAD_PARAM', 'b'],
      ['BAD_PARAM', 'options.minQuality'],
      ['BAD_PARAM', 'options.autoRotate'],
    ],
  });
});

test('a shot that is posted carries its aligned crop as PNG, which goes in again', async ({ page }) => {
  const told = await page.evaluate(async () => {
    const { nf } = window;
    const forms: FormData[] = [];
    const { fetch: own } = window;
    window.fetch = (input, init) => {
      if (!(init?.body instanceof FormData)) return own(input, init);
      forms.push(init.body);
      return Promise.resolve(new Response('taken', { status: 201 }));
    };
    const sample = await window.drawSample(1, 960, 640);
    const images = await Promise.all(Array.from({ length: 8 }, () => createImageBitmap(sample)));
    const session = nf.watch(images, { fps: 10, postTo: { url: '/report' } });
    const events: string[] = [];
    for await (const event of session)
      if (event.type === 'posted') events.push(`${event.status} ${event.body}`);
    window.fetch = own;
    const { faces } = await nf.embed(sample, { mode: 'accurate' });
    const cosines: number[] = [];
    for (const form of forms) {
      const crop = form.get('face0') as File;
      const [face] = (await nf.embed(crop, { input: 'aligned' })).faces;
      const dots = faces.map(({ embedding }) =>
        embedding!.reduce((sum, x, i) => sum + x * face!.embedding![i]!, 0),
      );
      cosines.push(Math.max(...dots));
    }
    return { events, cosines, types: forms.map((form) => (form.get('face0') as File).type) };
  });
  expect(told.events.length).toBeGreaterThan(0);
  expect(new Set(told.events)).toEqual(new Set(['201 taken']));
  expect(new Set(told.types)).toEqual(new Set(['image/png']));
  expect(Math.min(...told.cosines)).toBeGreaterThan(0.9);
});
