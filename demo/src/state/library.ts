import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Gallery, GallerySummary, MetaCount, NearFace } from 'nearface';
import type { Engine } from './engine.ts';
import type { Settings } from './settings.ts';

/** What is stored, as the pages show it: the galleries, the names in the one in use, and the space taken. */
export interface Library {
  readonly galleries: ReadonlySignal<readonly GallerySummary[]>;
  readonly metas: ReadonlySignal<readonly MetaCount[]>;
  /** The summary of the gallery in use, once known. */
  readonly inUse: ReadonlySignal<GallerySummary | undefined>;
  readonly usageBytes: ReadonlySignal<number>;
  readonly persisted: ReadonlySignal<boolean>;
  /** Why the last refresh failed. */
  readonly error: ReadonlySignal<unknown>;
  /** Goes up whenever stored faces changed, so that names are looked up again. */
  readonly version: ReadonlySignal<number>;
  /** The gallery in use. */
  gallery(): Promise<Gallery>;
  /** Reads everything again after a change. */
  refresh(): Promise<void>;
  /** Asks the browser to keep the database. Answers whether it agreed. */
  persist(): Promise<boolean>;
}

export function createLibrary(engine: Engine, settings: Settings): Library {
  const galleries = signal<readonly GallerySummary[]>([]);
  const metas = signal<readonly MetaCount[]>([]);
  const usageBytes = signal(0);
  const persisted = signal(false);
  const error = signal<unknown>(undefined);
  const version = signal(0);

  const gallery = async (): Promise<Gallery> => (await engine.ready()).galleries.get(settings.gallery.value);

  let round = 0;
  let newest = Promise.resolve();
  /** What a later round overtook is dropped: it would show what was before. */
  const read = async (): Promise<void> => {
    const mine = ++round;
    try {
      const nf = await engine.ready();
      const list = await nf.galleries.list();
      if (mine !== round) return newest;
      galleries.value = list;
      settings.gallery.value = existing(list, settings.gallery.value);
      const names = await (await gallery()).metas();
      if (mine !== round) return newest;
      metas.value = names;
      error.value = undefined;
    } catch (caught) {
      if (mine !== round) return newest;
      error.value = caught;
    }
    version.value++;
    const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
    usageBytes.value = estimate?.usage ?? openingUsage(engine);
    persisted.value = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  };

  const refresh = (): Promise<void> => (newest = read());

  const persist = async (): Promise<boolean> => {
    persisted.value = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
    return persisted.value;
  };

  const inUse = computed(() => galleries.value.find(({ name }) => name === settings.gallery.value));
  return { galleries, metas, inUse, usageBytes, persisted, error, version, gallery, refresh, persist };
}

function existing(galleries: readonly GallerySummary[], name: string): string {
  return galleries.some((gallery) => gallery.name === name) ? name : 'default';
}

function openingUsage(engine: Engine): number {
  const state = engine.state.peek();
  const nf: NearFace | undefined = state.kind === 'ready' ? state.nf : undefined;
  return nf?.info.storage.usageBytes ?? 0;
}
