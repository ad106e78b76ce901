import { signal, type ReadonlySignal } from '@preact/signals';
import { NearFace, NearFaceError, type Progress } from 'nearface';
import type { Settings } from './settings.ts';
import { withProgress, type StartProgress } from './start-progress.ts';

export type EngineState =
  | { readonly kind: 'starting'; readonly progress: StartProgress }
  | { readonly kind: 'ready'; readonly nf: NearFace }
  /** The database is encrypted; `wrong` says so if what was given does not open it. */
  | { readonly kind: 'locked'; readonly wrong?: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What opens an encrypted database: its passphrase, or a passkey, for which the browser asks. */
export type Opener = string | { readonly passkey: true };

/** The one NearFace of the page, and how its start is going. */
export interface Engine {
  readonly state: ReadonlySignal<EngineState>;
  /** The instance once it is ready; rejects with what made the start fail. */
  ready(): Promise<NearFace>;
  /** Ends the instance in use and starts another by the settings; an encrypted database needs what opens it. */
  start(opener?: Opener): void;
  /** Remembers the passphrase that the database has now, for when device or model are changed. */
  remember(passphrase: string): void;
  /** Deletes the database, also one that is locked, and starts anew. */
  erase(): Promise<void>;
}

/** Where the page keeps the library's workers, WASM and models. */
export const ASSETS = './nearface/';

export function createEngine(settings: Pick<Settings, 'device' | 'embedding'>): Engine {
  const state = signal<EngineState>({ kind: 'starting', progress: {} });
  let current: Promise<NearFace> = new Promise(() => {});
  let run = 0;
  let secret: Opener | undefined;

  const start = (opener?: Opener): void => {
    const mine = ++run;
    const before = state.value;
    state.value = { kind: 'starting', progress: {} };
    if (opener !== undefined) secret = opener;
    const opening = open(before, settings, secret, (progress) => {
      if (mine !== run || state.value.kind !== 'starting') return;
      state.value = { kind: 'starting', progress: withProgress(state.value.progress, progress) };
    });
    current = opening;
    opening.then(
      (nf) => {
        if (mine === run) state.value = { kind: 'ready', nf };
        else void nf.dispose();
      },
      (error: unknown) => {
        if (mine !== run) return;
        state.value = isLocked(error)
          ? { kind: 'locked', ...(secret !== undefined && { wrong: wrongly(secret, error) }) }
          : { kind: 'failed', error };
        if (isLocked(error)) secret = undefined;
      },
    );
  };

  return {
    state,
    start,
    ready: () => current,
    remember: (passphrase) => (secret = passphrase),
    async erase() {
      await NearFace.erase({ assets: ASSETS });
      secret = undefined;
      start();
    },
  };
}

function isLocked(error: unknown): error is NearFaceError {
  return error instanceof NearFaceError && (error.code === 'LOCKED' || error.details['needs'] === 'passkeys');
}

/** Why a passphrase or a passkey does not open the database. */
function wrongly(opener: Opener, { message }: NearFaceError): string {
  return typeof opener === 'string' ? 'This passphrase does not open them.' : message;
}

async function open(
  before: EngineState,
  { device, embedding }: Pick<Settings, 'device' | 'embedding'>,
  opener: Opener | undefined,
  onProgress: (progress: Progress) => void,
): Promise<NearFace> {
  if (before.kind === 'ready') await before.nf.dispose();
  return NearFace.create({
    assets: ASSETS,
    device: device.peek(),
    ...(embedding.peek() !== 'default' && { models: { embedding: embedding.peek() } }),
    keep: 'crops',
    people: 'auto',
    global: true,
    preload: { embedding: true },
    onProgress,
    ...(typeof opener === 'string' ? { passphrase: opener } : opener),
  });
}
