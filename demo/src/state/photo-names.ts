import { effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { Face } from 'nearface';
import type { Library } from './library.ts';
import { findNames, type Names } from './photo-analysis.ts';
import type { PhotoItem } from './photo-item.ts';
import type { Settings } from './settings.ts';

/** Who the faces of the open photos are; looked up again whenever the stored faces or the threshold change. */
export interface PhotoNames {
  /** Why names could not be looked up. */
  readonly error: ReadonlySignal<unknown>;
  lookUp(faces: readonly Face[]): Promise<readonly Names[]>;
  /** Number of the newest round: an answer whose names are of an earlier one needs another. */
  round(): number;
  /** Looks all names up in another round. */
  again(): void;
  /** Resolves when the newest round is done. */
  settled(): Promise<void>;
}

export function createPhotoNames(
  library: Library,
  settings: Settings,
  items: ReadonlySignal<readonly PhotoItem[]>,
): PhotoNames {
  const error = signal<unknown>(undefined);
  let round = 0;
  let newest = Promise.resolve();

  const lookUp = async (faces: readonly Face[]): Promise<readonly Names[]> => {
    try {
      const found = await findNames(library, settings, faces);
      error.value = undefined;
      return found;
    } catch (caught) {
      error.value = caught;
      return faces.map(() => ({ nearest: [] }));
    }
  };

  /** A round ends with the next one as soon as there is one: its names would be older. */
  const lookAllUp = async (): Promise<void> => {
    const mine = ++round;
    for (const { state } of items.peek()) {
      const before = state.peek();
      if (before.kind !== 'done') continue;
      const names = await lookUp(before.detection.faces);
      if (mine !== round) return newest;
      const now = state.peek();
      if (now.kind === 'done' && now.detection === before.detection) state.value = { ...now, names };
    }
  };
  const again = (): void => {
    newest = lookAllUp();
  };
  effect(() => {
    void [library.version.value, settings.gallery.value, settings.threshold.value];
    untracked(again);
  });
  return { error, lookUp, round: () => round, again, settled: () => newest };
}
