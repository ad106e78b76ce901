import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import type { Box } from '../src/index.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(({ page }) => openPage(page, server));

test('an area gives the faces in it, where the whole picture has them, and small ones too', async ({
  page,
}) => {
  const { all, some, none, tiny } = await page.evaluate(async () => {
    const { nf } = window;
    const all = (await nf.detect('/photos/sample6.jpg')).faces.map(({ position }) => position);
    const [one] = all;
    const area = {
      left: one!.left + 40,
      top: one!.top + 40,
      width: one!.width - 80,
      height: one!.height - 80,
    };
    const some = await nf.detect('/photos/sample6.jpg', { area });
    const none = await nf.detect('/photos/sample6.jpg', { area: { left: 0, top: 0, width: 60, height: 60 } });
    // Four faces of about 24 pixels in the corner of a large, empty picture.
    const canvas = new OffscreenCanvas(2400, 1800);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#657';
    context.fillRect(0, 0, 2400, 1800);
    context.drawImage(await window.drawSample(6, 192, 154), 2000, 1500);
    const corner = { left: 2000, top: 1500, width: 192, height: 154 };
    const tiny = await nf.detect(canvas, { area: corner, minFaceSize: 16 });
    return { all, some, none, tiny };
  });
  expect(some).toMatchObject({ width: 1920, height: 1537 });
  expect(some.faces).toHaveLength(1);
  for (const key of ['left', 'top', 'width', 'height'] as const) {
    expect(Math.abs(some.faces[0]!.position[key] - all[0]![key])).toBeLessThan(15);
  }
  expect(none.faces).toEqual([]);
  expect(tiny).toMatchObject({ width: 2400, height: 1800 });
  expect(tiny.faces).toHaveLength(4);
  for (const { position } of tiny.faces) expect(position.left).toBeGreaterThan(2000);
});

