import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import sharp from 'sharp';
import { serve, type StaticServer } from '../tools/serve.ts';
import { execute, fixtures, photos, remove } from './consumer.ts';
import { openPage, serveLibrary } from './library.ts';
import { installScript, installSharp, removeSharp, runScript } from './node-script.ts';

/** What both hosts found in a picture. */
interface Found {
  readonly width: number;
  readonly height: number;
  readonly orientation: number;
  readonly faces: readonly { readonly box: readonly number[]; readonly embedding: readonly number[] }[];
}

let folder: string;
let pictures: string;
let page: StaticServer;

test.beforeAll(async () => {
  folder = await installScript();
  pictures = await mkdtemp(join(tmpdir(), 'nearface-pictures-'));
  for (let i = 1; i <= 6; i++) await cp(join(photos, `sample${i}.jpg`), join(pictures, `sample${i}.jpg`));
  page = await serveLibrary({ '/pictures/': pictures, '/formats/': join(fixtures, 'formats') });
});
test.afterAll(async () => {
  await page.close();
  await remove(folder);
  await remove(pictures);
});

/** Runs a task in Node with sharp. */
async function run<T>(task: string, ...args: readonly string[]): Promise<T> {
  await installSharp(folder);
  return runScript<T>(folder, task, args);
}

/** The same in Chromium. */
const inPage = async (files: Readonly<Record<string, string>>): Promise<Record<string, Found>> => {
  const found: Record<string, Found> = {};
  for (const [name, url] of Object.entries(files)) {
    const bytes = await (await fetch(url)).arrayBuffer();
    const { width, height, orientation, faces } = await window.nf.embed(bytes);
    const all = faces.map(({ position: p, embedding }) => ({
      box: [p.left, p.top, p.width, p.height],
      embedding: [...embedding!],
    }));
    found[name] = { width, height, orientation, faces: all };
  }
  return found;
};

const urlsOf = (names: readonly string[], prefix: string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `${prefix}${name}`]));

/** Boxes within `pixels`, and embeddings of at least `cosine`. */
function expectSame(
  name: string,
  node: Found | undefined,
  chromium: Found,
  pixels: number,
  cosine: number,
): void {
  const about = (found: Found | undefined) => [found?.width, found?.height, found?.orientation];
  expect(about(node), name).toEqual(about(chromium));
  expect(node?.faces.length, name).toBe(chromium.faces.length);
  for (const [i, face] of chromium.faces.entries()) {
    const { box, embedding } = node!.faces[i]!;
    const off = box.map((value, k) => Math.abs(value - face.box[k]!));
    expect(Math.max(...off), `${name}, face ${i}: ${box.join()} and ${face.box.join()}`).toBeLessThan(pixels);
    const alike = embedding.reduce((sum, value, k) => sum + value * face.embedding[k]!, 0);
    expect(alike, `${name}, face ${i}`).toBeGreaterThanOrEqual(cosine);
  }
}

test('without sharp: pixels are analysed, and pictures are refused with how to install it', async () => {
  await removeSharp(folder);
  const rgba = join(folder, 'rgba');
  await writeFile(rgba, await sharp(join(photos, 'sample1.jpg')).ensureAlpha().raw().toBuffer());
  const { pixels, picture } = await runScript<{ pixels: number; picture: Record<string, unknown> }>(
    folder,
    'withoutSharp',
    [join(photos, 'sample1.jpg'), '1920', '1280', rgba],
  );
  expect(pixels).toBe(3);
  expect(picture).toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('npm install sharp'),
    details: { package: 'sharp' },
  });
});

test('the six samples: boxes within a pixel of those in Chromium, cosines of 0.999 and more', async ({
  page: tab,
}) => {
  const node = await run<Record<string, Found>>('faces', pictures);
  await openPage(tab, page);
  const names = Object.keys(node);
  expect(names).toHaveLength(6);
  const chromium = await tab.evaluate(inPage, urlsOf(names, '/pictures/'));
  for (const name of names) expectSame(name, node[name], chromium[name]!, 1, 0.999);
});

