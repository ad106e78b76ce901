import {
  describeTensorFlow,
  type Answer,
  type Contestant,
  type Setup,
  type TensorFlow,
} from './speed-types.ts';

interface HumanFace {
  readonly box: readonly number[];
  readonly mesh: readonly unknown[];
  readonly embedding?: readonly number[];
}

interface Human {
  readonly tf: TensorFlow;
  load(): Promise<void>;
  detect(
    photo: HTMLCanvasElement,
  ): Promise<{ readonly face: readonly HumanFace[]; readonly error?: unknown }>;
}

const OFF = { enabled: false } as const;
const EVERY_TIME = { skipFrames: 0, skipTime: 0 } as const;

/** Face detection, mesh and description only; nothing is taken from the last call. */
function configFor(device: Setup['device']): object {
  return {
    backend: device === 'webgpu' ? 'webgpu' : 'wasm',
    wasmPath: '/tfjs-wasm/',
    modelBasePath: '/human/models/',
    warmup: 'none',
    debug: false,
    cacheSensitivity: 0,
    filter: { enabled: false, autoBrightness: false, return: false },
    gesture: OFF,
    face: {
      enabled: true,
      detector: { ...EVERY_TIME, rotation: false, return: false },
      mesh: { enabled: true },
      description: { enabled: true, ...EVERY_TIME },
      attention: OFF,
      iris: OFF,
      emotion: OFF,
      antispoof: OFF,
      liveness: OFF,
    },
    body: OFF,
    hand: OFF,
    object: OFF,
    segmentation: OFF,
  };
}

/** @vladmandic/human. Its detector finds one face at most by default, which suits it here. */
export class HumanContestant implements Contestant {
  #human: Human | undefined;

  async start(setup: Setup): Promise<void> {
    const url = '/human/dist/human.esm.js';
    const { Human } = (await import(url)) as { Human: new (config: object) => Human };
    this.#human = new Human(configFor(setup.device));
    if (setup.device !== 'webgpu') this.#human.tf.setThreadsCount?.(setup.threads);
    await this.#human.load();
  }

  async run(photo: HTMLCanvasElement): Promise<Answer> {
    const { face: faces, error } = await this.#human!.detect(photo);
    if (error) throw new Error('Human could not read the photo', { cause: error });
    const [face] = faces;
    return {
      faces: faces.length,
      box: (face?.box ?? []).map(Math.round),
      landmarks: face?.mesh.length ?? 0,
      dimension: face?.embedding?.length ?? 0,
    };
  }

  async describe(): Promise<Readonly<Record<string, unknown>>> {
    return describeTensorFlow(this.#human!.tf);
  }
}
