/** How @vladmandic/human is asked by every benchmark: nothing is taken over from the picture before. */

const OFF = { enabled: false } as const;
const EVERY_TIME = { skipFrames: 0, skipTime: 0 } as const;

/** What it is to do beside face detection, mesh and description. */
export interface HumanWork {
  readonly backend: 'wasm' | 'webgpu';
  /** Default: its own, one. */
  readonly maxDetected?: number;
  /** Pupils, emotions, age and gender as well. Default: false. */
  readonly details?: boolean;
}

/** The configuration of Human. */
export function humanConfig({ backend, maxDetected, details = false }: HumanWork): object {
  const detail = details ? { enabled: true, ...EVERY_TIME } : OFF;
  return {
    backend,
    wasmPath: '/tfjs-wasm/',
    modelBasePath: '/human/models/',
    warmup: 'none',
    debug: false,
    cacheSensitivity: 0,
    filter: { enabled: false, autoBrightness: false, return: false },
    gesture: OFF,
    face: {
      enabled: true,
      detector: { ...EVERY_TIME, ...(maxDetected && { maxDetected }), rotation: false, return: false },
      mesh: { enabled: true },
      description: { enabled: true, ...EVERY_TIME },
      attention: OFF,
      iris: detail,
      emotion: detail,
      antispoof: OFF,
      liveness: OFF,
    },
    body: OFF,
    hand: OFF,
    object: OFF,
    segmentation: OFF,
  };
}
