import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { FaceGroup, FaceRecord, Gallery } from 'nearface';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

/** Faces that are likely of one person, or one face that is like no other, as the page shows them. */
export interface ShownGroup {
  readonly key: string;
  readonly ids: readonly string[];
  /** Some of them. */
  readonly faces: readonly FaceRecord[];
  /** The name that most of the shown faces carry; empty if none does. */
  readonly name: string;
}

/** Groups of several faces, and faces in no group. */
type Kind = 'groups' | 'singles';
type ByKind<T> = Readonly<Record<Kind, T>>;

/** What a grouping found. */
export interface Grouped {
  /** The gallery's name. */
  readonly gallery: string;
  /** The largest first; a single face is a group of one. */
  readonly shown: ByKind<readonly ShownGroup[]>;
  /** What is not shown yet. */
  readonly rest: ByKind<readonly FaceGroup[]>;
  /** Faces in the gallery when they were grouped. */
  readonly faces: number;
}

/** Who is likely who in the gallery in use. */
export interface GroupsStore {
  /** Nothing before the faces were grouped. */
  readonly grouped: ReadonlySignal<Grouped | undefined>;
  /** Whether faces were enrolled or deleted since. */
  readonly outdated: ReadonlySignal<boolean>;
  /** How far the grouping is, from 0 to 1; nothing while none is under way. */
  readonly progress: ReadonlySignal<number | undefined>;
  readonly error: ReadonlySignal<unknown>;
  find(): Promise<void>;
  cancel(): void;
  /** Shows some more groups or single faces. */
  showMore(kind: Kind): Promise<void>;
  /** Shows some more faces of a group. */
  showFaces(group: ShownGroup): Promise<void>;
  /** Gives all faces of a group a name. */
  rename(group: ShownGroup, name: string): Promise<void>;
  /** Makes one group of several, single faces among them, under the name of the largest that has one. */
  merge(groups: readonly ShownGroup[]): Promise<void>;
}

/** Faces of a group that are shown at first. */
const FIRST_FACES = 6;
/** Groups, single faces, or faces of one group that are shown with each step. */
const STEP = 60;

export function createGroupsStore(library: Library, settings: Settings): GroupsStore {
  const found = signal<Grouped | undefined>(undefined);
  /** What was found in another gallery, or in one that is empty now, is not there any more. */
  const grouped = computed(() =>
    found.value?.gallery === settings.gallery.value && library.inUse.value?.count ? found.value : undefined,
  );
  const progress = signal<number | undefined>(undefined);
  const error = signal<unknown>(undefined);
  let controller = new AbortController();

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      error.value = undefined;
    } catch (caught) {
      error.value = caught;
    }
  };
  const nameAll = async (ids: readonly string[], meta: string): Promise<void> => {
    await (await library.gallery()).updateMany(ids, { meta });
    await library.refresh();
  };
  const replace = (group: ShownGroup): void => {
    found.value = found.value && withGroup(found.value, group);
  };

  return {
    grouped,
    outdated: computed(
      () => grouped.value !== undefined && grouped.value.faces !== library.inUse.value?.count,
    ),
    progress,
    error,
    async find() {
      controller = new AbortController();
      progress.value = 0;
      await attempt(async () => {
        const gallery = await library.gallery();
        // A proposal that a person looks at: at `medium`, so that small faces of one photo and another are grouped too.
        const { groups } = await gallery.cluster({
          threshold: 'medium',
          minSize: 1,
          signal: controller.signal,
          onProgress: ({ done, total }) => (progress.value = total > 0 ? done / total : 0),
        });
        found.value = await firstOf(gallery, groups);
      });
      progress.value = undefined;
    },
    cancel: () => controller.abort(),
    showMore: (kind) =>
      attempt(async () => {
        const now = grouped.value;
        if (now) found.value = await withMore(await library.gallery(), now, kind);
      }),
    showFaces: (group) =>
      attempt(async () => {
        const from = group.faces.length;
        const more = await readFaces(await library.gallery(), group.ids.slice(from, from + STEP));
        replace({ ...group, faces: [...group.faces, ...more] });
      }),
    rename: (group, name) =>
      attempt(async () => {
        await nameAll(group.ids, name);
        replace({ ...group, name, faces: group.faces.map((face) => ({ ...face, meta: name })) });
      }),
    merge: (merged) =>
      attempt(async () => {
        const one = united(merged);
        if (!one) return;
        await nameAll(one.ids, one.name);
        found.value = found.value && withMerged(found.value, merged, one);
      }),
  };
}

