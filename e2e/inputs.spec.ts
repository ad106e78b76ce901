import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(({ page }) => openPage(page, server));

test('every kind of input gives the same faces', async ({ page }) => {
  const boxes = await page.evaluate(async () => {
    const canvas = await window.drawSample(1, 960, 640);
    const blob = await new Promise<Blob>((done) => canvas.toBlob((made) => done(made!), 'image/png'));
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const dataUrl = canvas.toDataURL('image/png');
    const img = Object.assign(new Image(), { src: dataUrl });
    const offscreen = new OffscreenCanvas(960, 640);
    offscreen.getContext('2d')!.drawImage(canvas, 0, 0);
    const inputs = {
      blob,
      file: new File([blob], 'a.png'),
      bytes,
      buffer: bytes.buffer,
      dataUrl,
      base64: dataUrl.slice(dataUrl.indexOf(',') + 1),
      objectUrl: URL.createObjectURL(blob),
      imageData: canvas.getContext('2d')!.getImageData(0, 0, 960, 640),
      bitmap: await createImageBitmap(canvas),
      img,
      canvas,
      offscreen,
      frame: new VideoFrame(canvas, { timestamp: 0 }),
    };
    const found: Record<string, number[][]> = {};
    for (const [kind, input] of Object.entries(inputs)) {
      const { width, height, faces } = await window.nf.detect(input);
      found[kind] = [
        [width, height],
        ...faces.map(({ position: p }) => [p.left, p.top, p.width].map(Math.round)),
      ];
    }
    // Whoever gave the inputs still has them.
    const intact = [bytes.length > 0, inputs.bitmap.width === 960, inputs.frame.displayWidth === 960];
    inputs.frame.close();
    return { found, intact };
  });
  expect(boxes.intact).toEqual([true, true, true]);
  const { blob, ...others } = boxes.found;
  expect(blob).toHaveLength(4);
  expect(blob![0]).toEqual([960, 640]);
  for (const [kind, found] of Object.entries(others)) {
    expect(found, kind).toHaveLength(4);
    found.forEach((numbers, i) =>
      numbers.forEach((value, k) => expect(Math.abs(value - blob![i]![k]!), kind).toBeLessThanOrEqual(2)),
    );
  }
});

test('a photo of 50 megapixels is scaled on decode; boxes are in its own pixels', async ({ page }) => {
  const { big, small } = await page.evaluate(async () => {
    const encode = async (width: number, height: number): Promise<Blob> => {
      const canvas = await window.drawSample(3, width, height);
      return new Promise((done) => canvas.toBlob((made) => done(made!), 'image/jpeg', 0.9));
    };
    const options = { minFaceSize: 200 };
    return {
      big: await window.nf.detect(await encode(8600, 6047), options),
      small: await window.nf.detect(await encode(1720, 1209.4), { minFaceSize: 40 }),
    };
  });
  expect([big.width, big.height]).toEqual([8600, 6047]);
  expect(big.faces).toHaveLength(3);
  for (const { position } of big.faces) {
    const same = small.faces.find(({ position: p }) => Math.abs(p.left - position.left / 5) < p.width / 10);
    expect(same, JSON.stringify(position)).toBeDefined();
    expect(position.width / 5 / same!.position.width).toBeCloseTo(1, 0.5);
  }
});

test('nf.info tells the backend, the models and the time of each stage', async ({ page }) => {
  const info = await page.evaluate(async () => {
    const before = Object.keys(window.nf.info.timings).length;
    await window.nf.embed('/photos/sample1.jpg', { faces: 'biggest' });
    return { before, ...window.nf.info };
  });
  expect(info.before).toBe(0);
  expect(info).toMatchObject({ backend: 'wasm', threads: 1, adapter: '', crossOriginIsolated: false });
  expect(info.simd).toMatch(/^(simd|relaxed)$/);
  expect(info.models.map(({ role }) => role)).toEqual(['detector', 'nearDetector', 'landmarks', 'embedding']);
  for (const { licence, bytes } of info.models) {
    expect(licence).not.toBe('');
    expect(bytes).toBeGreaterThan(1e5);
  }
  expect(Object.keys(info.timings).sort()).toEqual(['decode', 'detect', 'embed', 'landmarks', 'total']);
  expect(info.embedding).toEqual({ modelId: 'mobilefacenet-2', dimension: 192, calibrated: true });
});

