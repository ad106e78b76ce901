import { humanConfig } from '../harness/human-config.ts';
import { describeTensorFlow, type Answer, type Contestant, type Setup, type TensorFlow } from './types.ts';

interface HumanFace {
  readonly box: readonly number[];
  readonly mesh: readonly unknown[];
  readonly embedding?: readonly number[];
  readonly age?: number;
  readonly emotion?: readonly unknown[];
}

interface Human {
  readonly tf: TensorFlow;
  load(): Promise<void>;
  detect(
    photo: HTMLCanvasElement,
    config: object,
  ): Promise<{ readonly face: readonly HumanFace[]; readonly error?: unknown }>;
}

/** What the library's own mode of this name is timed against: pupils, emotions, age and gender as well. */
export const HUMAN_DETAILS = 'all details';

/** Face detection, mesh and description, and the details if asked for; nothing is taken from the last call. */
function configFor(device: Setup['device'], variant: string): object {
  return humanConfig({
    backend: device === 'webgpu' ? 'webgpu' : 'wasm',
    details: variant === HUMAN_DETAILS,
  });
}

/** @vladmandic/human. Its detector finds one face at most by default, which suits it here. */
export class HumanContestant implements Contestant {
  #human: Human | undefined;
  #device: Setup['device'] = 'wasm';

  async start(setup: Setup): Promise<void> {
    const url = '/human/dist/human.esm.js';
    const { Human } = (await import(url)) as { Human: new (config: object) => Human };
    this.#device = setup.device;
    this.#human = new Human(configFor(setup.device, ''));
    if (setup.device !== 'webgpu') this.#human.tf.setThreadsCount?.(setup.threads);
    await this.#human.load();
  }

  async run(photo: HTMLCanvasElement, variant: string): Promise<Answer> {
    const { face: faces, error } = await this.#human!.detect(photo, configFor(this.#device, variant));
    if (error) throw new Error('Human could not read the photo', { cause: error });
    const [face] = faces;
    return {
      faces: faces.length,
      box: (face?.box ?? []).map(Math.round),
      landmarks: face?.mesh.length ?? 0,
      dimension: face?.embedding?.length ?? 0,
      attributes: face?.emotion?.length && face.age ? 2 : 0,
    };
  }

  async describe(): Promise<Readonly<Record<string, unknown>>> {
    return describeTensorFlow(this.#human!.tf);
  }
}
