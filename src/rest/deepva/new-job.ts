import type { RecogniseJob } from '../../api/recognise-job.ts';
import { MAX_JOB_SOURCES, MAX_META_LENGTH } from '../../core/limits.ts';
import { type Picture, text } from '../fields.ts';
import { RestError, wrongField } from '../problem.ts';
import { readField } from '../read-fields.ts';
import type { Call } from '../route.ts';
import { optionsOf, readModules } from './parameters.ts';
import { sourcesOf } from './sources.ts';

/** Of the body. */
interface Fields {
  readonly sources: unknown;
  readonly modules: unknown;
  readonly tag: string | undefined;
  readonly source: readonly Picture[] | undefined;
  readonly job: Picture | undefined;
}

/** Makes the job that a call asks for; nothing is stored if anything of it is wrong. */
export async function createJob(call: Call<unknown, Fields>): Promise<RecogniseJob> {
  const { fields, nf, signal } = call;
  const part = fields.job === undefined ? {} : await parsed(fields.job);
  const parameters = readModules(part['modules'] ?? fields.modules);
  const options = await optionsOf(nf, parameters);
  const tag = tagOf(part['tag']) ?? fields.tag;
  const addresses = addressesOf(part['sources'] ?? fields.sources);
  const files = await sourcesOf(call, addresses, fields.source ?? []);
  return nf.jobs.recognise(files, { ...options, signal, ...(tag !== undefined && { tag }) });
}

function tagOf(tag: unknown): string | undefined {
  if (tag === undefined || tag === null || tag === '') return undefined;
  return readField(text(MAX_META_LENGTH, 'Your own word for the job'), tag, 'job.tag');
}

function addressesOf(sources: unknown): readonly string[] {
  if (sources === undefined || sources === null) return [];
  const expected = `an array of at most ${MAX_JOB_SOURCES} addresses or data URLs`;
  if (!Array.isArray(sources)) throw wrongField('sources', sources, expected, 'type');
  const wrong = sources.findIndex((each) => typeof each !== 'string');
  if (wrong >= 0) throw wrongField(`sources[${wrong}]`, sources[wrong], 'an address or a data URL', 'type');
  return sources as readonly string[];
}

/** The part `job`, which some clients send as a file. @throws RestError `MALFORMED_JSON` */
async function parsed(part: Picture): Promise<Readonly<Record<string, unknown>>> {
  let value: unknown;
  try {
    value = JSON.parse(typeof part === 'string' ? part : await part.text());
  } catch {
    const message = 'The part job is not complete JSON';
    throw new RestError({ status: 400, code: 'MALFORMED_JSON', message, param: 'job' });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wrongField('job', value, 'a JSON object with modules', 'type');
}
