import { effect, signal, type Signal } from '@preact/signals';
import { MODES, type Mode } from '../model/call-text.ts';
import type { GateChoice } from '../model/gates.ts';
import type { ThresholdChoice } from '../model/thresholds.ts';

export type DeviceChoice = 'auto' | 'webgpu' | 'wasm';

/** What tells people apart: the library's default model, or the one of two networks. */
export type EmbeddingChoice = 'default' | 'fused';

/** What the person at the page chose; kept in the browser between visits. */
export interface Settings {
  /** Name of the gallery that names come from and enrolments go to. */
  readonly gallery: Signal<string>;
  readonly threshold: Signal<ThresholdChoice>;
  readonly device: Signal<DeviceChoice>;
  /** What tells people apart. */
  readonly embedding: Signal<EmbeddingChoice>;
  /** How faces are looked for on the page Photo. */
  readonly mode: Signal<Mode>;
  readonly autoRotate: Signal<boolean>;
  readonly askQuality: Signal<boolean>;
  readonly askAttributes: Signal<boolean>;
  readonly askLiveness: Signal<boolean>;
  /** What quality is held against. */
  readonly gate: Signal<GateChoice>;
  readonly showPose: Signal<boolean>;
  readonly showLandmarks: Signal<boolean>;
  readonly showMesh: Signal<boolean>;
  readonly mirror: Signal<boolean>;
  /** What is drawn on the faces of the camera, beside names. */
  readonly liveMesh: Signal<boolean>;
  readonly livePose: Signal<boolean>;
  readonly liveMood: Signal<boolean>;
  readonly liveTrails: Signal<boolean>;
}

const KEY = 'nearface-demo';

/** Settings as they were left at the last visit; a browser without storage starts from the defaults. */
export function createSettings(storage: Storage | undefined): Settings {
  const saved = read(storage);
  const settings: Settings = {
    gallery: signal(text(saved['gallery'], 'default')),
    threshold: signal(pick(saved['threshold'], ['strict', 'default', 'medium', 'low', 'fpir'], 'default')),
    device: signal(pick(saved['device'], ['auto', 'webgpu', 'wasm'], 'auto')),
    embedding: signal(pick(saved['embedding'], ['default', 'fused'], 'default')),
    mode: signal(pick(saved['mode'], MODES, 'accurate')),
    autoRotate: signal(saved['autoRotate'] === true),
    askQuality: signal(saved['askQuality'] !== false),
    askAttributes: signal(saved['askAttributes'] !== false),
    askLiveness: signal(saved['askLiveness'] === true),
    gate: signal(pick(saved['gate'], ['none', 'lenient', 'passport'], 'lenient')),
    showPose: signal(saved['showPose'] !== false),
    showLandmarks: signal(saved['showLandmarks'] === true),
    showMesh: signal(saved['showMesh'] === true),
    mirror: signal(saved['mirror'] !== false),
    liveMesh: signal(saved['liveMesh'] === true),
    livePose: signal(saved['livePose'] === true),
    liveMood: signal(saved['liveMood'] === true),
    liveTrails: signal(saved['liveTrails'] !== false),
  };
  effect(() => {
    const values = Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]));
    try {
      storage?.setItem(KEY, JSON.stringify(values));
    } catch {
      // A full or refused localStorage only costs the memory of these choices.
    }
  });
  return settings;
}

/** The page's localStorage, or nothing where the browser refuses it. */
export function pageStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

function read(storage: Storage | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(storage?.getItem(KEY) ?? '{}');
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' && value ? value : fallback;
}

function pick<T extends string>(value: unknown, choices: readonly T[], fallback: T): T {
  return choices.find((choice) => choice === value) ?? fallback;
}
