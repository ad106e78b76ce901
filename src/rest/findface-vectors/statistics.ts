import type { GallerySummary } from '../../core/records.ts';
import type { NearFace } from '../../api/nearface.ts';
import { type JsonSchema, text, whole } from '../fields.ts';
import { route, type Route } from '../route.ts';
import { galleryCalled } from './gallery-name.ts';

const MAX_PAGE = 1000;

const counts: Readonly<Record<string, JsonSchema>> = {
  id: { type: 'integer' },
  name: { type: 'string' },
  cnt_linear: { type: 'integer' },
  cnt_preindex: { type: 'integer' },
  cnt_indexed: { type: 'integer' },
};

/** Galleries by name, which are numbered from 1. */
async function numbered(nf: NearFace): Promise<readonly { id: number; gallery: GallerySummary }[]> {
  return (await nf.galleries.list()).map((gallery, i) => ({ id: i + 1, gallery }));
}

/** There is no index: every face is searched for linearly. */
function countsOf({ id, gallery }: { id: number; gallery: GallerySummary }): object {
  return { id, name: gallery.name, cnt_linear: gallery.count, cnt_preindex: 0, cnt_indexed: 0 };
}

const list = route({
  method: 'GET',
  path: '/stat/list/:start/:limit',
  summary: 'Galleries with their numbers of faces',
  params: {
    start: whole(1, Number.MAX_SAFE_INTEGER, 'The number of the first gallery, from 1 on'),
    limit: whole(1, MAX_PAGE, 'The most galleries that are answered'),
  },
  answers: {
    200: {
      description: 'Galleries by name',
      schema: {
        type: 'object',
        properties: {
          galleries: { type: 'array', items: { type: 'object', properties: counts } },
          total: { type: 'integer' },
        },
      },
    },
  },
  async run({ nf, params: { start, limit } }) {
    const all = await numbered(nf);
    return { json: { galleries: all.slice(start - 1, start - 1 + limit).map(countsOf), total: all.length } };
  },
});

const info = route({
  method: 'GET',
  path: '/stat/info/:gallery',
  summary: 'One gallery with its number of faces',
  params: { gallery: text(128, 'A gallery, with or without its owner’s prefix') },
  answers: {
    200: {
      description: 'The gallery',
      schema: {
        type: 'object',
        properties: {
          ...counts,
          cnt_preindex_deleted: { type: 'integer' },
          cnt_indexed_deleted: { type: 'integer' },
          index_file: { type: 'string' },
          index_loaded: { type: 'boolean' },
          cptr: { type: 'integer' },
        },
      },
    },
  },
  async run({ nf, params }) {
    const { name } = await galleryCalled(nf, params.gallery);
    const found = (await numbered(nf)).find(({ gallery }) => gallery.name === name);
    const noIndex = { index_file: 'none', index_loaded: false, cptr: 0 };
    const deleted = { cnt_preindex_deleted: 0, cnt_indexed_deleted: 0 };
    return { json: { ...countsOf(found!), ...deleted, ...noIndex } };
  },
});

/** The routes of the statistics. */
export const statisticsRoutes: readonly Route[] = [list, info];
