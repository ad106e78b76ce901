/** The libraries, loaded by URL, with all but face detection switched off and their own options otherwise. */
import type { NearFace } from '../../src/index.ts';
import { startLibrary } from '../../tools/library-in-page.ts';
import { loadOwnModels, ownDetector } from './own-detectors.ts';
import {
  OWN_DETECTORS,
  type ContestantName,
  type Detector,
  type FoundBox,
  type OwnDetectorName,
} from './types.ts';

/** Faces under it are left out of nearface's answers; lets the smallest faces of the scenes count. */
const MIN_FACE = 22;

interface Human {
  load(): Promise<void>;
  detect(picture: HTMLCanvasElement): Promise<{
    readonly face: readonly {
      readonly box: readonly [number, number, number, number];
      readonly boxScore: number;
    }[];
    readonly error?: unknown;
  }>;
}

interface FaceApi {
  readonly tf: {
    setWasmPaths(prefix: string): void;
    setBackend(name: string): Promise<boolean>;
    ready(): Promise<void>;
    enableProdMode(): void;
  };
  readonly nets: Readonly<
    Record<'ssdMobilenetv1' | 'tinyFaceDetector', { loadFromUri(url: string): Promise<void> }>
  >;
  readonly SsdMobilenetv1Options: new () => object;
  readonly TinyFaceDetectorOptions: new () => object;
  detectAllFaces(
    picture: HTMLCanvasElement,
    options: object,
  ): Promise<
    readonly {
      readonly score: number;
      readonly box: {
        readonly x: number;
        readonly y: number;
        readonly width: number;
        readonly height: number;
      };
    }[]
  >;
}

/** Starts a library; the detectors share what they can. */
export async function startContestant(
  name: ContestantName,
  shared: Map<string, Promise<unknown>>,
): Promise<Detector> {
  const once = <T>(key: string, start: () => Promise<T>): Promise<T> => {
    const started = (shared.get(key) as Promise<T> | undefined) ?? start();
    shared.set(key, started);
    return started;
  };
  if (name === 'human') return human();
  if (name === 'nearface' || name === 'nearface, fast') {
    const nf = await once('nearface', startLibrary);
    return nearface(nf, name === 'nearface' ? 'accurate' : 'fast');
  }
  if ((OWN_DETECTORS as readonly string[]).includes(name))
    return ownDetector(name as OwnDetectorName, await once('own', loadOwnModels));
  return faceApi(await once('face-api', startFaceApi), name === 'face-api SSD');
}

function nearface(nf: NearFace, mode: 'accurate' | 'fast'): Detector {
  return {
    async turn(picture) {
      return (await nf.detect(picture, { autoRotate: true })).rotation;
    },
    async mesh(picture) {
      const { faces } = await nf.detect(picture, { maxFaces: 1, returnDetails: { mesh: true } });
      return faces[0]?.mesh;
    },
    async find(picture, { minFaceSize = MIN_FACE } = {}) {
      const { faces } = await nf.detect(picture, { mode, minFaceSize, maxFaces: 1000 });
      return faces.map(({ position: { left, top, width, height }, score }) => ({
        box: [left, top, width, height],
        score,
      }));
    },
  };
}

async function human(): Promise<Detector> {
  const url = '/human/dist/human.esm.js';
  const { Human } = (await import(url)) as { Human: new (config: object) => Human };
  const off = { enabled: false };
  const instance = new Human({
    backend: 'wasm',
    wasmPath: '/tfjs-wasm/',
    modelBasePath: '/human/models/',
    warmup: 'none',
    debug: false,
    cacheSensitivity: 0,
    filter: { enabled: false },
    gesture: off,
    face: {
      enabled: true,
      detector: { rotation: false, return: false, skipFrames: 0, skipTime: 0, maxDetected: 100 },
      mesh: off,
      description: off,
      attention: off,
      iris: off,
      emotion: off,
      antispoof: off,
      liveness: off,
    },
    body: off,
    hand: off,
    object: off,
    segmentation: off,
  });
  await instance.load();
  return {
    async find(picture) {
      const { face, error } = await instance.detect(picture);
      if (error) throw new Error('Human could not read the picture', { cause: error });
      return face.map(({ box, boxScore }) => ({ box, score: boxScore }));
    },
  };
}

async function startFaceApi(): Promise<FaceApi> {
  const url = '/face-api/dist/face-api.esm.js';
  const api = (await import(url)) as FaceApi;
  api.tf.setWasmPaths('/tfjs-wasm/');
  await api.tf.setBackend('wasm');
  api.tf.enableProdMode();
  await api.tf.ready();
  return api;
}

async function faceApi(api: FaceApi, ssd: boolean): Promise<Detector> {
  await (ssd ? api.nets.ssdMobilenetv1 : api.nets.tinyFaceDetector).loadFromUri('/face-api/model/');
  return {
    async find(picture) {
      const options = ssd ? new api.SsdMobilenetv1Options() : new api.TinyFaceDetectorOptions();
      const found = await api.detectAllFaces(picture, options);
      return found.map(({ score, box: { x, y, width, height } }): FoundBox => ({
        box: [x, y, width, height],
        score,
      }));
    },
  };
}
