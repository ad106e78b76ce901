import { effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Face, Gallery } from 'nearface';
import { overlap } from '../model/area.ts';
import { faceRejected } from '../model/explain.ts';
import { rejectedWords } from '../model/gates.ts';
import { findOptions, sameCall, type PhotoCall } from '../model/call-text.ts';
import type { NamedPhoto } from '../model/samples.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import { analyse, type PhotoAnswer, type PhotoState } from './photo-analysis.ts';
import { newItem, type PhotoItem } from './photo-item.ts';
import { createPhotoNames } from './photo-names.ts';
import { createSightings, type Sightings } from './sightings.ts';
import type { Settings } from './settings.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

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
  open(photos: readonly NamedPhoto[]): void;
  select(item: PhotoItem): void;
  close(item: PhotoItem): void;
  retry(item: PhotoItem): void;
  /** Stores a face of a photo in the gallery in use, and looks its name up. */
  enrol(item: PhotoItem, face: Face, meta: string): Promise<void>;
  /**
   * Chooses the next unknown face of a photo, or none if all are known. Answers false, and changes nothing, if `face` is
   * not the chosen one any more.
   */
  moveOnFrom(item: PhotoItem, face: Face): boolean;
  /** Where those who were enrolled are seen again. */
  readonly sightings: ReadonlySignal<Sightings | undefined>;
}

/** Faces of two answers are taken for the same from this overlap of their boxes on. */
const SAME_PLACE = 0.3;

export function createPhotoStore(engine: Engine, library: Library, settings: Settings): PhotoStore {
  const items = signal<readonly PhotoItem[]>([]);
  const selected = signal<PhotoItem | undefined>(undefined);
  const face = signal<number | undefined>(undefined);
  const pane = signal<FacePane>('who');
  const names = createPhotoNames(library, settings, items);
  let nextKey = 1;

  const queue: WorkQueue<PhotoItem> = createWorkQueue(async (item) => {
    if (!items.value.includes(item)) return;
    const round = names.round();
    const answer = await analyse(engine, item.blob, callFor(item, settings), names.lookUp);
    const before = item.state.value;
    item.state.value = answer;
    item.busy.value = queue.waits(item);
    forget(items.value.includes(item) ? before : answer);
    if (item === selected.value) face.value = sameFace(before, answer, face.value);
    if (names.round() !== round) names.again();
  });
  const enqueue = (item: PhotoItem): void => {
    if (item.state.value.kind === 'failed') item.state.value = { kind: 'waiting' };
    item.busy.value = true;
    queue.add(item);
  };

  /** Looks at the photo shown again when it was looked at in another way than is chosen now. */
  effect(() => {
    const item = selected.value;
    if (!item) return;
    const [call, state] = [callFor(item, settings), item.state.value];
    if (state.kind !== 'waiting' && !sameCall(state.call, call)) untracked(() => enqueue(item));
  });

  const sightings = createSightings(engine, library, settings, ({ name }) =>
    items.peek().some((item) => item.isSample && item.name === name),
  );

  return {
    items,
    selected,
    face,
    pane,
    namesError: names.error,
    open(photos) {
      const added = photos.map((photo) => newItem(nextKey++, photo));
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
      await names.settled();
      void sightings.enrolled(meta, item);
    },
    moveOnFrom(item, left) {
      const [state, index] = [item.state.value, face.value];
      if (item !== selected.value || index === undefined || pane.value !== 'who') return false;
      const chosen = state.kind === 'done' ? state.detection.faces[index] : undefined;
      if (!chosen || overlap(chosen.position, left.position) < SAME_PLACE) return false;
      face.value = nextUnknown(state, index);
      return true;
    },
    sightings: sightings.last,
  };

  function select(item: PhotoItem | undefined): void {
    selected.value = item;
    face.value = undefined;
  }
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
    liveness: settings.askLiveness.value,
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

/** The first other face that has no name, looked for from number `index` on and then from the first. */
function nextUnknown(state: PhotoState, index: number): number | undefined {
  if (state.kind !== 'done') return undefined;
  const count = state.names.length;
  const order = Array.from({ length: count - 1 }, (_, i) => (index + 1 + i) % count);
  return order.find((i) => !state.names[i]?.name);
}

function forget(state: PhotoState): void {
  const { turnedUrl }: Partial<PhotoAnswer> = state.kind === 'done' ? state : {};
  if (turnedUrl) URL.revokeObjectURL(turnedUrl);
}
