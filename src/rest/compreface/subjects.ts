import type { Gallery } from '../../api/gallery.ts';
import { MAX_PAGE } from '../../core/limits.ts';
import { RestError } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { collectionOf, json, subject } from './collection.ts';

/**
 * The subjects of collections. One that has examples is the meta of these faces; one that was added and has none yet has no place in the store, and
 * is remembered here, as long as the handler lives.
 */
export class Subjects {
  readonly #bare = new Map<string, Set<string>>();

  #bareOf(gallery: Gallery): Set<string> {
    let bare = this.#bare.get(gallery.name);
    if (!bare) this.#bare.set(gallery.name, (bare = new Set()));
    return bare;
  }

  /** Every subject by name, those without examples among them. */
  async list(gallery: Gallery): Promise<readonly string[]> {
    const metas = await gallery.metas();
    const named = metas.map(({ meta }) => meta).filter((meta) => meta !== '');
    return [...new Set([...named, ...this.#bareOf(gallery)])].sort();
  }

  async has(gallery: Gallery, name: string): Promise<boolean> {
    if (this.#bareOf(gallery).has(name)) return true;
    const { records } = await gallery.list({ meta: name, limit: 1 });
    return records.length > 0;
  }

  add(gallery: Gallery, name: string): void {
    this.#bareOf(gallery).add(name);
  }

  /** Forgets a subject that has no examples, or is told by them from now on. */
  forget(gallery: Gallery, name?: string): void {
    if (name === undefined) this.#bareOf(gallery).clear();
    else this.#bareOf(gallery).delete(name);
  }
}

/** The ids of a subject's examples, or of all that the collection has. */
export async function examplesOf(gallery: Gallery, name?: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await gallery.list({
      limit: MAX_PAGE,
      ...(name !== undefined && { meta: name }),
      ...(cursor !== undefined && { cursor }),
    });
    ids.push(...page.records.map(({ id }) => id));
    cursor = page.cursor;
  }
  return ids;
}

/** @throws RestError of a subject that is not there */
async function known(subjects: Subjects, gallery: Gallery, name: string): Promise<void> {
  if (await subjects.has(gallery, name)) return;
  throw new RestError({ status: 404, code: 'SUBJECT_NOT_FOUND', message: 'Subject is not found' });
}

const named = { type: 'object', properties: { subject: { type: 'string' } } };
const BASE = '/api/v1/recognition/subjects';

/** Subjects are added, renamed, deleted and listed. */
export function subjectRoutes(subjects: Subjects): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: BASE, summary: 'Lists the subjects' },
      answers: { 200: { description: 'Their names', schema: listSchema } },
      run: async (call) => json({ subjects: await subjects.list(await collectionOf(call)) }),
    }),
    route({
      ...{ method: 'POST', path: BASE, summary: 'Adds a subject' },
      description: 'An example of a subject that is not there adds it too.',
      body: { subject: subject() },
      answers: { 201: { description: 'The subject', schema: named } },
      async run(call) {
        const [gallery, name] = [await collectionOf(call), call.fields.subject];
        if (await subjects.has(gallery, name))
          throw new RestError({ status: 400, code: 'SUBJECT_EXISTS', message: 'Subject already exists' });
        subjects.add(gallery, name);
        return json({ subject: name }, 201);
      },
    }),
    route({
      ...{ method: 'DELETE', path: BASE, summary: 'Deletes all subjects with their examples' },
      answers: { 200: { description: 'How many there were', schema: deletedSchema } },
      async run(call) {
        const gallery = await collectionOf(call);
        const names = await subjects.list(gallery);
        await gallery.delete(await examplesOf(gallery), { signal: call.signal });
        subjects.forget(gallery);
        return json({ deleted: names.length });
      },
    }),
    ...oneSubjectRoutes(subjects),
  ];
}

function oneSubjectRoutes(subjects: Subjects): readonly Route[] {
  const path = `${BASE}/:subject`;
  return [
    route({
      ...{ method: 'PUT', path, summary: 'Renames a subject' },
      description: 'Where the new name is there already, the two become one.',
      params: { subject: subject() },
      body: { subject: subject() },
      answers: { 200: { description: 'Whether it was renamed', schema: updatedSchema } },
      async run(call) {
        const gallery = await collectionOf(call);
        const [from, to] = [call.params.subject, call.fields.subject];
        await known(subjects, gallery, from);
        const ids = await examplesOf(gallery, from);
        if (ids.length > 0) await gallery.updateMany(ids, { meta: to }, { signal: call.signal });
        else subjects.add(gallery, to);
        if (from !== to) subjects.forget(gallery, from);
        return json({ updated: true });
      },
    }),
    route({
      ...{ method: 'DELETE', path, summary: 'Deletes a subject with its examples' },
      params: { subject: subject() },
      answers: { 200: { description: 'The subject', schema: named } },
      async run(call) {
        const [gallery, name] = [await collectionOf(call), call.params.subject];
        await known(subjects, gallery, name);
        await gallery.delete(await examplesOf(gallery, name), { signal: call.signal });
        subjects.forget(gallery, name);
        return json({ subject: name });
      },
    }),
  ];
}

const listSchema = {
  type: 'object',
  properties: { subjects: { type: 'array', items: { type: 'string' } } },
};
const deletedSchema = { type: 'object', properties: { deleted: { type: 'integer' } } };
const updatedSchema = { type: 'object', properties: { updated: { type: 'boolean' } } };
