import { describe, expect, it } from 'vitest';
import type { ModelEntry } from '../core/manifest.ts';
import { loadedModel, type ModelSession } from '../core/model-session.ts';
import { Pyramid } from '../image/pyramid.ts';
import { cropFromMesh, MESH_POINTS } from './face-mesh.ts';
import { cellsOfPart, FACE_PARTS } from './face-parts.ts';
import {
  completenessOf,
  createOcclusion,
  decodeOcclusion,
  OCCLUSION_ENLARGE,
  OCCLUSION_SIZE,
  occlusionCrop,
  type CoveredShares,
} from './occlusion.ts';
import testFaces from './test-faces.json';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const MAP = 64;
const meshes = testFaces.map(({ points }) => Float32Array.from(points));
const NOTHING = Object.fromEntries(FACE_PARTS.map((part) => [part, 0])) as CoveredShares;

/** The mesh in cells of the network's map over the face's crop. */
function inCells(mesh: Float32Array): { x: number; y: number }[] {
  const [a, b, , , tx, ty] = cropFromMesh(mesh, MAP, OCCLUSION_ENLARGE);
  const squared = a * a + b * b;
  return Array.from({ length: MESH_POINTS }, (_, i) => {
    const [dx, dy] = [mesh[3 * i]! - tx, mesh[3 * i + 1]! - ty];
    return { x: (a * dx + b * dy) / squared, y: (a * dy - b * dx) / squared };
  });
}

/** The network's output of a crop, and of its mirror image, where just these cells of the map are covered. */
function covering(cells: readonly number[]): [Float32Array, Float32Array] {
  const looks = [new Float32Array(MAP * MAP).fill(-20), new Float32Array(MAP * MAP).fill(-20)] as const;
  for (const cell of cells) {
    const y = Math.floor(cell / MAP);
    for (const [look, x] of [cell % MAP, MAP - 1 - (cell % MAP)].entries())
      looks[look]![16 * (16 * Math.floor(y / 4) + Math.floor(x / 4)) + 4 * (y % 4) + (x % 4)] = 20;
  }
  return [...looks];
}

describe('cellsOfPart', () => {
  it('takes up a part of the map, each part another, the left ones on the left', () => {
    for (const mesh of meshes) {
      const points = inCells(mesh);
      const cells = Object.fromEntries(
        FACE_PARTS.map((part) => [part, cellsOfPart(part, points, MAP / OCCLUSION_ENLARGE, MAP)]),
      ) as Record<(typeof FACE_PARTS)[number], number[]>;
      for (const part of FACE_PARTS) {
        expect(cells[part].length, part).toBeGreaterThan(20);
        expect(cells[part].length, part).toBeLessThan(MAP * MAP * 0.2);
      }
      const meanX = (part: (typeof FACE_PARTS)[number]): number =>
        cells[part].reduce((sum, cell) => sum + (cell % MAP), 0) / cells[part].length;
      expect(meanX('leftEye')).toBeLessThan(meanX('nose'));
      expect(meanX('rightEye')).toBeGreaterThan(meanX('nose'));
      expect(meanX('leftEyeBrow')).toBeLessThan(meanX('rightEyeBrow'));
      const eyes = new Set([...cells.leftEye, ...cells.rightEye]);
      expect(cells.mouth.some((cell) => eyes.has(cell))).toBe(false);
    }
  });
});