test('faces of a batch are embedded as they are alone', async ({ page }) => {
  const cosines = await page.evaluate(async () => {
    const { faces } = await window.nf.embed('/photos/sample5.jpg');
    const alone: Awaited<ReturnType<typeof window.nf.embed>>[] = [];
    for (const { position } of faces) {
      alone.push(await window.nf.embed('/photos/sample5.jpg', { boxes: [position] }));
    }
    return faces.map(({ embedding }, i) => {
      const other = alone[i]!.faces[0]!.embedding!;
      return embedding!.reduce((sum, x, k) => sum + x * other[k]!, 0);
    });
  });
  expect(cosines).toHaveLength(5);
  for (const cosine of cosines) expect(cosine).toBeGreaterThan(0.9999);
});

test('a busy worker never blocks the page', async ({ page }) => {
  const longestGapMs = await page.evaluate(async () => {
    const gaps: number[] = [];
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }, 5);
    await Promise.all([1, 2, 3, 4].map((i) => window.nf.embed(`/photos/sample${i}.jpg`)));
    clearInterval(timer);
    return { longest: Math.max(...gaps), ticks: gaps.length };
  });
  // The work takes seconds; a page that waited for it would tick a few times only.
  expect(longestGapMs.ticks).toBeGreaterThan(20);
});

test('compare tells same from different, with all that the verdict rests on', async ({ page }) => {
  const { same, different, embeddings, chosen, refused } = await page.evaluate(async () => {
    const { nf } = window;
    const [one, three] = [await nf.embed('/photos/sample1.jpg'), await nf.embed('/photos/sample3.jpg')];
    const right = (d: typeof one): (typeof one.faces)[number] =>
      d.faces.reduce((a, b) => (b.position.left > a.position.left ? b : a));
    const middle = [...three.faces].sort((a, b) => a.position.left - b.position.left)[1]!;
    const embeddings = await nf.compare(
      { embedding: right(one).embedding!, reliability: right(one).reliability! },
      {
        embedding: middle.embedding!,
        modelId: 'mobilefacenet-2',
        reliability: middle.reliability!,
      },
    );
    return {
      same: await nf.compare('/photos/sample1.jpg', '/photos/sample1.jpg'),
      different: await nf.compare('/photos/sample1.jpg', '/photos/sample6.jpg', { threshold: 'medium' }),
      embeddings,
      chosen: await nf.compare('/photos/sample1.jpg', '/photos/sample3.jpg', {
        boxesA: [right(one).position],
        boxesB: [middle.position],
        returnDetails: { position: true },
        threshold: { similarity: 0.8 },
      }),
      refused: await window.outcomeOf(() =>
        nf.compare(right(one).embedding!, '/photos/sample3.jpg', { boxesA: [middle.position] }),
      ),
    };
  });
  expect(same).toMatchObject({ verified: true, threshold: { confidence: 0.75 } });
  expect(same.cosine).toBeCloseTo(1, 3);
  expect(same.confidence).toBeGreaterThan(0.99);
  expect(same.distance).toBeLessThan(0.05);
  expect(same.a!.faces).toHaveLength(1);
  expect(different).toMatchObject({ verified: false, threshold: { confidence: 0.6616 } });
  expect(different.pairs).toHaveLength(1);
  expect(embeddings.verified).toBe(true);
  // The same faces, each of its own photo.
  expect(chosen.cosine).toBeCloseTo(embeddings.cosine, 2);
  expect([chosen.a!.faces.length, chosen.b!.faces.length]).toEqual([1, 1]);
  expect(chosen.threshold.cosine).toBeCloseTo(0.4528, 3);
  expect(refused).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.boxesA' } });
  expect(embeddings.confidence).toBeGreaterThan(0.7834);
});

test('an instance can be made in a worker', async ({ page }) => {
  const size = await page.evaluate(async () => {
    const script = `onmessage = async ({ data }) => {
      try {
        const { NearFace } = await import(data + '/lib/nearface.js');
        const nf = await NearFace.create({ device: 'wasm', database: 'inner', assets: data + '/lib/' });
        const { width, height } = await nf.detect(new OffscreenCanvas(40, 30).getContext('2d').getImageData(0, 0, 40, 30));
        await nf.dispose();
        postMessage([width, height]);
      } catch (error) {
        postMessage(error.message);
      }
    };`;
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const worker = new Worker(url, { type: 'module' });
    const answer = new Promise((done) => (worker.onmessage = ({ data }) => done(data)));
    worker.postMessage(location.origin);
    return answer.finally(() => worker.terminate());
  });
  expect(size).toEqual([40, 30]);
});
