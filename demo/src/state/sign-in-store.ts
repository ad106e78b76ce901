import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import {
  LIVE_SCORE,
  type Challenge,
  type ChallengeResult,
  type ChallengeStep,
  type Match,
  type NearFace,
} from 'nearface';
import { toThreshold } from '../model/thresholds.ts';
import { type CameraSource, openSource } from './camera-source.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

/** Steps that are asked for, of all there are. */
const STEPS = 3;

/** What the person is asked at this moment. */
export interface Asked {
  readonly source: CameraSource;
  /** What is to be done now; while none is, the face has to look straight on. */
  readonly step?: ChallengeStep;
  /** The same, or what is in the way, as a sentence. */
  readonly text: string;
  /** Steps done, in their order. */
  readonly done: readonly ChallengeStep[];
  readonly steps: number;
  /** Until when the step has to be done, as `performance.now()` tells time. */
  readonly untilMs?: number;
  readonly limitMs?: number;
}

/** How signing in ended. */
export interface SignInOutcome {
  readonly name: string;
  readonly challenge: ChallengeResult;
  /** The stored face of that name that is most like the one before the camera. */
  readonly match?: Match;
  /** Whether it is one person. */
  readonly isSame: boolean;
  /** Object URL of the best look. */
  readonly pictureUrl?: string;
}

export type SignInState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | ({ readonly kind: 'asking' } & Asked)
  | ({ readonly kind: 'done' } & SignInOutcome)
  | { readonly kind: 'failed'; readonly error: unknown };

export interface SignInStore {
  readonly state: ReadonlySignal<SignInState>;
  /** Who it is to be, by name. */
  readonly name: Signal<string>;
  /** Whether prints are told by how they look, too. */
  readonly passive: Signal<boolean>;
  start(): Promise<void>;
  stop(): void;
}

const STRAIGHT = 'Look straight at the camera.';

/** Signing in: a challenge before the camera, then whether it is the person who was chosen. */
export function createSignInStore(engine: Engine, library: Library, settings: Settings): SignInStore {
  const state = signal<SignInState>({ kind: 'off' });
  const name = signal('');
  const passive = signal(true);
  let ending = new AbortController();

  const leave = (): void => {
    ending.abort();
    const before = state.value;
    if (before.kind === 'asking') before.source.close();
    if (before.kind === 'done' && before.pictureUrl) URL.revokeObjectURL(before.pictureUrl);
    state.value = { kind: 'off' };
  };

  const judge = async (nf: NearFace, who: string, challenge: ChallengeResult): Promise<SignInOutcome> => {
    const shown = { name: who, challenge };
    if (!challenge.passed) return { ...shown, isSame: false };
    const gallery = await nf.galleries.get(settings.gallery.peek());
    const search = { meta: who, limit: 1 } as const;
    const threshold = toThreshold(settings.threshold.peek());
    const [same] = await gallery.search([challenge.best], { ...search, threshold });
    const [nearest] = await gallery.search([challenge.best], { ...search, threshold: 'none' });
    const [match] = nearest ?? [];
    return { ...shown, isSame: (same?.length ?? 0) > 0, ...(match && { match }) };
  };

  const start = async (): Promise<void> => {
    leave();
    const mine = (ending = new AbortController());
    state.value = { kind: 'starting' };
    // Whoever is renamed or deleted meanwhile, nobody else is signed in.
    const who = name.peek();
    let source: CameraSource | undefined;
    try {
      const nf = await engine.ready();
      source = await openSource({ kind: 'webcam', deviceId: '' });
      if (mine.signal.aborted) return source.close();
      const challenge = nf.challenge(source.input as MediaStream, {
        count: STEPS,
        signal: mine.signal,
        returnDetails: { liveness: true },
        ...(passive.peek() && { minLiveness: LIVE_SCORE }),
      });
      await show(challenge, source, (asked) => {
        if (!mine.signal.aborted) state.value = { kind: 'asking', ...asked };
      });
      const outcome = await judge(nf, who, await challenge.result);
      source.close();
      if (!mine.signal.aborted) state.value = { kind: 'done', ...outcome, ...pictureOf(outcome) };
      await library.refresh();
    } catch (error) {
      source?.close();
      if (mine === ending && !mine.signal.aborted) state.value = { kind: 'failed', error };
    }
  };
  return { state, name, passive, start, stop: leave };
}

/** Whoever shows it lets go of it. */
function pictureOf({ challenge: { best } }: SignInOutcome): Pick<SignInOutcome, 'pictureUrl'> {
  return best ? { pictureUrl: URL.createObjectURL(best.crop) } : {};
}

/** Tells what is asked until the challenge is over. */
async function show(challenge: Challenge, source: CameraSource, tell: (asked: Asked) => void): Promise<void> {
  let asked: Asked = { source, text: STRAIGHT, done: [], steps: STEPS };
  tell(asked);
  for await (const event of challenge) {
    const { step, untilMs, limitMs, ...rest } = asked;
    switch (event.type) {
      case 'asked':
        asked = {
          ...rest,
          ...{ step: event.step, text: event.text, limitMs: event.limitMs },
          untilMs: performance.now() + event.limitMs,
        };
        break;
      case 'done':
        asked = { ...rest, text: STRAIGHT, done: [...rest.done, event.step] };
        break;
      case 'hint':
        // What is asked for stays until it is done.
        asked = step === undefined ? { ...rest, text: event.text || STRAIGHT } : asked;
        break;
      default:
        continue;
    }
    tell(asked);
  }
}
