import { signal, type ReadonlySignal } from '@preact/signals';
import { NearFaceError } from 'nearface';

/** What work is handed. */
export interface TaskRun {
  readonly signal: AbortSignal;
  /** Tells how far it is, 0..1. */
  readonly report: (share: number) => void;
}

/** Something that takes long, once at a time. What a later start overtook is dropped. */
export interface LongTask<Result> {
  /** How far it is, 0..1; nothing while it does not run. */
  readonly progress: ReadonlySignal<number | undefined>;
  /** The last one that was told; it stays while another is under way, and when that is stopped. */
  readonly result: ReadonlySignal<Result | undefined>;
  /** What made the last run fail. */
  readonly error: ReadonlySignal<unknown>;
  /** Answers whether it came to its end. */
  start(): Promise<boolean>;
  cancel(): void;
  /** Puts another result in the place of the last. */
  replace(result: Result): void;
  /** Stops it, and forgets what it told. */
  reset(): void;
}

/** @param work - tells results by `tell`, one or, as they grow, several */
export function createLongTask<Result>(
  work: (run: TaskRun, tell: (result: Result) => void) => Promise<void>,
): LongTask<Result> {
  const progress = signal<number | undefined>(undefined);
  const result = signal<Result | undefined>(undefined);
  const error = signal<unknown>(undefined);
  let controller = new AbortController();

  const begin = (): AbortController => {
    controller.abort();
    controller = new AbortController();
    error.value = undefined;
    return controller;
  };
  return {
    progress,
    result,
    error,
    async start() {
      const mine = begin();
      // What was told on the way may come after the end.
      let isOver = false;
      const isMine = (): boolean => mine === controller && !isOver;
      progress.value = 0;
      try {
        const report = (share: number): void => {
          if (isMine()) progress.value = share;
        };
        await work({ signal: mine.signal, report }, (told) => {
          if (isMine()) result.value = told;
        });
        return isMine();
      } catch (caught) {
        if (isMine() && !isAborted(caught)) error.value = caught;
        return false;
      } finally {
        if (isMine()) progress.value = undefined;
        isOver = true;
      }
    },
    cancel: () => controller.abort(),
    replace: (told) => (result.value = told),
    reset() {
      begin();
      progress.value = undefined;
      result.value = undefined;
    },
  };
}

function isAborted(error: unknown): boolean {
  return error instanceof NearFaceError && error.code === 'ABORTED';
}
