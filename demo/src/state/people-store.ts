import { batch, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { FacePatch, FaceRecord, Gallery } from 'nearface';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

/** The faces of the gallery in use, as far as they were looked at. */
export interface PeopleStore {
  /** How many faces there are to look at. */
  readonly total: ReadonlySignal<number>;
  /** A face by its place in the list; nothing while it is not read. */
  at(index: number): FaceRecord | undefined;
  /** Reads the faces from one place to another, if need be. */
  show(first: number, last: number): void;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<unknown>;
  /** Part of the names to show; empty shows everyone. */
  readonly query: Signal<string>;
  update(id: string, patch: FacePatch): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

const PAGE_SIZE = 100;
/** Pages that are kept; those looked at longest ago go first. */
const MOST_PAGES = 40;
/** Most names that one search by text reads faces for. */
const MOST_NAMES = 24;

type FaceList = Pick<PeopleStore, 'total' | 'loading' | 'error' | 'query' | 'at' | 'show'>;

/** The list of faces, read page by page as it is looked at. */
function createFaceList(library: Library, settings: Settings): FaceList {
  /** Pages by number, the one read last at the end; nothing while one is on its way. */
  const pages = signal<ReadonlyMap<number, readonly FaceRecord[] | undefined>>(new Map());
  const total = signal(0);
  const loading = signal(false);
  const error = signal<unknown>(undefined);
  const query = signal('');
  let reading = 0;

  /** Reads something of the list; an answer that a later list overtook is dropped. */
  const read = async (mine: number, load: (gallery: Gallery) => Promise<() => void>): Promise<void> => {
    loading.value = true;
    try {
      const take = await load(await library.gallery());
      if (mine !== reading) return;
      batch(take);
      error.value = undefined;
    } catch (caught) {
      if (mine === reading) error.value = caught;
    }
    if (mine === reading) loading.value = false;
  };

  const readPage = (page: number): void => {
    const mine = reading;
    pages.value = new Map(pages.value).set(page, pages.value.get(page));
    void read(mine, async (gallery) => {
      const { records } = await gallery.list({ limit: PAGE_SIZE, skip: page * PAGE_SIZE });
      return () => {
        const kept = new Map(pages.value);
        kept.delete(page);
        kept.set(page, records);
        for (const [old] of kept) if (kept.size > MOST_PAGES) kept.delete(old);
        pages.value = kept;
      };
    });
  };

  const readMatching = (text: string): Promise<void> =>
    read(++reading, async (gallery) => {
      const records = await matching(gallery, text);
      return () => {
        total.value = records.length;
        pages.value = inPages(records);
      };
    });

  const readAll = (): Promise<void> =>
    read(++reading, async (gallery) => {
      const [count, { records }] = await Promise.all([gallery.count(), gallery.list({ limit: PAGE_SIZE })]);
      return () => {
        total.value = count;
        pages.value = new Map([[0, records]]);
      };
    });

  effect(() => {
    void [library.version.value, settings.gallery.value];
    const text = query.value.trim();
    void (text ? readMatching(text) : readAll());
  });

  return {
    total,
    loading,
    error,
    query,
    at: (index) => pages.value.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE],
    show(first, last) {
      if (query.peek().trim()) return;
      const end = Math.min(last, total.peek() - 1);
      for (let page = Math.floor(first / PAGE_SIZE); page * PAGE_SIZE <= end; page++)
        if (!pages.peek().has(page)) readPage(page);
    },
  };
}

/** The faces whose names contain a text, of the first names that do. */
async function matching(gallery: Gallery, text: string): Promise<readonly FaceRecord[]> {
  const wanted = text.toLowerCase();
  const names = (await gallery.metas()).filter(({ meta }) => meta.toLowerCase().includes(wanted));
  const lists = await Promise.all(
    names.slice(0, MOST_NAMES).map(({ meta }) => gallery.list({ meta, limit: PAGE_SIZE })),
  );
  return lists.flatMap((list) => list.records);
}

function inPages(records: readonly FaceRecord[]): ReadonlyMap<number, readonly FaceRecord[]> {
  const page = (i: number): readonly FaceRecord[] => records.slice(i * PAGE_SIZE, (i + 1) * PAGE_SIZE);
  return new Map(Array.from({ length: Math.ceil(records.length / PAGE_SIZE) }, (_, i) => [i, page(i)]));
}

export function createPeopleStore(library: Library, settings: Settings): PeopleStore {
  return {
    ...createFaceList(library, settings),
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
