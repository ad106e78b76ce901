/** Head pose on real faces: the stages from picture to angles on the crops recorded for the models' goldens. */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { CROP_SIDE, readCrops } from '../../model-factory/convert/goldens.ts';
import type { ModelManifest } from '../core/manifest.ts';
import { loadedModel } from '../core/model-session.ts';
import type { Angle, Point } from '../core/types.ts';
import { Pyramid } from '../image/pyramid.ts';
import { warpToRgba } from '../image/warp.ts';
import { EngineSession } from '../runtime/engine/engine-session.ts';
import { EngineKernel } from '../runtime/engine/kernel.ts';
import { createDetector, type Detector } from '../stages/detector.ts';
import { cropFromDetection, cropFromMesh } from '../stages/face-mesh.ts';
import { createMeshModel, type MeshModel } from '../stages/mesh-model.ts';
import { estimateAngle, readCanonicalFace, type CanonicalFace } from './pose.ts';
import { compose, type Affine } from './similarity.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const TOLERANCE_DEG = 2;

let detector: Detector;
let mesh: MeshModel;
let canonical: CanonicalFace;
let faces: Pyramid[];

beforeAll(async () => {
  const read = (path: string): Promise<Buffer> => readFile(new URL(`../../${path}`, import.meta.url));
  const manifest = JSON.parse(String(await read('models/manifest.json'))) as ModelManifest;
  const module = await WebAssembly.compile(new Uint8Array(await read('src/runtime/engine/engine-simd.wasm')));
  const kernel = new EngineKernel(module);
  const start = async (id: string): Promise<EngineSession> => {
    const entry = manifest.models.find((model) => model.id === id)!;
    return EngineSession.compile(entry, new Uint8Array(await read(`models/${entry.file}`)), kernel)!;
  };
  detector = createDetector(loadedModel(await start('blazeface-short')));
  mesh = createMeshModel(loadedModel(await start('face-landmark')));
  canonical = readCanonicalFace(JSON.parse(String(await read('models/canonical-face.json'))));
  faces = (await readCrops()).map(pyramidOf);
});

function pyramidOf(rgb: Uint8Array): Pyramid {
  const data = new Uint8ClampedArray(4 * CROP_SIDE * CROP_SIDE).fill(255);
  for (let i = 0; i < CROP_SIDE * CROP_SIDE; i++) data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  return new Pyramid({ width: CROP_SIDE, height: CROP_SIDE, data }, pixelKernel);
}

/** The picture under a map from its new pixels to its old ones. */
function mapped(image: Pyramid, toOld: Affine): Pyramid {
  return new Pyramid(warpToRgba(image, toOld, CROP_SIDE, CROP_SIDE, 127), pixelKernel);
}

/** The pose of the face that the detector is surest of. */
async function angleOf(image: Pyramid): Promise<Angle> {
  const box = { left: 0, top: 0, width: CROP_SIDE, height: CROP_SIDE };
  const [found] = await detector.find([{ image, box }], { minScore: 0.3 });
  const best = found!.reduce((a, b) => (a.score >= b.score ? a : b));
  const crop = cropFromDetection(best.box, [best.points[0]!, best.points[1]!], mesh.size);
  const [first] = await mesh.fit([{ image, toImage: crop }]);
  const [second] = await mesh.fit([{ image, toImage: cropFromMesh(first!.points, mesh.size) }]);
  return estimateAngle(second!.points, canonical);
}

function expectAngle(found: Angle, expected: Pick<Angle, 'pitch' | 'yaw' | 'roll'>, what: string): void {
  const differences = (['pitch', 'yaw', 'roll'] as const).map((name) => found[name] - expected[name]);
  const worst = Math.max(...differences.map(Math.abs));
  expect(worst, `${what}: ${differences.map((d) => d.toFixed(1)).join(', ')}`).toBeLessThan(TOLERANCE_DEG);
}

test('a mirrored picture has yaw and roll the other way round, and the same pitch', async () => {
  for (const [i, image] of faces.entries()) {
    const { pitch, yaw, roll } = await angleOf(image);
    const mirrored = await angleOf(mapped(image, [-1, 0, 0, 1, CROP_SIDE, 0]));
    expectAngle(mirrored, { pitch, yaw: -yaw, roll: -roll }, `face ${i}`);
  }
});

test('a picture turned by θ has roll + θ, and nothing else changed', async () => {
  const middle = { x: CROP_SIDE / 2, y: CROP_SIDE / 2 };
  for (const [i, image] of faces.entries()) {
    const { pitch, yaw, roll } = await angleOf(image);
    for (const turn of [-30, -20, -10, 10, 20, 30]) {
      const turned = await angleOf(mapped(image, turnAbout([1, 0, 0, 1, 0, 0], middle, -turn)));
      expectAngle(turned, { pitch, yaw, roll: roll + turn }, `face ${i} turned by ${turn}°`);
    }
  }
});

/** `affine`, then turned about `centre` by `angleDeg` degrees, counter-clockwise as seen (y points down). */
function turnAbout(affine: Affine, centre: Point, angleDeg: number): Affine {
  if (angleDeg === 0) return affine;
  const cos = Math.cos((angleDeg * Math.PI) / 180);
  const sin = Math.sin((angleDeg * Math.PI) / 180);
  const { x, y } = centre;
  return compose([cos, -sin, sin, cos, x - cos * x - sin * y, y + sin * x - cos * y], affine);
}
