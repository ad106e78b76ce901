import { MAX_META_LENGTH } from '../../core/limits.ts';
import { type Field, optional, text } from '../fields.ts';
import { wrongField } from '../problem.ts';
import type { Call } from '../route.ts';

/** In front of every path; the shorter one is understood too, and left out of the document. */
export const BASES: readonly { readonly base: string; readonly isHidden: boolean }[] = [
  { base: '/api/v1', isHidden: false },
  { base: '', isHidden: true },
];

/** Also called by this name, so that a client need not know which embedding model is in use. */
const MODEL = 'nearface';

export const modelField = (): Field<string | undefined> =>
  optional(text(256, `The embedding model in use, or ${MODEL}`));

/** A client's own name of an entity, which need not be the only one. */
export const keyField = (): Field<string | undefined> =>
  optional(text(MAX_META_LENGTH, 'Your own name of it'));

/** @throws RestError `BAD_PARAM` of another model than the one in use */
export function checkModel({
  nf,
  fields: { model },
}: Pick<Call<unknown, { readonly model: string | undefined }>, 'nf' | 'fields'>): void {
  const { modelId } = nf.info.embedding;
  if (model === undefined || model === MODEL || model === modelId) return;
  throw wrongField('model', model, `${MODEL} or ${modelId}`, 'unknown');
}
