import type { Gallery } from '../../api/gallery.ts';
import { type Call, type Reply } from '../route.ts';
import { text, whole, decimal, flag, words, type Field, withDefault, optional } from '../fields.ts';
import { MAX_FACES_PER_IMAGE, MAX_META_LENGTH } from '../../core/limits.ts';

/** The collection that a call works on: the gallery of its key, which is made where it is not there. */
export async function collectionOf({ nf, token }: Call<unknown, unknown, unknown>): Promise<Gallery> {
  const name = token?.gallery ?? 'default';
  return name === 'default' ? nf.galleries.get(name) : nf.galleries.create(name, { ifExists: 'get' });
}

/** A subject's name as it is accepted. */
export const subject = (): Field<string> => text(MAX_META_LENGTH, 'Name of the subject', /\S/);

/** An example's id in a path. */
export const imageId = (): Field<string> => text(256, 'Id of the example', /^.+$/s);

export const PLUGINS: readonly string[] = [
  'age',
  'gender',
  'landmarks',
  'landmarks2d106',
  'calculator',
  'mask',
  'pose',
];

/** What may be asked of every call that looks at a picture. */
export const lookFields = (): {
  readonly limit: Field<number>;
  readonly det_prob_threshold: Field<number | undefined>;
  readonly face_plugins: Field<readonly string[]>;
  readonly status: Field<boolean>;
} => ({
  limit: withDefault(whole(0, 2 ** 31 - 1, 'Most faces, the biggest first; 0 is no limit'), 0),
  det_prob_threshold: optional(decimal(0, 1, 'Faces with a lower score are left out')),
  face_plugins: withDefault(
    words(`What is told of each face: ${PLUGINS.join(', ')}, with commas between`),
    [],
  ),
  status: withDefault(flag('Whether times and versions are told'), false),
});

/** The most faces that a `limit` allows. */
export const mostFaces = (limit: number): number =>
  limit === 0 ? MAX_FACES_PER_IMAGE : Math.min(limit, MAX_FACES_PER_IMAGE);

/** An example as it is told. */
export function exampleOf({ id, meta }: { readonly id: string; readonly meta: string }): {
  readonly image_id: string;
  readonly subject: string;
} {
  return { image_id: id, subject: meta };
}

export const exampleSchema: Readonly<Record<string, unknown>> = {
  type: 'object',
  properties: { image_id: { type: 'string' }, subject: { type: 'string' } },
};

/** An answer of JSON. */
export const json = (value: unknown, status = 200): Reply => ({ status, json: value });