test('autoRotate stands a lying picture up and says how; EXIF comes first; without it nothing is turned', async ({
  page,
}) => {
  const { found, upright, plain } = await page.evaluate(async () => {
    const { nf } = window;
    const sample = await window.drawSample(1, 960, 640);
    const turned = (degrees: number): OffscreenCanvas => {
      const canvas = degrees % 180 === 0 ? new OffscreenCanvas(960, 640) : new OffscreenCanvas(640, 960);
      const context = canvas.getContext('2d')!;
      context.translate(canvas.width / 2, canvas.height / 2);
      context.rotate((degrees * Math.PI) / 180);
      context.drawImage(sample, -480, -320);
      return canvas;
    };
    const found: Record<number, unknown> = {};
    for (const degrees of [0, 90, 180, 270]) {
      const { width, height, rotation, faces } = await nf.detect(turned(degrees), { autoRotate: true });
      found[degrees] = { width, height, rotation, lefts: faces.map(({ position: p }) => Math.round(p.left)) };
    }
    // Saved lying, with the EXIF orientation (6: turn by 90° clockwise) that stands it up.
    const lying = new Uint8Array(
      await (await turned(270).convertToBlob({ type: 'image/jpeg' })).arrayBuffer(),
    );
    const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const exif = [0xff, 0xe1, 0, tiff.length + 8, 0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
    const blob = new Blob([lying.slice(0, 2), Uint8Array.from(exif), lying.slice(2)]);
    const upright = await nf.detect(blob, { autoRotate: true });
    const plain = await nf.detect(turned(180));
    return { found, upright, plain };
  });
  const reference = found[0] as { lefts: number[] };
  expect(reference.lefts).toHaveLength(3);
  for (const [turn, rotation] of [
    [0, 0],
    [90, 270],
    [180, 180],
    [270, 90],
  ] as const) {
    const one = found[turn] as { lefts: number[] };
    expect(one).toMatchObject({ width: 960, height: 640, rotation });
    expect(one.lefts).toHaveLength(3);
    one.lefts.forEach((left, i) => expect(Math.abs(left - reference.lefts[i]!)).toBeLessThanOrEqual(4));
  }
  expect(upright).toMatchObject({ width: 960, height: 640, rotation: 0 });
  expect(upright.faces).toHaveLength(3);
  expect(plain.rotation).toBe(0);
});

test(
  "autoRotate: 'all' finds the faces of every quarter turn once, where they are in the picture as given",
  { tag: '@long' },
  async ({ page }) => {
    const { reference, detection, faces, biggest, inArea, plain } = await page.evaluate(async () => {
      const { nf } = window;
      const sample = await window.drawSample(1, 900, 600);
      const canvas = new OffscreenCanvas(1840, 1840);
      const context = canvas.getContext('2d')!;
      context.fillStyle = '#687';
      context.fillRect(0, 0, 1840, 1840);
      for (const tile of [0, 1, 2, 3]) {
        context.setTransform(1, 0, 0, 1, 460 + 920 * (tile % 2), 460 + 920 * (tile >> 1));
        context.rotate((tile * Math.PI) / 2);
        context.drawImage(sample, -450, -300);
      }
      const returnDetails = { angle: true, landmarks: true, crop: true } as const;
      const boxOf = ({ position: { left, top, width, height } }: { position: Box }) =>
        [left + width / 2, top + height / 2, width] as const;
      const asIs = await nf.embed(sample, { mode: 'accurate' });
      // Doubtful finds, such as a sleeve that lies like a face, are not what is asked here.
      const sure = { autoRotate: 'all', minScore: 0.8 } as const;
      const { faces, ...detection } = await nf.embed(canvas, { ...sure, mode: 'accurate', returnDetails });
      const told = faces.map(({ position, rotation, angle, landmarks, embedding, reliability }) => ({
        box: boxOf({ position }),
        rotation,
        roll: angle!.roll,
        head: [angle!.centerX, angle!.centerY],
        eyes: [landmarks![74]!, landmarks![77]!],
        embedding: [...embedding!],
        reliability,
      }));
      const biggest = await nf.embed(canvas, { ...sure, mode: 'auto', faces: 'biggest' });
      // The lower left tile.
      const area = { left: 0, top: 920, width: 920, height: 920 };
      const inArea = (await nf.detect(canvas, { ...sure, area })).faces;
      const plain = (await nf.detect(sample)).faces;
      return {
        reference: asIs.faces.map((face) => ({ box: boxOf(face), embedding: [...face.embedding!] })),
        ...{ detection, faces: told, plain: plain.map(Object.keys) },
        biggest: biggest.faces.length,
        inArea: inArea.map((face) => ({ box: boxOf(face), rotation: face.rotation })),
      };
    });
    expect(detection).toEqual({ width: 1840, height: 1840, rotation: 0, orientation: 1 });
    expect(reference).toHaveLength(3);
    expect(faces.map(({ box, rotation }) => [rotation, ...box.map(Math.round)])).toHaveLength(12);
    expect(biggest).toBe(1);
    expect(plain.flat()).not.toContain('rotation');
    expect(inArea.map(({ rotation }) => rotation)).toEqual([180, 180, 180]);
    for (const { box } of inArea) expect(box[1]).toBeGreaterThan(920);
    for (const tile of [0, 1, 2, 3]) {
      const [cos, sin] = [
        [1, 0],
        [0, 1],
        [-1, 0],
        [0, -1],
      ][tile] as [number, number];
      for (const { box, embedding } of reference) {
        const [x, y] = [box[0] - 450, box[1] - 300];
        const expected = [
          460 + 920 * (tile % 2) + cos * x - sin * y,
          460 + 920 * (tile >> 1) + sin * x + cos * y,
        ];
        const off = (at: readonly number[]): number =>
          Math.hypot(at[0]! - expected[0]!, at[1]! - expected[1]!);
        const face = faces.toSorted((a, b) => off(a.box) - off(b.box))[0]!;
        expect(off(face.box)).toBeLessThan(box[2] / 10);
        expect(face.rotation).toBe((360 - 90 * tile) % 360);
        expect(Math.abs(face.roll)).toBeLessThan(60);
        expect(face.reliability).toBeGreaterThan(0);
        expect(off(face.head)).toBeLessThan(box[2]);
        // The eye at the left of the face stood upright, as the picture shows it.
        const [left, right] = face.eyes as [Point, Point];
        expect(cos * (right.x - left.x) + sin * (right.y - left.y)).toBeGreaterThan(box[2] / 5);
        expect(embedding.reduce((sum, value, i) => sum + value * face.embedding[i]!, 0)).toBeGreaterThan(0.9);
      }
    }
    type Point = { readonly x: number; readonly y: number };
  },
);

test("a file's EXIF orientation is told, and 1 of what is no file", async ({ page }) => {
  const told = await page.evaluate(async () => {
    const { nf } = window;
    const sample = await window.drawSample(1, 480, 320);
    const canvas = new OffscreenCanvas(480, 320);
    canvas.getContext('2d')!.drawImage(sample, 0, 0);
    const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
    const withOrientation = (orientation: number): Blob => {
      const tiff = [77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation];
      const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff, 0, 0, 0, 0, 0, 0];
      return new Blob([jpeg.slice(0, 2), Uint8Array.from(exif), jpeg.slice(2)]);
    };
    const told: (readonly [number, number, number])[] = [];
    for (let orientation = 1; orientation <= 8; orientation++) {
      const found = await nf.detect(withOrientation(orientation), { mode: 'fast' });
      told.push([found.orientation, found.width, found.height]);
    }
    const others = [canvas, new Blob([jpeg]), canvas.getContext('2d')!.getImageData(0, 0, 480, 320)];
    for (const image of others) {
      const found = await nf.embed(image, { mode: 'fast' });
      told.push([found.orientation, found.width, found.height]);
    }
    return told;
  });
  const asStored = [1, 480, 320];
  expect(told).toEqual([
    ...[1, 2, 3, 4].map((orientation) => [orientation, 480, 320]),
    ...[5, 6, 7, 8].map((orientation) => [orientation, 320, 480]),
    ...[asStored, asStored, asStored],
  ]);
});

test('faces that are rolled by 55°, cut by the edge, or fill the frame are found as they are', async ({
  page,
}) => {
  const counts = await page.evaluate(async () => {
    const { nf } = window;
    const sample = await window.drawSample(1, 1920, 1280);
    /** The middle face (of 190 pixels at 420, 403) at the centre of a square of `side` pixels, turned. */
    const show = (side: number, scale: number, degrees: number, dx = 0): OffscreenCanvas => {
      const canvas = new OffscreenCanvas(side, side);
      const context = canvas.getContext('2d')!;
      context.translate(side / 2 + dx, side / 2);
      context.rotate((degrees * Math.PI) / 180);
      context.scale(scale, scale);
      context.drawImage(sample, 300, 290, 440, 440, -220 + 5, -220 + 12, 440, 440);
      return canvas;
    };
    const pictures = {
      left: show(600, 1, -55),
      right: show(600, 1, 55),
      small: show(600, 0.3, 50),
      filling: show(480, 2.4, 0),
      cut: show(600, 1.2, 0, -260),
    };
    const counts: Record<string, number> = {};
    for (const [name, picture] of Object.entries(pictures))
      counts[name] = (await nf.detect(picture)).faces.length;
    return counts;
  });
  expect(counts).toEqual({ left: 1, right: 1, small: 1, filling: 1, cut: 1 });
});