test(
  'formats, and every EXIF turn of JPEG, WebP and PNG: the same faces as in Chromium',
  { tag: '@long' },
  async ({ page: tab }) => {
    const turned = await mkdtemp(join(pictures, 'turned-'));
    const photo = sharp(join(photos, 'sample1.jpg')).resize(480);
    for (let orientation = 1; orientation <= 8; orientation++) {
      for (const format of ['jpeg', 'webp', 'png'] as const) {
        const file = join(turned, `${orientation}.${format}`);
        await photo.clone().withMetadata({ orientation }).toFormat(format, { quality: 90 }).toFile(file);
      }
    }
    for (const format of ['png', 'gif', 'avif'] as const)
      await photo
        .clone()
        .toFormat(format)
        .toFile(join(turned, `0.${format}`));
    const seeThrough = { create: { width: 600, height: 400, channels: 4, background: '#0000' } } as const;
    const onNothing = sharp(seeThrough).composite([{ input: await photo.clone().png().toBuffer() }]);
    await onNothing.png().toFile(join(turned, 'transparent.png'));
    const formats = join(fixtures, 'formats');
    const [node, fixed] = [
      await run<Record<string, Found>>('faces', turned),
      await run<Record<string, Found>>('faces', formats),
    ];
    await openPage(tab, page);
    const prefix = `/pictures/${turned.split('/').at(-1)}/`;
    const chromium = await tab.evaluate(inPage, urlsOf(Object.keys(node), prefix));
    for (const [name, found] of Object.entries(chromium)) {
      expectSame(name, node[name], found, 2, 0.99);
      expect(found.orientation, name).toBe(/^[1-8]/.test(name) ? Number(name[0]) : 1);
    }
    const names = ['face.jpg', 'face-grey.jpg', 'face-cmyk.jpg', 'face.avif', 'face.gif'];
    const seen = await tab.evaluate(inPage, urlsOf(names, '/formats/'));
    // CMYK without a profile, and the quick conversion of AVIF's colours, are each decoder's own.
    for (const [name, found] of Object.entries(seen)) {
      const isOwn = /cmyk|avif/.test(name);
      expectSame(name, fixed[name], found, isOwn ? 4 : 2, isOwn ? 0.9 : 0.98);
    }
  },
);

test('crops go out as PNG and in again', { tag: '@long' }, async () => {
  const told = await run<{ cosines: number[]; files: string[][] }>('aligned', join(photos, 'sample1.jpg'));
  expect(told).toMatchObject({ photo: { code: 'BAD_PARAM', details: { param: 'image' } }, turned: 3 });
  expect(told.files).toEqual([...Array(3)].map(() => ['image/png', 'PNG']));
  expect(told.cosines).toHaveLength(6);
  expect(Math.min(...told.cosines)).toBeGreaterThanOrEqual(0.995);
});

test('a photo in every way that Node has it', { tag: '@long' }, async () => {
  const rgba = join(folder, 'rgba');
  await writeFile(rgba, await sharp(join(photos, 'sample1.jpg')).ensureAlpha().raw().toBuffer());
  const given = [join(photos, 'sample1.jpg'), '1920', '1280', rgba];
  const found = await run<Record<string, number[]>>('inputs', ...given);
  expect(Object.keys(found)).toHaveLength(11);
  for (const box of Object.values(found)) expect(box).toEqual(found['path']);
  const hooked = await run<Record<'hook' | 'file', number[]>>('hook', ...given);
  expect(hooked).toEqual({ hook: found['path'], file: found['path'] });
});

test('all details, and a comparison', { tag: '@long' }, async () => {
  const photo = join(photos, 'sample1.jpg');
  expect(await run('everything', photo)).toMatchObject({
    ...{ backend: 'wasm', landmarks: 106, mesh: 478 },
    quality: { completeness: { total: expect.any(Number) as unknown } },
    attributes: { gender: { certainty: expect.any(Number) as unknown } },
  });
  expect(await run('compare', photo, photo)).toMatchObject({
    verified: true,
    confidence: expect.closeTo(1, 5),
  });
  expect(await run('compare', photo, join(photos, 'sample2.jpg'))).toMatchObject({ verified: false });
});

