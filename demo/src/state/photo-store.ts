import { effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Detection, Face, Match, NearFace, Timings } from 'nearface';
import { toThreshold } from '../model/thresholds.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

/** Who a face may be. */
export interface Names {
  /** The best stored face at or above the threshold. */
  readonly name?: Match;
  /** The stored faces most like it, whatever the threshold. */
  readonly nearest: readonly Match[];
}

export type PhotoState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | {
      readonly kind: 'done';
      readonly detection: Detection;
      /** One entry per face. */
      readonly names: readonly Names[];
      readonly timings: Timings;
    };

/** One photo on the page. */
export interface PhotoItem {
  readonly key: number;
  readonly name: string;
  readonly blob: Blob;
  /** Object URL of `blob`; revoked when the photo is closed. */
  readonly url: string;
  readonly state: Signal<PhotoState>;
}

export interface PhotoStore {
  readonly items: ReadonlySignal<readonly PhotoItem[]>;
  readonly selected: ReadonlySignal<PhotoItem | undefined>;
  /** Index of the face whose numbers are open. */
  readonly face: Signal<number | undefined>;
  /** Why names could not be looked up. */
  readonly namesError: ReadonlySignal<unknown>;
  /** Opens photos and shows the first of them. */
  open(photos: readonly { readonly name: string; readonly blob: Blob }[]): void;
  select(item: PhotoItem): void;
  close(item: PhotoItem): void;
  retry(item: PhotoItem): void;
  /** Stores a face of a photo in the gallery in use. */
  enrol(item: PhotoItem, face: Face, meta: string): Promise<void>;
}

export function createPhotoStore(engine: Engine, library: Library, settings: Settings): PhotoStore {
  const items = signal<readonly PhotoItem[]>([]);
  const selected = signal<PhotoItem | undefined>(undefined);
  const face = signal<number | undefined>(undefined);
  const namesError = signal<unknown>(undefined);
  const queue: PhotoItem[] = [];
  let nextKey = 1;
  let busy = false;

  const lookUp = async (faces: readonly Face[]): Promise<readonly Names[]> => {
    try {
      const found = await findNames(library, settings, faces);
      namesError.value = undefined;
      return found;
    } catch (error) {
      namesError.value = error;
      return faces.map(() => ({ nearest: [] }));
    }
  };

  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let item = queue.shift(); item; item = queue.shift()) {
      if (items.value.includes(item)) item.state.value = await analyse(engine, item.blob, lookUp);
    }
    busy = false;
  };

  const enqueue = (item: PhotoItem): void => {
    item.state.value = { kind: 'waiting' };
    queue.push(item);
    void work();
  };

  const rename = async (): Promise<void> => {
    for (const item of items.peek()) {
      const before = item.state.peek();
      if (before.kind !== 'done') continue;
      const names = await lookUp(before.detection.faces);
      if (item.state.peek() === before) item.state.value = { ...before, names };
    }
  };
  effect(() => {
    void [library.version.value, settings.gallery.value, settings.threshold.value];
    void rename();
  });

  return {
    items,
    selected,
    face,
    namesError,
    open(photos) {
      const added = photos.map(({ name, blob }) => newItem(nextKey++, name, blob));
      items.value = [...items.value, ...added];
      if (added[0]) select(added[0]);
      added.forEach(enqueue);
    },
    select,
    close(item) {
      URL.revokeObjectURL(item.url);
      const at = items.value.indexOf(item);
      items.value = items.value.filter((other) => other !== item);
      if (selected.value === item) select(items.value[Math.min(at, items.value.length - 1)]);
    },
    retry: enqueue,
    async enrol(item, { position }, meta) {
      const gallery = await library.gallery();
      await gallery.add(item.blob, { boxes: [position], meta, mode: 'accurate' });
      await library.refresh();
    },
  };

  function select(item: PhotoItem | undefined): void {
    selected.value = item;
    face.value = undefined;
  }
}

function newItem(key: number, name: string, blob: Blob): PhotoItem {
  return { key, name, blob, url: URL.createObjectURL(blob), state: signal<PhotoState>({ kind: 'waiting' }) };
}

async function analyse(
  engine: Engine,
  blob: Blob,
  lookUp: (faces: readonly Face[]) => Promise<readonly Names[]>,
): Promise<PhotoState> {
  try {
    const nf: NearFace = await engine.ready();
    const returnDetails = { angle: true, landmarks: true, mesh: true, crop: true };
    const detection = await nf.embed(blob, { mode: 'accurate', returnDetails });
    const timings = nf.info.timings;
    return { kind: 'done', detection, timings, names: await lookUp(detection.faces) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

async function findNames(
  library: Library,
  settings: Settings,
  faces: readonly Face[],
): Promise<readonly Names[]> {
  const embeddings = faces.flatMap(({ embedding }) => (embedding ? [embedding] : []));
  if (embeddings.length !== faces.length || embeddings.length === 0)
    return faces.map(() => ({ nearest: [] }));
  const gallery = await library.gallery();
  const threshold = toThreshold(settings.threshold.value);
  const [named, nearest] = await Promise.all([
    gallery.search(embeddings, { limit: 1, threshold }),
    gallery.search(embeddings, { limit: 3, threshold: 'none' }),
  ]);
  return faces.map((_, i) => {
    const name = named[i]?.[0];
    return { nearest: nearest[i] ?? [], ...(name && { name }) };
  });
}
