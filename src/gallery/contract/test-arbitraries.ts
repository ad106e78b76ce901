/** Operations on galleries, by chance. */
import fc from 'fast-check';
import type { FacePatch } from '../../core/records.ts';

const GALLERIES = ['default', 'a', 'b'] as const;

export type Simple =
  | { readonly kind: 'create' | 'delete-gallery' | 'delete-with-faces'; readonly gallery: string }
  | {
      readonly kind: 'add';
      readonly galleries: readonly string[];
      readonly count: number;
      readonly dimension: number;
      readonly hasCrop: boolean;
    }
  | {
      /** Out of the gallery, or out of all. */
      readonly kind: 'delete' | 'delete-anywhere';
      readonly gallery: string;
      readonly picks: readonly number[];
    }
  | {
      readonly kind: 'replace';
      readonly gallery: string;
      readonly pick: number;
      readonly hasCrop: boolean;
      /** Whether the face is looked for in all galleries. */
      readonly isAnywhere: boolean;
    }
  | { readonly kind: 'expire'; readonly now: number }
  | {
      readonly kind: 'update';
      readonly gallery: string;
      readonly picks: readonly number[];
      readonly patch: FacePatch;
    }
  | { readonly kind: 'erase' };

export type Command =
  | Simple
  | {
      readonly kind: 'import';
      readonly gallery: string;
      readonly dimension: number;
      readonly batches: readonly { readonly count: number; readonly meanwhile: readonly Simple[] }[];
      readonly fails: boolean;
    }
  | {
      readonly kind: 'swap';
      readonly dimension: number;
      /** One face of so many gets no new embedding. */
      readonly share: number;
      readonly missing: 'keep' | 'delete';
    }
  | { readonly kind: 'reopen' };

const gallery = fc.constantFrom(...GALLERIES);
const dimension = fc.oneof(
  { weight: 5, arbitrary: fc.constant(8) },
  { weight: 1, arbitrary: fc.constant(5) },
);
const picks = fc.array(fc.nat(999), { minLength: 1, maxLength: 4 });
const names = fc.uniqueArray(gallery);

const add = (crowd: number): fc.Arbitrary<Extract<Simple, { readonly kind: 'add' }>> =>
  fc.record({
    kind: fc.constant('add' as const),
    galleries: fc.uniqueArray(gallery, { minLength: 1 }),
    count: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(1, 2, 5) },
      { weight: 1, arbitrary: fc.constant(crowd) },
    ),
    dimension,
    hasCrop: fc.boolean(),
  });
const remove = fc.record({
  kind: fc.constantFrom('delete' as const, 'delete' as const, 'delete-anywhere' as const),
  gallery,
  picks: fc.oneof(picks, fc.constant(Array.from({ length: 500 }, (_, i) => i))),
});
const update = fc.record({
  kind: fc.constant('update' as const),
  gallery,
  picks,
  patch: fc.record(
    {
      meta: fc.constantFrom('', 'Sam', 'sam', 'Ünï 𝕊', 'x'.repeat(1024)),
      personId: fc.constantFrom('p1', 'p2', null),
      cameraId: fc.constantFrom('c1', 'c2', null),
      expiresAt: fc.constantFrom(100, 200, null),
      galleries: fc.oneof(
        names.map((set) => ({ set })),
        fc.record({ add: names, remove: names }),
      ),
    },
    { requiredKeys: [] },
  ),
});
const replace = fc.record({
  kind: fc.constant('replace' as const),
  gallery,
  pick: fc.nat(999),
  hasCrop: fc.boolean(),
  isAnywhere: fc.boolean(),
});
const expire = fc.record({ kind: fc.constant('expire' as const), now: fc.constantFrom(99, 100, 250) });
const manage = fc.record({
  kind: fc.constantFrom(
    ...(['create', 'create', 'delete-gallery', 'delete-gallery', 'delete-with-faces'] as const),
  ),
  gallery,
});
const erase = fc.constant({ kind: 'erase' as const });
const simple = (crowd: number): fc.Arbitrary<Simple> =>
  fc.oneof(
    { weight: 20, arbitrary: add(crowd) },
    { weight: 10, arbitrary: remove },
    { weight: 12, arbitrary: update },
    { weight: 6, arbitrary: manage },
    { weight: 5, arbitrary: replace },
    { weight: 2, arbitrary: expire },
    { weight: 1, arbitrary: erase },
  );
const importing = (crowd: number): fc.Arbitrary<Extract<Command, { readonly kind: 'import' }>> =>
  fc.record({
    kind: fc.constant('import' as const),
    gallery,
    dimension,
    batches: fc.array(
      fc.record({
        count: fc.constantFrom(1, 3, Math.ceil(crowd / 2)),
        meanwhile: fc.array(simple(crowd), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    fails: fc.boolean(),
  });
const swap = fc.record({
  kind: fc.constant('swap' as const),
  dimension: fc.constantFrom(8, 5, 12),
  share: fc.constantFrom(2, 5, 1000),
  missing: fc.constantFrom('keep' as const, 'delete' as const),
});

/** Runs of operations. @param crowd - as many faces as come at once now and then */
export function commands(crowd: number): fc.Arbitrary<Command[]> {
  return fc.array(
    fc.oneof(
      { weight: 12, arbitrary: simple(crowd) },
      { weight: 2, arbitrary: importing(crowd) },
      { weight: 1, arbitrary: swap },
      { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
    ),
    { minLength: 3, maxLength: 24, size: 'max' },
  );
}
