import { computed, effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Face, FaceRecord, NearFace, Person, PersonMatch } from 'nearface';
import { count } from '../model/format.ts';
import { arrange, FRIEND_RULE, personName, staysOf, type PersonOrder } from '../model/person-words.ts';
import { toThreshold } from '../model/thresholds.ts';
import { namePerson } from './enrol-seen.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

/** A face of a photo, and who it may be. */
export interface FoundFace {
  readonly face: Face;
  readonly matches: readonly PersonMatch[];
}

/** What a search by photo found. */
export interface PersonSearch {
  readonly name: string;
  readonly busy: boolean;
  readonly faces: readonly FoundFace[];
  readonly error?: unknown;
}

/** How people are put right. What each verb did is told to screen readers. */
export interface PersonDeeds {
  /** Names somebody; a stranger is enrolled with it, in the gallery in use. */
  rename(person: Person, name: string): Promise<void>;
  merge(people: readonly Person[]): Promise<void>;
  notSame(a: Person, b: Person): Promise<void>;
  split(person: Person, faceIds: readonly string[]): Promise<void>;
  /** Says that faces are not of a person: each becomes somebody of its own. */
  notOf(person: Person, faceIds: readonly string[]): Promise<void>;
  move(faceIds: readonly string[], to: Person): Promise<void>;
  deleteFaces(faces: readonly FaceRecord[]): Promise<void>;
  remove(person: Person): Promise<void>;
  undo(): Promise<void>;
}

/** Everyone who is known on this device. */
export interface PersonsStore extends PersonDeeds {
  /** All of them, by number. */
  readonly all: ReadonlySignal<readonly Person[]>;
  /** Those to show, in the order chosen. */
  readonly shown: ReadonlySignal<readonly Person[]>;
  readonly order: Signal<PersonOrder>;
  /** Faces that are of nobody. */
  readonly ungrouped: ReadonlySignal<number>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<unknown>;
  /** The ids that are chosen for a merge. */
  readonly chosen: Signal<ReadonlySet<string>>;
  /** How far a regrouping is, 0..1; nothing while none is under way. */
  readonly progress: ReadonlySignal<number | undefined>;
  readonly found: ReadonlySignal<PersonSearch | undefined>;
  byId(id: string): Person | undefined;
  /** Groups faces of nobody; with `unnamed` also those of people without a name. */
  regroup(unnamed: boolean): Promise<void>;
  cancelRegroup(): void;
  searchByPhoto(name: string, photo: Blob): Promise<void>;
  endPhotoSearch(): void;
}

/** People that are read at a time. */
const PAGE = 2000;

const WHAT = {
  merge: 'the merge',
  split: 'the split',
  move: 'the move',
  notSame: '“not the same”',
  regroup: 'the grouping',
} as const;

interface PersonsParts {
  readonly engine: Engine;
  readonly library: Library;
  readonly settings: Settings;
  readonly query: ReadonlySignal<string>;
  readonly announcement: Signal<string>;
}

type PersonList = Pick<PersonsStore, 'all' | 'shown' | 'order' | 'ungrouped' | 'loading' | 'error'>;

/** What the store reads. */
function createPersonList({ engine, library, query }: PersonsParts): PersonList {
  const all = signal<readonly Person[]>([]);
  const faces = signal(0);
  const order = signal<PersonOrder>('number');
  const loading = signal(false);
  const error = signal<unknown>(undefined);
  let round = 0;

  const read = async (): Promise<void> => {
    const mine = ++round;
    loading.value = true;
    try {
      const nf = await engine.ready();
      const usage = await nf.storage.usage();
      const people = await readPeople(nf);
      if (mine !== round) return;
      faces.value = usage.faces;
      all.value = people;
      error.value = undefined;
    } catch (caught) {
      if (mine === round) error.value = caught;
    }
    if (mine === round) loading.value = false;
  };
  effect(() => {
    if (library.version.value > 0 && engine.state.value.kind === 'ready') untracked(() => void read());
  });
  return {
    all,
    order,
    loading,
    error,
    shown: computed(() => arrange(all.value, query.value, order.value)),
    ungrouped: computed(() => Math.max(0, faces.value - all.value.reduce((sum, one) => sum + one.faces, 0))),
  };
}

async function readPeople(nf: NearFace): Promise<readonly Person[]> {
  const people: Person[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await nf.people.list({
      limit: PAGE,
      friendRule: FRIEND_RULE,
      ...(cursor && { cursor }),
    });
    people.push(...page.people);
    cursor = page.cursor;
  }
  return people;
}

