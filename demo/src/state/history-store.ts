import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Camera, DayOfVisits, NearFace, PersonMatch, Sighting } from 'nearface';
import { startOf } from '../model/days.ts';
import { FRIEND_RULE, personName, TIME_ZONE } from '../model/person-words.ts';
import { toThreshold } from '../model/thresholds.ts';
import type { Engine } from './engine.ts';
import type { Settings } from './settings.ts';

/** Which sightings are shown; empty fields leave nothing out. */
export interface HistoryFilter {
  readonly personId: string;
  readonly cameraId: string;
  /** The first and the last day, as in `2026-11-29`. */
  readonly from: string;
  readonly to: string;
  readonly friends: 'all' | 'friends' | 'others';
}

/** Who a photo may show, of those who were seen. */
export interface HistoryProbe {
  readonly name: string;
  readonly busy: boolean;
  readonly matches: readonly PersonMatch[];
  readonly error?: unknown;
}

/** Who was seen, when and where. */
export interface HistoryStore {
  readonly filter: Signal<HistoryFilter>;
  readonly sightings: ReadonlySignal<readonly Sighting[]>;
  /** Whether there are older ones than those shown. */
  readonly hasMore: ReadonlySignal<boolean>;
  readonly days: ReadonlySignal<readonly DayOfVisits[]>;
  readonly cameras: ReadonlySignal<readonly Camera[]>;
  /** Whether nothing was ever noted; nothing before that is known. */
  readonly isEmpty: ReadonlySignal<boolean | undefined>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<unknown>;
  readonly probe: ReadonlySignal<HistoryProbe | undefined>;
  /** Shows what fits some conditions and no others. */
  show(filter: Partial<HistoryFilter>): void;
  /** Reads everything that is shown again. */
  refresh(): Promise<void>;
  showMore(): Promise<void>;
  remove(id: string): Promise<void>;
  searchByPhoto(name: string, photo: Blob): Promise<void>;
  endPhotoSearch(): void;
}

const EVERYTHING: HistoryFilter = { personId: '', cameraId: '', from: '', to: '', friends: 'all' };
const STEP = 50;

/** What the library is asked for. */
function conditions({ personId, cameraId, from, to, friends }: HistoryFilter) {
  return {
    ...(personId && { personId }),
    ...(cameraId && { cameraIds: [cameraId] }),
    ...(from && { start: startOf(from) }),
    ...(to && { end: startOf(to, 1) }),
    ...(friends !== 'all' && { friend: friends === 'friends' }),
    friendRule: FRIEND_RULE,
  };
}

export function createHistoryStore(engine: Engine, settings: Settings): HistoryStore {
  const filter = signal(EVERYTHING);
  const sightings = signal<readonly Sighting[]>([]);
  const cursor = signal<string | undefined>(undefined);
  const hasMore = signal(false);
  const days = signal<readonly DayOfVisits[]>([]);
  const cameras = signal<readonly Camera[]>([]);
  const isEmpty = signal<boolean | undefined>(undefined);
  const loading = signal(false);
  const error = signal<unknown>(undefined);
  let round = 0;

  const read = async (load: (nf: NearFace) => Promise<() => void>): Promise<void> => {
    const mine = ++round;
    loading.value = true;
    try {
      const take = await load(await engine.ready());
      if (mine !== round) return;
      take();
      error.value = undefined;
    } catch (caught) {
      if (mine === round) error.value = caught;
    }
    if (mine === round) loading.value = false;
  };

  const refresh = (): Promise<void> =>
    read(async (nf) => {
      const asked = conditions(filter.value);
      const [page, visits, known, usage] = await Promise.all([
        nf.history.search({ ...asked, limit: STEP }),
        nf.history.visits({ ...asked, timeZone: TIME_ZONE }),
        nf.cameras.list(),
        nf.storage.usage(),
      ]);
      return () => {
        sightings.value = page.sightings;
        cursor.value = page.cursor;
        hasMore.value = page.cursor !== undefined;
        days.value = visits;
        cameras.value = known;
        isEmpty.value = usage.people.sightings === 0;
      };
    });

  return {
    ...{ filter, sightings, hasMore, days, cameras, isEmpty, loading, error, refresh },
    show: (some) => (filter.value = { ...EVERYTHING, ...some }),
    showMore: () =>
      read(async (nf) => {
        const from = cursor.value;
        const asked = { ...conditions(filter.value), limit: STEP, ...(from && { cursor: from }) };
        const page = await nf.history.search(asked);
        return () => {
          sightings.value = [...sightings.value, ...page.sightings];
          cursor.value = page.cursor;
          hasMore.value = page.cursor !== undefined;
        };
      }),
    async remove(id) {
      await (await engine.ready()).history.delete(id);
      await refresh();
    },
    ...createPhotoProbe(engine, settings, filter),
  };
}

/** Searches by photo: whom it shows becomes the one that is shown. An answer that a later one overtook, or that is not wanted any more, is dropped. */
function createPhotoProbe(
  engine: Engine,
  settings: Settings,
  filter: Signal<HistoryFilter>,
): Pick<HistoryStore, 'probe' | 'searchByPhoto' | 'endPhotoSearch'> {
  const probe = signal<HistoryProbe | undefined>(undefined);
  let probing = 0;
  return {
    probe,
    async searchByPhoto(name, photo) {
      const mine = ++probing;
      probe.value = { name, busy: true, matches: [] };
      try {
        const threshold = toThreshold(settings.threshold.value);
        const nf = await engine.ready();
        const matches = await nf.people.find(photo, { limit: 5, threshold, mode: 'accurate' });
        if (mine !== probing) return;
        probe.value = { name, busy: false, matches };
        const [match] = matches;
        if (match) filter.value = { ...filter.value, personId: match.person.id };
      } catch (caught) {
        if (mine === probing) probe.value = { name, busy: false, matches: [], error: caught };
      }
    },
    endPhotoSearch() {
      probing++;
      probe.value = undefined;
    },
  };
}

/** What a sighting is called. */
export function sightingName(
  { meta }: Sighting,
  person: { meta: string; number: number } | undefined,
): string {
  if (meta) return meta;
  return person ? personName(person) : 'Nobody in particular';
}
