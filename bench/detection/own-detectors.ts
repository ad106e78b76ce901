/** Detectors of the shipped weights without the rest of the library, to see what each contributes. */
import type { ModelEntry, ModelManifest } from '../../src/core/manifest.ts';
import { loadedModel, type ModelSession } from '../../src/core/model-session.ts';
import type { Box } from '../../src/core/types.ts';
import { greedyNms, type Candidate } from '../../src/geometry/nms.ts';
import { loadPixelKernel, type PixelKernel } from '../../src/image/kernel/kernel.ts';
import { Pyramid } from '../../src/image/pyramid.ts';
import { confirmFaces } from '../../src/pipeline/confirm-faces.ts';
import { proposeFaces } from '../../src/pipeline/find-faces.ts';
import { browserVisionHost as host } from '../../src/platform/browser/vision-host.ts';
import { chooseBackend } from '../../src/runtime/backend.ts';
import { ModelLoader } from '../../src/runtime/model-loader.ts';
import { createDetector, type Detector as Stage } from '../../src/stages/detector.ts';
import { createEmbedder, type Embedder } from '../../src/stages/embedder.ts';
import { createMeshModel, type MeshModel } from '../../src/stages/mesh-model.ts';
import { findWithMtcnn, type MtcnnSessions } from './mtcnn.ts';
import type { Detector, OwnDetectorName } from './types.ts';

const MIN_FACE = 22;
/** Overlap from which boxes of two looks are the same face. */
const MAX_IOU = 0.4;
/** From here on a face counts as found. */
const MIN_SCORE = 0.5;
/** What is still worth a second detector's look. */
const MIN_PROPOSAL = 0.12;

/** The models that the detectors share. */
export interface OwnModels {
  readonly rfb: Stage;
  readonly full: Stage;
  readonly short: Stage;
  readonly mesh: MeshModel;
  readonly embedder: Embedder;
  readonly pixels: PixelKernel;
  /** Loaded by the first call. */
  readonly mtcnn: () => Promise<MtcnnSessions>;
}

/** MTCNN's networks, which `mtcnn-models.ts` converts. */
function mtcnnEntry(name: string, side: number): ModelEntry {
  const input = { size: [side, side], layout: 'nchw', channels: 'rgb', mean: 127.5, std: 128 } as const;
  const file = new URL(`/mtcnn/${name}.onnx`, location.href).href;
  return { id: name, role: 'detector', format: 'onnx', file, input, outputs: ['scores', 'offsets'] };
}

export async function loadOwnModels(): Promise<OwnModels> {
  const assets = new URL('/nearface/', location.href).href;
  const loader = new ModelLoader(assets, await chooseBackend('wasm', 1, host), '', host);
  const manifest = (await (await fetch(`${assets}models/manifest.json`)).json()) as ModelManifest;
  const start = async (entry: ModelEntry): Promise<ModelSession> =>
    (await loader.load(entry, () => {})).session;
  const load = (id: string): Promise<ModelSession> =>
    start(manifest.models.find((entry) => entry.id === id)!);
  const loadMtcnn = async (): Promise<MtcnnSessions> => ({
    pnet: await start(mtcnnEntry('pnet', 12)),
    rnet: await start(mtcnnEntry('rnet', 24)),
    onet: await start(mtcnnEntry('onet', 48)),
  });
  let mtcnn: Promise<MtcnnSessions> | undefined;
  return {
    rfb: createDetector(loadedModel(await load('rfb-320'))),
    full: createDetector(loadedModel(await load('blazeface-full'))),
    short: createDetector(loadedModel(await load('blazeface-short'))),
    mesh: createMeshModel(loadedModel(await load('face-landmark'))),
    embedder: createEmbedder(loadedModel(await load('mobilefacenet'))),
    pixels: await loadPixelKernel(host.readAsset, assets),
    mtcnn: () => (mtcnn ??= loadMtcnn()),
  };
}

export function ownDetector(
  name: OwnDetectorName,
  { rfb, full, short, mesh, embedder, pixels, mtcnn }: OwnModels,
): Detector {
  /** With `minFace` Infinity the picture is looked at once, on the whole. */
  const look = (stage: Stage, minFace: number, minScore: number) => (image: Pyramid, region: Box) =>
    proposeFaces(stage, image, region, { minFace, minScore });
  const all =
    (...looks: ReturnType<typeof look>[]) =>
    async (image: Pyramid, region: Box) =>
      greedyNms((await Promise.all(looks.map((one) => one(image, region)))).flat(), MAX_IOU);
  const finders: Readonly<
    Record<
      Exclude<OwnDetectorName, 'nearface'>,
      (image: Pyramid, region: Box) => Promise<readonly Pick<Candidate, 'box' | 'score'>[]>
    >
  > = {
    RFB: all(look(rfb, Infinity, MIN_SCORE)),
    'RFB + tiles': all(look(rfb, MIN_FACE, MIN_SCORE)),
    'BlazeFace full': all(look(full, Infinity, MIN_SCORE)),
    'BlazeFace full + tiles': all(look(full, MIN_FACE, MIN_SCORE)),
    'BlazeFace full + tiles, confirmed': async (image, region) => {
      const proposals = await all(look(full, MIN_FACE, MIN_PROPOSAL))(image, region);
      const judges = { nearDetector: short, mesh, embedder };
      return confirmFaces(judges, image, proposals, { minScore: MIN_SCORE, minFace: MIN_FACE });
    },
    MTCNN: async (image) => findWithMtcnn(await mtcnn(), image, MIN_FACE),
    'RFB and BlazeFace full': all(look(rfb, MIN_FACE, MIN_SCORE), look(full, MIN_FACE, MIN_SCORE)),
  };
  const find = finders[name as keyof typeof finders];
  return {
    async find(picture) {
      const { width, height } = picture;
      const { data } = picture.getContext('2d')!.getImageData(0, 0, width, height);
      const pyramid = new Pyramid({ width, height, data }, pixels);
      const found = await find(pyramid, { left: 0, top: 0, width, height });
      return found
        .filter(({ box }) => Math.min(box.width, box.height) >= MIN_FACE)
        .map(({ box: { left, top, width: w, height: h }, score }) => ({ box: [left, top, w, h], score }));
    },
  };
}
