import type { RecogniseJob } from '../../api/recognise-job.ts';
import type { RecogniseJobSummary } from '../../core/recognition.ts';
import { MAX_JOB_SOURCES, MAX_META_LENGTH, MAX_SKIP } from '../../core/limits.ts';
import {
  type Field,
  files,
  json,
  type JsonSchema,
  optional,
  text,
  textOrFile,
  whole,
  withDefault,
} from '../fields.ts';
import { hasCode, notFound } from '../problem.ts';
import { type AnswerSpec, type Call, route, type Route } from '../route.ts';
import { appearanceOut, appearanceSchema } from './appearance-json.ts';
import { jobOut, jobSchema } from './job-json.ts';
import type { JobRuns } from './job-runs.ts';
import { createJob } from './new-job.ts';
import { modulesSchema } from './parameters.ts';

const PAGE = 10;
const MAX_PAGE = 1000;

const pageFields = (): { readonly limit: Field<number>; readonly offset: Field<number> } => ({
  limit: withDefault(whole(1, MAX_PAGE, 'Most of them on a page'), PAGE),
  offset: withDefault(whole(0, MAX_SKIP, 'How many are passed over'), 0),
});

/** The routes of jobs under a path. */
export function jobRoutes(base: string, runs: JobRuns): readonly Route[] {
  return [createRoute(base, runs), listRoute(base, runs), ...oneRoutes(base, runs), resultsRoute(base)];
}

const told = (description: string, schema: JsonSchema): AnswerSpec => ({ description, schema });

function createRoute(base: string, runs: JobRuns): Route {
  const addresses = { type: 'array', items: { type: 'string' }, maxItems: MAX_JOB_SOURCES };
  return route({
    ...{ method: 'POST', path: base, summary: 'Makes a job of videos and images, and works at it' },
    description:
      'JSON with `sources` and `modules`; or a multipart body with files in parts `source`, and that JSON in the part `job`.',
    body: {
      sources: optional(json('Addresses and data URLs', addresses)),
      modules: optional(json('What is looked for, and how', modulesSchema)),
      tag: optional(text(MAX_META_LENGTH, 'Your own word for the job')),
      source: optional(files('In a multipart body: videos and images')),
      job: optional(textOrFile('In a multipart body: JSON with `modules`, `tag` and `sources`')),
    },
    answers: { 201: told('The job', jobSchema) },
    async run(call) {
      const job = await createJob(call);
      const info = await job.info();
      runs.start(job);
      return { status: 201, json: jobOut(info, call.link(base), call.options.now()) };
    },
  });
}

function listRoute(base: string, runs: JobRuns): Route {
  return route({
    ...{ method: 'GET', path: base, summary: 'Lists the jobs, the newest first', query: pageFields() },
    answers: { 200: told('A page of them', pageSchema(jobSchema)) },
    async run({ nf, fields, options, link }) {
      const jobs = (await nf.jobs.list()).filter((job) => job.kind === 'recognise');
      const shown = jobs.slice(fields.offset, fields.offset + fields.limit);
      for (const job of shown) await runs.resume(nf, job);
      const data = shown.map((job) => jobOut(job, link(base), options.now()));
      return { json: pageOut(link(`${base}/`), fields, jobs.length, data) };
    },
  });
}

function oneRoutes(base: string, runs: JobRuns): readonly Route[] {
  const path = `${base}/:id`;
  return [
    route({
      ...{ method: 'GET', path, summary: 'How far a job is, and what came of it' },
      answers: { 200: told('The job', jobSchema) },
      async run(call) {
        const { info } = await jobOf(call);
        await runs.resume(call.nf, info);
        return { json: jobOut(info, call.link(base), call.options.now()) };
      },
    }),
    route({
      ...{ method: 'DELETE', path, summary: 'Stops and deletes a job with all that it has seen' },
      answers: { 204: { description: 'It is gone' } },
      async run(call) {
        await (await jobOf(call)).job.delete();
        return { status: 204 };
      },
    }),
  ];
}

function resultsRoute(base: string): Route {
  return route({
    ...{ method: 'GET', path: `${base}/:id/detailed-results`, query: pageFields() },
    summary: 'Who was seen, and when; what is known so far while the job is under way',
    answers: { 200: told('A page of appearances', pageSchema(appearanceSchema)) },
    async run(call) {
      const { job, info } = await jobOf(call);
      const { limit, offset } = call.fields;
      const { appearances, total } = await job.results({ limit, offset });
      const data = await Promise.all(appearances.map((each) => appearanceOut(each, info.sources)));
      const address = call.link(`${base}/${job.id}/detailed-results/`);
      return { json: pageOut(address, call.fields, total, data) };
    },
  });
}

/** The job that the path names. @throws RestError 404 */
async function jobOf({
  nf,
  params,
}: Pick<Call, 'nf' | 'params'>): Promise<{ readonly job: RecogniseJob; readonly info: RecogniseJobSummary }> {
  const id = params['id'] as string;
  try {
    const job = await nf.jobs.get(id);
    if (job.kind === 'recognise') return { job, info: await job.info() };
  } catch (error) {
    if (!hasCode(error, 'BAD_PARAM')) throw error;
  }
  throw notFound(`There is no job ${id.slice(0, 80)}`);
}

/** A page of a list, as it is told. At the first one, `prev` is that page itself, as documented. */
function pageOut(
  address: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  total: number,
  data: readonly unknown[],
): object {
  const at = (from: number): string => `${address}?limit=${limit}&offset=${from}`;
  const next = offset + limit < total ? at(offset + limit) : null;
  return { total, offset, limit, next, prev: at(Math.max(0, offset - limit)), data };
}

const pageSchema = (items: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: {
    ...{ total: { type: 'integer' }, offset: { type: 'integer' }, limit: { type: 'integer' } },
    ...{ next: { type: ['string', 'null'] }, prev: { type: 'string' } },
    data: { type: 'array', items },
  },
});