/** Some of the groups and some of the single faces. */
async function firstOf(gallery: Gallery, all: readonly FaceGroup[]): Promise<Grouped> {
  const rest = {
    groups: all.filter(({ ids }) => ids.length > 1),
    singles: all.filter(({ ids }) => ids.length === 1),
  };
  const faces = all.reduce((sum, { ids }) => sum + ids.length, 0);
  const none: Grouped = { gallery: gallery.name, shown: { groups: [], singles: [] }, rest, faces };
  return withMore(gallery, await withMore(gallery, none, 'groups'), 'singles');
}

async function withMore(gallery: Gallery, before: Grouped, kind: Kind): Promise<Grouped> {
  const more = before.rest[kind].slice(0, STEP).map(async ({ face, ids }) => {
    const faces = [face, ...(await readFaces(gallery, ids.slice(1, FIRST_FACES)))];
    return { key: face.id, ids, faces, name: commonName(faces) };
  });
  const shown = [...before.shown[kind], ...(await Promise.all(more))];
  return {
    ...before,
    shown: { ...before.shown, [kind]: shown },
    rest: { ...before.rest, [kind]: before.rest[kind].slice(STEP) },
  };
}

/** The same with one group as it is now. */
function withGroup(before: Grouped, group: ShownGroup): Grouped {
  const groups = before.shown.groups.map((other) => (other.key === group.key ? group : other));
  return { ...before, shown: { ...before.shown, groups } };
}

/** The same with `one` in place of the groups that were merged into it; at the end, if it was a single face. */
function withMerged(before: Grouped, merged: readonly ShownGroup[], one: ShownGroup): Grouped {
  const gone = new Set(merged.map(({ key }) => key).filter((key) => key !== one.key));
  const { groups, singles } = withGroup(before, one).shown;
  const left = groups.filter(({ key }) => !gone.has(key));
  const shown = {
    groups: left.includes(one) ? left : [...left, one],
    singles: singles.filter(({ key }) => key !== one.key && !gone.has(key)),
  };
  return { ...before, shown };
}

function readFaces(gallery: Gallery, ids: readonly string[]): Promise<FaceRecord[]> {
  return Promise.all(ids.map((id) => gallery.get(id)));
}

/** The largest of some groups with the faces of all; nothing if there is but one. */
function united(groups: readonly ShownGroup[]): ShownGroup | undefined {
  const largestFirst = groups.toSorted((a, b) => b.ids.length - a.ids.length);
  const [largest] = largestFirst;
  if (!largest || groups.length < 2) return undefined;
  const name = largestFirst.find((group) => group.name)?.name ?? '';
  const faces = largestFirst.flatMap((group) => group.faces).map((face) => ({ ...face, meta: name }));
  // The faces that are shown come first, so that what is shown next are the others.
  const shown = new Set(faces.map(({ id }) => id));
  const rest = largestFirst.flatMap(({ ids }) => ids).filter((id) => !shown.has(id));
  return { key: largest.key, ids: [...shown, ...rest], faces, name };
}

function commonName(faces: readonly FaceRecord[]): string {
  const counts = new Map<string, number>();
  for (const { meta } of faces) if (meta) counts.set(meta, (counts.get(meta) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}