test('galleries in memory: enrol, identify, move', async () => {
  const told = await run('galleries', join(photos, 'sample1.jpg'), join(photos, 'sample6.jpg'));
  const refused = { code: 'STORAGE_FAILED', message: expect.stringMatching(/Node.*memory/) as unknown };
  expect(told).toMatchObject({
    ...{ kind: 'memory', warnings: [expect.stringMatching(/memory/)] },
    ...{ enrolled: 3, named: ['Sam', 'Sam', 'Sam'], others: [0, 0, 0, 0] },
    ...{ moved: 3, isSame: true, crop: { type: 'image/jpeg', isSmall: true } },
    ...{ required: refused, passphrase: refused },
  });
});

test('what cannot be done is told by code', async () => {
  const failed = (code: string, message: string | RegExp = '') => ({
    code,
    message: expect.stringMatching(message) as unknown,
  });
  expect(await run('errors', join(photos, 'sample1.jpg'))).toMatchObject({
    noFile: failed('IMAGE_DECODING_FAILED', /no\/such\/file\.jpg.*ENOENT/),
    device: failed('IMAGE_DECODING_FAILED', /it is no file/),
    badUrl: failed('IMAGE_DECODING_FAILED', /ERR_INVALID_URL/),
    cut: failed('IMAGE_DECODING_FAILED'),
    noImage: failed('IMAGE_DECODING_FAILED', /no image of a known format/),
    svg: failed('IMAGE_DECODING_FAILED', /SVG/),
    number: failed('BAD_PARAM', /path/),
    fewPixels: failed('BAD_PARAM', /64 bytes/),
    broken: failed('IMAGE_DECODING_FAILED'),
    aborted: failed('ABORTED'),
  });
});

test('assets: a server, a folder, and what is none', async () => {
  const dist = join(folder, 'node_modules/nearface/dist');
  const server = await serve({ root: dist });
  try {
    const told = await run<{ found: number[][] } & Record<string, object>>(
      'assets',
      join(photos, 'sample1.jpg'),
      server.url,
      dist,
    );
    expect(told).toMatchObject({
      // Whichever worker fails first: the models', or the search kernel's.
      missing: { code: expect.stringMatching(/^(MODEL_LOAD_FAILED|BACKEND_UNAVAILABLE)$/) as unknown },
      unreachable: { code: expect.stringMatching(/^(MODEL_LOAD_FAILED|BACKEND_UNAVAILABLE)$/) as unknown },
      scheme: { code: 'BAD_PARAM', details: { param: 'options.assets' } },
      webgpu: { code: 'BACKEND_UNAVAILABLE' },
    });
    for (const box of told.found) expect(box).toEqual(told.found[0]);
  } finally {
    await server.close();
  }
});

test('a script that is given as text, and words to bundlers in the built scripts', async () => {
  const script = `
    import { NearFace } from 'nearface';
    const nf = await NearFace.create();
    console.log(nf.info.backend);
    await nf.dispose();
  `;
  const told = await execute(folder, process.execPath, '--input-type=module', '--eval', script);
  expect(told.trim()).toBe('wasm');
  const dist = join(folder, 'node_modules/nearface/dist/node');
  for (const file of ['nearface.js', 'vision.worker.js'])
    expect(await readFile(join(dist, file), 'utf8')).toContain('webpackIgnore: true');
});

test('the scripts of the package for pages and for Node are of one version', async () => {
  const dist = join(folder, 'node_modules/nearface/dist');
  const first = (file: string) => readFile(join(dist, file), 'utf8').then((text) => text.split('\n')[0]);
  expect(await first('node/nearface.js')).toBe(await first('nearface.js'));
});
