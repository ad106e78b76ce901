import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { FacePatch, FaceRecord, Gallery, Identification } from 'nearface';
import { toThreshold } from '../model/thresholds.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

/** The faces of the gallery in use, as far as they were asked for. */
export interface PeopleStore {
  readonly records: ReadonlySignal<readonly FaceRecord[]>;
  /** Whether the gallery has more faces than `records` shows. */
  readonly more: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<unknown>;
  /** Part of the names to show; empty shows everyone. */
  readonly query: Signal<string>;
  /** What a search by photo found; replaces the list while it is there. */
  readonly found: ReadonlySignal<PhotoSearch | undefined>;
  loadMore(): Promise<void>;
  searchByPhoto(name: string, photo: Blob): Promise<void>;
  endPhotoSearch(): void;
  update(id: string, patch: FacePatch): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

export interface PhotoSearch {
  readonly name: string;
  readonly busy: boolean;
  readonly faces: readonly Identification[];
  readonly error?: unknown;
}

const PAGE_SIZE = 48;
/** Most names that one search by text reads faces for. */
const MOST_NAMES = 24;

export function createPeopleStore(library: Library, settings: Settings): PeopleStore {
  const records = signal<readonly FaceRecord[]>([]);
  const cursor = signal<string | undefined>(undefined);
  const loading = signal(false);
  const error = signal<unknown>(undefined);
  const query = signal('');
  const found = signal<PhotoSearch | undefined>(undefined);
  let reading = 0;

  /** Reads into `records`; an answer that a later reading overtook is dropped. */
  const read = async (load: (gallery: Gallery) => Promise<readonly FaceRecord[]>): Promise<void> => {
    const mine = ++reading;
    loading.value = true;
    try {
      const answer = await load(await library.gallery());
      if (mine !== reading) return;
      records.value = answer;
      error.value = undefined;
    } catch (caught) {
      if (mine === reading) error.value = caught;
    }
    if (mine === reading) loading.value = false;
  };

  const readPage = (before: readonly FaceRecord[], from?: string, limit: number = PAGE_SIZE): Promise<void> =>
    read(async (gallery) => {
      const page = await gallery.list({ limit, ...(from !== undefined && { cursor: from }) });
      cursor.value = page.cursor;
      return [...before, ...page.records];
    });

  const readMatching = (text: string): Promise<void> =>
    read(async (gallery) => {
      const wanted = text.toLowerCase();
      const names = (await gallery.metas()).filter(({ meta }) => meta.toLowerCase().includes(wanted));
      const pages = await Promise.all(
        names.slice(0, MOST_NAMES).map(({ meta }) => gallery.list({ meta, limit: PAGE_SIZE })),
      );
      cursor.value = undefined;
      return pages.flatMap((page) => page.records);
    });

  effect(() => {
    void [library.version.value, settings.gallery.value];
    const text = query.value.trim();
    const shown = Math.min(10_000, Math.max(PAGE_SIZE, records.peek().length));
    void (text ? readMatching(text) : readPage([], undefined, shown));
  });

  return {
    records,
    more: computed(() => cursor.value !== undefined),
    loading,
    error,
    query,
    found,
    loadMore: () => readPage(records.value, cursor.value),
    async searchByPhoto(name, photo) {
      found.value = { name, busy: true, faces: [] };
      try {
        const gallery = await library.gallery();
        const threshold = toThreshold(settings.threshold.value);
        const faces = await gallery.identify(photo, {
          faces: 'all',
          limit: 12,
          threshold,
          mode: 'accurate',
          returnDetails: { crop: true },
        });
        found.value = { name, busy: false, faces };
      } catch (caught) {
        found.value = { name, busy: false, faces: [], error: caught };
      }
    },
    endPhotoSearch: () => (found.value = undefined),
    async update(id, patch) {
      await (await library.gallery()).update(id, patch);
      await library.refresh();
    },
    async remove(ids) {
      await (await library.gallery()).delete(ids);
      await library.refresh();
    },
  };
}
