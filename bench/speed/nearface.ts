import type { Attributes, EmbedOptions, NearFace } from '../../src/index.ts';
import type { Answer, Contestant, Setup } from './types.ts';

/**
 * How `embed` is called: without a choice, as `compare`, `add` and `identify` look for their one face, and with the
 * quick look only.
 */
const OPTIONS: Readonly<Record<string, EmbedOptions>> = {
  default: {},
  'one face': { mode: 'auto', faces: 'biggest' },
  fast: { mode: 'fast' },
  'all details': {
    faces: 'biggest',
    returnDetails: { angle: true, landmarks: true, mesh: true, quality: true, attributes: true },
  },
};

/** The modes that are timed. */
export const NEARFACE_VARIANTS: readonly string[] = Object.keys(OPTIONS);

/** This library, from `dist`. */
export class NearFaceContestant implements Contestant {
  #nf: NearFace | undefined;

  async start(setup: Setup): Promise<void> {
    const url = '/nearface/nearface.js';
    const { NearFace: create } = (await import(url)) as { NearFace: typeof NearFace };
    const threads = setup.device === 'wasm' ? { threads: setup.threads } : {};
    this.#nf = await create.create({ assets: '/nearface/', device: setup.device, ...threads });
  }

  async run(photo: HTMLCanvasElement, variant: string): Promise<Answer> {
    const { faces } = await this.#nf!.embed(photo, {
      returnDetails: { landmarks: true },
      ...OPTIONS[variant],
    });
    const { left = 0, top = 0, width = 0, height = 0 } = faces[0]?.position ?? {};
    return {
      faces: faces.length,
      box: [left, top, width, height].map(Math.round),
      landmarks: faces[0]?.landmarks?.length ?? 0,
      dimension: faces[0]?.embedding?.length ?? 0,
      attributes: attributeKinds(faces[0]?.attributes),
    };
  }

  async describe(): Promise<Readonly<Record<string, unknown>>> {
    const { backend, threads, simd, adapter, timings } = this.#nf!.info;
    return { backend, threads, simd, adapter, timings };
  }
}

function attributeKinds(attributes: Attributes | undefined): number {
  const { age, emotions, glasses } = attributes ?? {};
  return [age, emotions, glasses].filter((found) => found !== undefined).length;
}