/** Does something, reads everything again, and says what was done. */
type Change = (work: (nf: NearFace) => Promise<string>) => Promise<void>;

function createDeeds(
  change: Change,
  chosen: Signal<ReadonlySet<string>>,
  gallery: Signal<string>,
): PersonDeeds {
  return {
    rename: (person, name) =>
      change(async (nf) => {
        await namePerson(nf, gallery.peek(), person.id, name);
        return `${personName(person)} is called ${name} now.`;
      }),
    merge: (people) =>
      change(async (nf) => {
        const into = staysOf(people);
        const others = people.filter((person) => person !== into);
        if (!into || others.length === 0) return 'Choose two people or more.';
        await nf.people.merge(into.id, ...others.map(({ id }) => id));
        chosen.value = new Set();
        return `${others.map(personName).join(', ')} merged into ${personName(into)}. Undo takes it back.`;
      }),
    notSame: (a, b) =>
      change(async (nf) => {
        await nf.people.notSame(a.id, b.id);
        chosen.value = new Set();
        return `${personName(a)} and ${personName(b)} are kept apart from now on.`;
      }),
    split: (person, faceIds) =>
      change(async (nf) => {
        const made = await nf.people.split(person.id, faceIds);
        return `${personName(made)} was split off from ${personName(person)}.`;
      }),
    notOf: (person, faceIds) =>
      change(async (nf) => {
        for (const id of faceIds) await nf.people.notSame(id, person.id);
        return `Taken out, and kept apart from ${personName(person)} from now on.`;
      }),
    move: (faceIds, to) =>
      change(async (nf) => `Moved to ${personName(await nf.people.move(faceIds, to.id))}.`),
    deleteFaces: (faces) =>
      change(async (nf) => {
        for (const { id, galleries } of faces)
          for (const name of galleries) await (await nf.galleries.get(name)).delete(id);
        return 'Deleted.';
      }),
    remove: (person) =>
      change(async (nf) => {
        await nf.people.delete(person.id);
        return `${personName(person)} deleted, with every face, sighting and picture.`;
      }),
    undo: () =>
      change(async (nf) => {
        const undone = await nf.people.undo();
        return undone ? `Took back ${WHAT[undone.what]}.` : 'There is nothing to take back.';
      }),
  };
}

export function createPersonsStore(parts: PersonsParts): PersonsStore {
  const { engine, library, settings, announcement } = parts;
  const list = createPersonList(parts);
  const chosen = signal<ReadonlySet<string>>(new Set());
  const progress = signal<number | undefined>(undefined);
  const found = signal<PersonSearch | undefined>(undefined);
  let controller = new AbortController();
  /** Counts searches by photo: an answer that a later one overtook, or that is not wanted any more, is dropped. */
  let searching = 0;

  const change: Change = async (work) => {
    const said = await work(await engine.ready());
    await library.refresh();
    announcement.value = said;
  };
  return {
    ...list,
    ...createDeeds(change, chosen, settings.gallery),
    chosen,
    progress,
    found,
    byId: (id) => list.all.value.find((person) => person.id === id),
    async regroup(unnamed) {
      controller = new AbortController();
      progress.value = 0;
      try {
        await change(async (nf) => {
          const { made, assigned } = await nf.people.regroup({
            unnamed,
            signal: controller.signal,
            onProgress: ({ done, total }) => (progress.value = total > 0 ? done / total : 0),
          });
          return `${count(assigned, 'face')} put together; ${count(made, 'person', 'people')} new.`;
        });
      } finally {
        progress.value = undefined;
      }
    },
    cancelRegroup: () => controller.abort(),
    async searchByPhoto(name, photo) {
      const mine = ++searching;
      found.value = { name, busy: true, faces: [] };
      try {
        const faces = await findPeople(await engine.ready(), settings, photo);
        if (mine === searching) found.value = { name, busy: false, faces };
      } catch (error) {
        if (mine === searching) found.value = { name, busy: false, faces: [], error };
      }
    },
    endPhotoSearch() {
      searching++;
      found.value = undefined;
    },
  };
}

/** Who each face of a photo may be. */
async function findPeople(nf: NearFace, settings: Settings, photo: Blob): Promise<readonly FoundFace[]> {
  const { faces } = await nf.embed(photo, { mode: 'accurate', returnDetails: { crop: true } });
  const threshold = toThreshold(settings.threshold.value);
  const found: FoundFace[] = [];
  for (const face of faces) {
    const { embedding } = face;
    const matches = embedding ? await nf.people.find({ ...face, embedding }, { limit: 12, threshold }) : [];
    found.push({ face, matches });
  }
  return found;
}
