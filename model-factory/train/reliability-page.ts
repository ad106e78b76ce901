/** Runs in the page: faces with all that tells how far their embeddings can be trusted, of photos as they are and made worse. */
import type { Point3 } from '../../src/index.ts';
import { estimateAngle } from '../../src/geometry/pose.ts';
import { withPyramid } from '../../src/image/decoded-image.ts';
import { decodeImage } from '../../src/platform/browser/decode.ts';
import { browserVisionHost } from '../../src/platform/browser/vision-host.ts';
import type { FaceInWork } from '../../src/pipeline/face-in-work.ts';
import { warpToRgba } from '../../src/image/warp.ts';
import { findFaces, type FoundFace } from '../../src/pipeline/find-faces.ts';
import { measureFaces } from '../../src/pipeline/measure-faces.ts';
import { Stopwatch } from '../../src/pipeline/stopwatch.ts';
import { rigidResidual } from '../../src/stages/quality-alignment.ts';
import { measureQuality } from '../../src/stages/quality.ts';
import { ModelSet } from '../../src/worker/model-set.ts';
import { degrade, type Degradation } from '../../tools/drawing/degrade.ts';

/** Side of an aligned crop in pixels. */
const CROP_SIDE = 112;

/** A face as the fit sees it. */
export interface ReliabilityFace {
  readonly how: Degradation;
  /** Base64 of the aligned crop of 112²: RGB, row by row. */
  readonly crop: string;
  readonly size: number;
  readonly score: number;
  readonly presence: number;
  readonly residual: number;
  readonly alignment: number;
  readonly sharpness: number;
  readonly brightness: number;
  readonly integrity: number;
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

const DETAILS = {
  ...{ angle: false, landmarks: false, mesh: false, quality: false, attributes: [] },
  ...{ liveness: false, embedding: false, crop: true },
};

/** What the Node side calls. */
export class ReliabilityPage {
  #set: ModelSet | undefined;

  async start(): Promise<void> {
    const assets = new URL('/nearface/', location.href).href;
    const config = {
      assets,
      device: 'wasm',
      threads: 1,
      models: {},
      preload: DETAILS,
      tfjs: '',
    } as const;
    this.#set = await ModelSet.open(browserVisionHost, config, () => {}, new AbortController().signal);
  }

  /** The biggest face (or all of them) of the photo as it is, then of each worse copy; null where none was found. */
  async see(name: string, ways: readonly Degradation[], all: boolean): Promise<(ReliabilityFace | null)[]> {
    const blob = await (await fetch(`/photos/${encodeURIComponent(name)}`)).blob();
    const clean = await this.#look(blob, {}, all);
    const faces = clean.map(({ face }) => face);
    const [first] = clean;
    if (!first || ways.length === 0) return first ? faces : [null];
    const bitmap = await createImageBitmap(blob);
    for (const how of ways) {
      const worse = await degrade(bitmap, first.mesh, first.face.size, how);
      faces.push((await this.#look(worse, how, false))[0]?.face as ReliabilityFace);
    }
    bitmap.close();
    return faces.map((face) => face ?? null);
  }

  async #look(
    blob: Blob,
    how: Degradation,
    all: boolean,
  ): Promise<{ readonly face: ReliabilityFace; readonly mesh: readonly Point3[] }[]> {
    const { models, pixels } = this.#set!;
    const image = withPyramid(await decodeImage({ kind: 'encoded', blob }), pixels);
    const { pyramid } = image;
    const request = {
      mode: 'auto',
      minScore: 0.5,
      minFace: all ? 14 : 8,
      area: null,
      faces: all ? 'all' : 'biggest',
    } as const;
    let found = await findFaces(models, pyramid, request, undefined);
    if (!all) {
      const central = ({ box }: FoundFace): number =>
        Math.hypot(
          box.left + box.width / 2 - pyramid.width / 2,
          box.top + box.height / 2 - pyramid.height / 2,
        );
      found = found.toSorted((a, b) => central(a) - central(b)).slice(0, 1);
    }
    const work = found.map((face): FaceInWork => ({ found: face, image, seen: {} }));
    await measureFaces(models, work, DETAILS, new Stopwatch(), undefined);
    const { canonicalFace } = models;
    return work.map((face) => {
      const { box, score } = face.found;
      const mesh = face.mesh!;
      const quality = measureQuality({ image: pyramid, box, mesh, canonicalFace });
      const { yaw, pitch, roll } = estimateAngle(mesh.points, canonicalFace);
      const { data } = warpToRgba(pyramid, face.alignment!, CROP_SIDE, CROP_SIDE);
      const points = Array.from({ length: 468 }, (_, i) => ({
        x: mesh.points[3 * i]!,
        y: mesh.points[3 * i + 1]!,
        z: mesh.points[3 * i + 2]!,
      }));
      const { alignment, sharpness, brightness, integrity } = quality;
      return {
        mesh: points,
        face: {
          how,
          crop: base64(data.filter((_, i) => i % 4 < 3)),
          size: Math.min(box.width, box.height) * image.scale,
          ...{ score, presence: mesh.presence, residual: rigidResidual(mesh.points, canonicalFace) },
          ...{ alignment, sharpness, brightness, integrity, yaw, pitch, roll },
        },
      };
    });
  }

  /** A worse copy as a data URL, to be looked at. */
  async show(name: string, how: Degradation): Promise<string> {
    const blob = await (await fetch(`/photos/${encodeURIComponent(name)}`)).blob();
    const [first] = await this.#look(blob, {}, false);
    const worse = await degrade(await createImageBitmap(blob), first!.mesh, first!.face.size, how);
    return base64(new Uint8Array(await worse.arrayBuffer()));
  }
}

function base64(bytes: ArrayLike<number> & { subarray(from: number, to: number): Iterable<number> }): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

(globalThis as { reliabilityPage?: ReliabilityPage }).reliabilityPage = new ReliabilityPage();
