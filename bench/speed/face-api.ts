import { describeTensorFlow, type Answer, type Contestant, type Setup, type TensorFlow } from './types.ts';

interface Net {
  loadFromUri(url: string): Promise<void>;
}

interface Result {
  readonly detection: {
    readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  };
  readonly landmarks: { readonly positions: readonly unknown[] };
  readonly descriptor: Float32Array;
}

interface FaceApi {
  readonly tf: TensorFlow;
  readonly nets: Readonly<
    Record<
      | 'ssdMobilenetv1'
      | 'tinyFaceDetector'
      | 'faceLandmark68Net'
      | 'faceLandmark68TinyNet'
      | 'faceRecognitionNet',
      Net
    >
  >;
  readonly SsdMobilenetv1Options: new () => object;
  readonly TinyFaceDetectorOptions: new () => object;
  detectAllFaces(
    photo: HTMLCanvasElement,
    options: object,
  ): { withFaceLandmarks(tiny: boolean): { withFaceDescriptors(): Promise<readonly Result[]> } };
}

/** Detector and landmark model, both with the library's default options. */
export const FACE_API_VARIANTS = ['tiny+68', 'tiny+68tiny', 'ssd+68', 'ssd+68tiny'] as const;

/** @vladmandic/face-api; a variant's models are loaded when it first runs. */
export class FaceApiContestant implements Contestant {
  #api: FaceApi | undefined;
  readonly #loaded = new Set<Net>();

  async start(setup: Setup): Promise<void> {
    const url = '/face-api/dist/face-api.esm.js';
    const api = (await import(url)) as FaceApi;
    this.#api = api;
    const backend = setup.device === 'webgpu' ? 'webgl' : 'wasm';
    if (backend === 'wasm') {
      api.tf.setWasmPaths?.('/tfjs-wasm/');
      api.tf.setThreadsCount?.(setup.threads);
    }
    await api.tf.setBackend(backend);
    api.tf.enableProdMode();
    await api.tf.ready();
  }

  async run(photo: HTMLCanvasElement, variant: string): Promise<Answer> {
    const api = this.#api!;
    const [tinyDetector, tinyLandmarks] = [variant.startsWith('tiny+'), variant.endsWith('68tiny')];
    await this.#load(tinyDetector ? api.nets.tinyFaceDetector : api.nets.ssdMobilenetv1);
    await this.#load(tinyLandmarks ? api.nets.faceLandmark68TinyNet : api.nets.faceLandmark68Net);
    await this.#load(api.nets.faceRecognitionNet);
    const options = tinyDetector ? new api.TinyFaceDetectorOptions() : new api.SsdMobilenetv1Options();
    const results = await api
      .detectAllFaces(photo, options)
      .withFaceLandmarks(tinyLandmarks)
      .withFaceDescriptors();
    const { x = 0, y = 0, width = 0, height = 0 } = results[0]?.detection.box ?? {};
    return {
      faces: results.length,
      box: [x, y, width, height].map(Math.round),
      landmarks: results[0]?.landmarks.positions.length ?? 0,
      dimension: results[0]?.descriptor.length ?? 0,
    };
  }

  async describe(): Promise<Readonly<Record<string, unknown>>> {
    return describeTensorFlow(this.#api!.tf);
  }

  async #load(net: Net): Promise<void> {
    if (this.#loaded.has(net)) return;
    await net.loadFromUri('/face-api/model/');
    this.#loaded.add(net);
  }
}
