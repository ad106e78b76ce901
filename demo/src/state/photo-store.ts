import { effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Box, Detection, Face, Gallery } from 'nearface';
import { overlap } from '../model/area.ts';
import { faceRejected } from '../model/explain.ts';
import { rejectedWords } from '../model/gates.ts';
import { findOptions, sameCall, type PhotoCall } from '../model/call-text.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import { analyse, findNames, type Names, type PhotoAnswer, type PhotoState } from './photo-analysis.ts';
import type { Settings } from './settings.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

/** One photo on the page. */
export interface PhotoItem {
  readonly key: number;
  readonly name: string;
  readonly blob: Blob;
  /** Object URL of `blob`; revoked when the photo is closed. */
  readonly url: string;
  readonly state: Signal<PhotoState>;
  /** Whether it waits to be looked at, for the first time or again. */
  readonly busy: Signal<boolean>;
  /** Where faces are looked for, in pixels of the photo before quarter turns; all of it if undefined. */
  readonly area: Signal<Box | undefined>;
}

/** What is shown of the open face. */
export type FacePane = 'who' | 'quality' | 'attributes' | 'numbers';

export interface PhotoStore {
  readonly items: ReadonlySignal<readonly PhotoItem[]>;
  readonly selected: ReadonlySignal<PhotoItem | undefined>;
  /** Index of the face whose numbers are open. */
  readonly face: Signal<number | undefined>;
  readonly pane: Signal<FacePane>;
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

/** Faces of two answers are taken for the same from this overlap of their boxes on. */
const SAME_PLACE = 0.3;

export function createPhotoStore(engine: Engine, library: Library, settings: Settings): PhotoStore {
  const items = signal<readonly PhotoItem[]>([]);
  const selected = signal<PhotoItem | undefined>(undefined);
  const face = signal<number | undefined>(undefined);
  const pane = signal<FacePane>('who');
  const namesError = signal<unknown>(undefined);
  let nextKey = 1;

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

  const queue: WorkQueue<PhotoItem> = createWorkQueue(async (item) => {
    if (!items.value.includes(item)) return;
    const answer = await analyse(engine, item.blob, callFor(item, settings), lookUp);
    const before = item.state.value;
    item.state.value = answer;
    item.busy.value = queue.waits(item);
    forget(items.value.includes(item) ? before : answer);
    if (item === selected.value) face.value = sameFace(before, answer, face.value);
  });
  const enqueue = (item: PhotoItem): void => {
    if (item.state.value.kind === 'failed') item.state.value = { kind: 'waiting' };
    item.busy.value = true;
    queue.add(item);
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
    untracked(() => void rename());
  });
  /** Looks at the photo shown again when it was looked at in another way than is chosen now. */
  effect(() => {
    const item = selected.value;
    if (!item) return;
    const [call, state] = [callFor(item, settings), item.state.value];
    if (state.kind !== 'waiting' && !sameCall(state.call, call)) untracked(() => enqueue(item));
  });

  return {
    items,
    selected,
    face,
    pane,
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
      forget(item.state.value);
      const at = items.value.indexOf(item);
      items.value = items.value.filter((other) => other !== item);
      if (selected.value === item) select(items.value[Math.min(at, items.value.length - 1)]);
    },
    retry: enqueue,
    async enrol(item, chosen, meta) {
      await enrolFace(await library.gallery(), item, chosen, meta);
      await library.refresh();
    },
  };

  function select(item: PhotoItem | undefined): void {
    selected.value = item;
    face.value = undefined;
  }
}

/** Width and height of a photo before the answer's quarter turns. */
export function unturnedSize({ width, height, rotation }: Detection): { width: number; height: number } {
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

function newItem(key: number, name: string, blob: Blob): PhotoItem {
  return {
    key,
    name,
    blob,
    url: URL.createObjectURL(blob),
    state: signal<PhotoState>({ kind: 'waiting' }),
    busy: signal(true),
    area: signal<Box | undefined>(undefined),
  };
}

/** Stores the face that was found at the chosen one's place, found in the same way. */
async function enrolFace(gallery: Gallery, item: PhotoItem, { position }: Face, meta: string): Promise<void> {
  const state = item.state.value;
  const how = state.kind === 'done' ? findOptions(state.call) : {};
  const { records, rejected } = await gallery.add(item.blob, { ...how, boxes: [position], meta });
  if (records.length === 0) throw faceRejected(rejectedWords(rejected));
}

/** How a photo is to be looked at by what is chosen now. */
function callFor(item: PhotoItem, settings: Settings): PhotoCall {
  const area = item.area.value;
  return {
    mode: settings.mode.value,
    autoRotate: settings.autoRotate.value,
    ...(area && { area }),
    quality: settings.askQuality.value,
    attributes: settings.askAttributes.value,
  };
}

/** Index in `after` of the face that was number `index` in `before`. */
function sameFace(before: PhotoState, after: PhotoState, index: number | undefined): number | undefined {
  if (before.kind !== 'done' || after.kind !== 'done' || index === undefined) return undefined;
  const box = before.detection.faces[index]?.position;
  if (!box || before.detection.rotation !== after.detection.rotation) return undefined;
  const shares = after.detection.faces.map(({ position }) => overlap(position, box));
  const best = shares.indexOf(Math.max(...shares));
  return (shares[best] ?? 0) >= SAME_PLACE ? best : undefined;
}

function forget(state: PhotoState): void {
  const { turnedUrl }: Partial<PhotoAnswer> = state.kind === 'done' ? state : {};
  if (turnedUrl) URL.revokeObjectURL(turnedUrl);
}
