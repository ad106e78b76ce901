import type { Person } from '../../core/people.ts';
import { type Field, optional, text, whole } from '../fields.ts';
import { hasCode, notFound } from '../problem.ts';
import { type Call, route, type Route } from '../route.ts';
import { idField } from './face-ids.ts';
import { friendRuleOf, personNumber } from './face-json.ts';
import { pageSize } from './pages.ts';
import { VERSION_PATH } from './wire.ts';

/** The person of a number that a client knows: one whose id it is, else the one to whom the store gave it. */
export async function personByNumber({ nf }: Pick<Call, 'nf'>, number: number): Promise<Person | undefined> {
  try {
    return await nf.people.get(String(number));
  } catch (error) {
    if (!hasCode(error, 'PERSON_NOT_FOUND')) throw error;
  }
  // By their numbers: the search is over as soon as one is beyond.
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await nf.people.list({ limit: 1000, ...(cursor !== undefined && { cursor }) });
    const found = page.people.find((person) => personNumber(person) === number);
    if (found) return found;
    if ((page.people.at(-1)?.number ?? 0) > number) return undefined;
    cursor = page.cursor;
  }
  return undefined;
}

const pageQuery = (): {
  readonly limit: Field<number | undefined>;
  readonly cursor: Field<string | undefined>;
} => ({
  limit: optional(whole(0, 1000, 'Most results on a page; 100 if it is not given, 1000 if it is 0')),
  cursor: optional(text(512, 'As it is in next_page')),
});

/** Persons are listed and shown. */
export function personRoutes(): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: `${VERSION_PATH}/persons`, summary: 'Lists the persons' },
      query: pageQuery(),
      answers: { 200: { description: 'A page of persons, by number', schema: { type: 'object' } } },
      async run(call) {
        const { limit, cursor } = call.fields;
        const size = pageSize(limit);
        const page = await call.nf.people.list({
          ...{ limit: size, signal: call.signal },
          ...(cursor !== undefined && { cursor }),
        });
        const results = page.people.map((person) => ({ id: personNumber(person), meta: person.meta }));
        const query = new URLSearchParams({ limit: String(size), cursor: page.cursor ?? '' });
        const path = `${call.options.basePath}${call.path}`;
        const next = page.cursor === undefined ? null : `${path}?${query.toString()}`;
        return { json: { results, next_page: next, prev_page: null } };
      },
    }),
    route({
      ...{ method: 'GET', path: `${VERSION_PATH}/person/id/:id`, summary: 'A person' },
      params: { id: idField('person') },
      answers: { 200: { description: 'The person', schema: { type: 'object' } } },
      async run(call) {
        const found = await personByNumber(call, call.params.id);
        if (!found) throw notFound('There is no person of this id');
        const {
          faces,
          meta,
          friend = false,
        } = await call.nf.people.get(found.id, {
          friend: friendRuleOf(call),
        });
        return { json: { id: personNumber(found), meta, friend, faces } };
      },
    }),
  ];
}
