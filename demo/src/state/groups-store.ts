import { signal, type ReadonlySignal } from '@preact/signals';
import type { FaceRecord } from 'nearface';
import type { Library } from './library.ts';

/** Faces that are likely of one person, as the page shows them. */
export interface ShownGroup {
  readonly key: string;
  readonly ids: readonly string[];
  /** Some of them. */
  readonly faces: readonly FaceRecord[];
  /** The name that most of the shown faces carry; empty if none does. */
  readonly name: string;
}

/** Who is likely who in the gallery in use. */
export interface GroupsStore {
  readonly groups: ReadonlySignal<readonly ShownGroup[] | undefined>;
  /** Faces in no group. */
  readonly singles: ReadonlySignal<number>;
  /** How far the grouping is, from 0 to 1; nothing while none is under way. */
  readonly progress: ReadonlySignal<number | undefined>;
  readonly error: ReadonlySignal<unknown>;
  find(): Promise<void>;
  cancel(): void;
  /** Gives all faces of a group a name. */
  rename(group: ShownGroup, name: string): Promise<void>;
  /** Makes one group of several, under the name of the largest. */
  merge(groups: readonly ShownGroup[]): Promise<void>;
}

/** Faces of a group that are shown. */
const SHOWN = 6;
/** Most groups that are shown. */
const MOST_GROUPS = 60;

export function createGroupsStore(library: Library): GroupsStore {
  const groups = signal<readonly ShownGroup[] | undefined>(undefined);
  const singles = signal(0);
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

  return {
    groups,
    singles,
    progress,
    error,
    async find() {
      controller = new AbortController();
      progress.value = 0;
      await attempt(async () => {
        const gallery = await library.gallery();
        // A proposal that a person looks at: at `medium`, so that small faces of one photo and another are grouped too.
        const found = await gallery.cluster({
          threshold: 'medium',
          signal: controller.signal,
          onProgress: ({ done, total }) => (progress.value = total > 0 ? done / total : 0),
        });
        const shown = found.groups.slice(0, MOST_GROUPS).map(async ({ face, ids }) => {
          const others = await Promise.all(ids.slice(1, SHOWN).map((id) => gallery.get(id)));
          const faces = [face, ...others];
          return { key: face.id, ids, faces, name: commonName(faces) };
        });
        groups.value = await Promise.all(shown);
        singles.value = found.singles;
      });
      progress.value = undefined;
    },
    cancel: () => controller.abort(),
    rename: (group, name) =>
      attempt(async () => {
        await nameAll(group.ids, name);
        const named = { ...group, name, faces: group.faces.map((face) => ({ ...face, meta: name })) };
        groups.value = groups.value?.map((other) => (other.key === group.key ? named : other));
      }),
    merge: (merged) =>
      attempt(async () => {
        const [largest, ...rest] = merged.toSorted((a, b) => b.ids.length - a.ids.length);
        if (!largest || rest.length === 0) return;
        const ids = merged.flatMap((group) => group.ids);
        const name = largest.name || (rest.find((group) => group.name)?.name ?? '');
        await nameAll(ids, name);
        const one = { ...largest, ids, name, faces: merged.flatMap(({ faces }) => faces).slice(0, SHOWN) };
        const gone = new Set(rest.map(({ key }) => key));
        groups.value = groups.value
          ?.filter(({ key }) => !gone.has(key))
          .map((group) => (group.key === largest.key ? one : group));
      }),
  };
}

function commonName(faces: readonly FaceRecord[]): string {
  const counts = new Map<string, number>();
  for (const { meta } of faces) if (meta) counts.set(meta, (counts.get(meta) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}
