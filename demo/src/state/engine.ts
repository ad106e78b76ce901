import { signal, type ReadonlySignal } from '@preact/signals';
import { NearFace, type Progress } from 'nearface';
import type { DeviceChoice } from './settings.ts';

export type EngineState =
  | { readonly kind: 'starting'; readonly progress?: Progress }
  | { readonly kind: 'ready'; readonly nf: NearFace }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The one NearFace of the page, and how its start is going. */
export interface Engine {
  readonly state: ReadonlySignal<EngineState>;
  /** The instance once it is ready; rejects with what made the start fail. */
  ready(): Promise<NearFace>;
  /** Ends the instance in use and starts another on `device`; an encrypted database needs its passphrase. */
  start(device: DeviceChoice, passphrase?: string): void;
}

/** Where the page keeps the library's workers, WASM and models. */
const ASSETS = './nearface/';

export function createEngine(): Engine {
  const state = signal<EngineState>({ kind: 'starting' });
  let current: Promise<NearFace> = new Promise(() => {});
  let run = 0;
  /** The passphrase that was given, for when the device is changed. */
  let secret: string | undefined;

  const start = (device: DeviceChoice, passphrase?: string): void => {
    const mine = ++run;
    const before = state.value;
    state.value = { kind: 'starting' };
    if (passphrase !== undefined) secret = passphrase;
    const opening = open(before, device, secret, (progress) => {
      if (mine === run) state.value = { kind: 'starting', progress };
    });
    current = opening;
    opening.then(
      (nf) => {
        if (mine === run) state.value = { kind: 'ready', nf };
        else void nf.dispose();
      },
      (error: unknown) => {
        if (mine === run) state.value = { kind: 'failed', error };
      },
    );
  };
  return { state, start, ready: () => current };
}

async function open(
  before: EngineState,
  device: DeviceChoice,
  passphrase: string | undefined,
  onProgress: (progress: Progress) => void,
): Promise<NearFace> {
  if (before.kind === 'ready') await before.nf.dispose();
  return NearFace.create({
    assets: ASSETS,
    device,
    keep: 'crops',
    onProgress,
    ...(passphrase !== undefined && { passphrase }),
  });
}