describe('decodeOcclusion', () => {
  it('gives the covered share of a part, and of no other, wherever the face lies and however it is turned', () => {
    for (const mesh of meshes) {
      const toImage = occlusionCrop(mesh);
      const points = inCells(mesh);
      for (const part of FACE_PARTS) {
        const cells = cellsOfPart(part, points, MAP / OCCLUSION_ENLARGE, MAP);
        const shares = decodeOcclusion(covering(cells), mesh, toImage);
        expect(shares[part], part).toBeGreaterThan(0.97);
        const half = decodeOcclusion(covering(cells.slice(0, cells.length / 2)), mesh, toImage);
        expect(half[part], part).toBeGreaterThan(0.45);
        expect(half[part], part).toBeLessThan(0.55);
      }
      const mouth = cellsOfPart('mouth', points, MAP / OCCLUSION_ENLARGE, MAP);
      const { leftEye, rightEye, leftEyeBrow } = decodeOcclusion(covering(mouth), mesh, toImage);
      expect(Math.max(leftEye, rightEye, leftEyeBrow)).toBeLessThan(1e-6);
    }
  });

  it('finds nothing where nothing is covered', () => {
    const shares = decodeOcclusion(covering([]), meshes[0]!, occlusionCrop(meshes[0]!));
    for (const share of Object.values(shares)) expect(share).toBeLessThan(1e-6);
  });

  it('looks at a crop of the size that the network has', () => {
    const [a, b] = occlusionCrop(meshes[0]!);
    const [wholeA, wholeB] = cropFromMesh(meshes[0]!, 1, OCCLUSION_ENLARGE);
    expect(Math.hypot(a, b) * OCCLUSION_SIZE).toBeCloseTo(Math.hypot(wholeA, wholeB), 3);
  });
});

describe('createOcclusion', () => {
  /** A network to which dark cells are covered. */
  function session(): ModelSession {
    const size = [OCCLUSION_SIZE, OCCLUSION_SIZE] as const;
    const input = { size, layout: 'nchw', channels: 'rgb', mean: 0, std: 255 } as const;
    const entry: ModelEntry = { id: 'fake', role: 'occlusion', format: 'onnx', file: '', input, outputs: [] };
    const cell = OCCLUSION_SIZE / MAP;
    return {
      entry,
      maxBatch: 8,
      dispose: () => Promise.resolve(),
      run(pixels, [batch = 0]) {
        const outputs = Array.from({ length: batch }, (_, i) => {
          const dark = Array.from({ length: MAP * MAP }, (_cell, index) => index).filter((index) => {
            const [x, y] = [index % MAP, Math.floor(index / MAP)];
            return pixels[i * 3 * OCCLUSION_SIZE ** 2 + y * cell * OCCLUSION_SIZE + x * cell]! < 0.5;
          });
          return [...covering(dark)[0]];
        });
        return Promise.resolve([Float32Array.from(outputs.flat())]);
      },
    };
  }

  it('looks at a face and its mirror image, and gives what it sees there back its side', async () => {
    const mesh = meshes[0]!;
    const toImage = occlusionCrop(mesh);
    const nose = mesh[3 * 4]!;
    const box = testFaces[0]!.box;
    const [width, height] = [box.left + 2 * box.width, box.top + 2 * box.height];
    const data = new Uint8ClampedArray(4 * width * height).map((_, i) => ((i >> 2) % width < nose ? 0 : 255));
    const image = new Pyramid({ width, height, data }, pixelKernel);
    const [shares] = await createOcclusion(loadedModel(session())).measure([{ image, toImage, mesh }]);
    expect(shares!.leftEye).toBeGreaterThan(0.8);
    expect(shares!.rightEye).toBeLessThan(0.05);
    expect(shares!.leftEyeBrow).toBeGreaterThan(0.8);
    expect(shares!.rightEyeBrow).toBeLessThan(0.2);
  });
});

describe('completenessOf', () => {
  it.each(FACE_PARTS)('lets %s fall alone when it is covered', (covered) => {
    const { total, ...parts } = completenessOf({ ...NOTHING, [covered]: 1 });
    expect(parts[covered]).toBe(0);
    for (const part of FACE_PARTS) if (part !== covered) expect(parts[part], part).toBe(1);
    expect(total).toBeLessThan(0.98);
    expect(total).toBeGreaterThan(0.7);
  });

  it('is whole where nothing is covered, and falls steadily', () => {
    expect(completenessOf(NOTHING).total).toBeCloseTo(1, 12);
    for (const part of FACE_PARTS) {
      const values = Array.from(
        { length: 21 },
        (_, i) => completenessOf({ ...NOTHING, [part]: i / 20 })[part],
      );
      expect(values).toEqual(values.toSorted((a, b) => b - a));
    }
  });
});
