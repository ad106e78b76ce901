/** The libraries that are timed. */
export type ContestantName = 'nearface' | 'human' | 'face-api';

/** How a contestant is set up. */
export interface Setup {
  readonly device: 'auto' | 'wasm' | 'webgpu';
  /** Threads of the WASM backend. */
  readonly threads: number;
}

/** What a contestant found, to check that everybody did the work. */
export interface Answer {
  readonly faces: number;
  /** Box of the first face in pixels: left, top, width, height, rounded. */
  readonly box: readonly number[];
  readonly landmarks: number;
  /** Length of the embedding. */
  readonly dimension: number;
  /** How many kinds of attributes came along: age with gender, emotions, what is worn. */
  readonly attributes?: number;
}

/** An answer and how long it took. */
export interface Timed {
  readonly ms: number;
  readonly answer: Answer;
}

/** A library behind the one call that is timed. */
export interface Contestant {
  start(setup: Setup): Promise<void>;
  run(photo: HTMLCanvasElement, variant: string): Promise<Answer>;
  describe(): Promise<Readonly<Record<string, unknown>>>;
}

/** Width of the photo in pixels. */
export const PHOTO_WIDTH = 1280;
/** Height of the photo in pixels. */
export const PHOTO_HEIGHT = 960;

/** The few TF.js calls that the peers' set-up needs. */
export interface TensorFlow {
  setWasmPaths?(prefix: string): void;
  setThreadsCount?(threads: number): void;
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  ready(): Promise<void>;
  enableProdMode(): void;
  env(): { getAsync(flag: string): Promise<boolean> };
}

/** SIMD and threads of TF.js's WASM backend, as TF.js found them. */
export async function describeTensorFlow(tf: TensorFlow): Promise<Readonly<Record<string, unknown>>> {
  return {
    backend: tf.getBackend(),
    simd: await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
    multithreaded: await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'),
  };
}
