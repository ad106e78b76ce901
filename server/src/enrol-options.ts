import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EnrolJobOptions, MetaRule } from '../../src/index.ts';
import { MAX_CONCURRENCY, MAX_SPLIT } from '../../src/core/limits.ts';
import {
  type Database,
  DATABASE_FLAGS,
  databaseOf,
  DATABASE_USAGE,
  type Environment,
  existingDatabaseOf,
  keepOf,
  type ModelOptions,
  modelsOf,
} from './database-options.ts';
import { type Flags, oneOf, parse, textOf, UsageError, type Values, wholeNumber } from './usage.ts';

export const ENROL_USAGE = `nearface enrol PLACE …

  enrols the photos of folders, zips and single files; the same command goes on where it was ended

  --gallery NAME     (default: default; made if it is not there)
  --names file       what faces are called: the file's name (default), folder: the name of its folder, text: what stands in
                     photo.txt beside photo.jpg, csv: a table among the files with the columns meta and image
  --csv FILE         such a table from elsewhere
  --meta TEXT        one name for all
  --match GLOB       photos whose path is like it, as in '**/*.jpg'
  --faces biggest    or all, or reject: a photo with several faces fails
  --keep crops       or none, photos: which pictures are kept
  --duplicates skip  what becomes of a photo that the gallery has: skip, add, replace
  --people           faces are put together to people
  ${DATABASE_USAGE}

  how it is done
  --prepare          stores the job and tells its id, without running it
  --split N          as N jobs, which as many processes on one PostgreSQL may run
  --parallel N       photos at a time (default: two more than twice the cores, 16 at most)
  --report FILE      writes what became of each photo, .csv or .json

nearface enrol --jobs                lists the jobs of the database
nearface enrol --job ID              runs one that was prepared, or ended in the middle
nearface enrol --job ID --failed     tries again what failed
nearface enrol --job ID --print      tells what became of each of its photos
nearface enrol --job ID --delete     deletes it; faces stay

  It ends with 0 where every photo is enrolled, 1 where some are not, 2 where it could not go on.`;

/** Photos that are to be enrolled. */
export interface NewEnrolment {
  readonly kind: 'new';
  /** Absolute paths. */
  readonly places: readonly string[];
  readonly gallery: string;
  readonly options: EnrolJobOptions;
  readonly split: number;
  readonly isPrepared: boolean;
}

/** What is done with a job that is there. */
export interface OldEnrolment {
  readonly kind: 'job';
  readonly id: string;
  readonly work: 'run' | 'failed' | 'print' | 'delete';
}

/** What `nearface enrol` is asked for; nothing is missing. */
export interface EnrolRequest extends ModelOptions {
  readonly database: Database;
  readonly task: NewEnrolment | OldEnrolment | { readonly kind: 'list' };
  readonly parallel?: number;
  /** An absolute path. */
  readonly report?: string;
}

const FLAGS = {
  ...DATABASE_FLAGS,
  gallery: { type: 'string' },
  names: { type: 'string' },
  csv: { type: 'string' },
  meta: { type: 'string' },
  match: { type: 'string' },
  faces: { type: 'string' },
  keep: { type: 'string' },
  duplicates: { type: 'string' },
  people: { type: 'boolean' },
  prepare: { type: 'boolean' },
  split: { type: 'string' },
  parallel: { type: 'string' },
  report: { type: 'string' },
  jobs: { type: 'boolean' },
  job: { type: 'string' },
  failed: { type: 'boolean' },
  print: { type: 'boolean' },
  delete: { type: 'boolean' },
} satisfies Flags;

/** Flags that say how a job is made, and so mean nothing of one that is there. */
const OF_NEW = [
  ...[
    'gallery',
    'names',
    'csv',
    'meta',
    'match',
    'faces',
    'keep',
    'duplicates',
    'people',
    'prepare',
    'split',
  ],
] as const;
const WORKS = ['failed', 'print', 'delete'] as const;

/** Reads `nearface enrol`'s command line. @throws UsageError */
export function enrolRequest(args: readonly string[], env: Environment): EnrolRequest {
  const { values, words } = parse(args, FLAGS, Infinity);
  const task = taskOf(values, words);
  const database = task.kind === 'new' ? databaseOf(values, env) : existingDatabaseOf(values, env);
  const [parallel, report] = [textOf(values, 'parallel'), textOf(values, 'report')];
  if (report !== undefined && !/\.(csv|json)$/i.test(report))
    throw new UsageError(`--report must end in .csv or .json, but is ${report}`);
  return {
    ...{ database, task, ...modelsOf(values) },
    ...(parallel !== undefined && { parallel: wholeNumber(parallel, '--parallel', 1, MAX_CONCURRENCY) }),
    ...(report !== undefined && { report: resolve(report) }),
  };
}

function taskOf(values: Values, words: readonly string[]): EnrolRequest['task'] {
  const id = textOf(values, 'job');
  const isList = values['jobs'] === true;
  const works = WORKS.filter((name) => values[name] === true);
  if (id === undefined && !isList) {
    if (works[0] !== undefined) throw new UsageError(`--${works[0]} is said of a job: --job ID`);
    return newEnrolment(values, words);
  }
  if (id !== undefined && isList)
    throw new UsageError('--jobs lists all jobs, --job ID is one: give one of them');
  const unfit = OF_NEW.find((name) => values[name] !== undefined);
  if (unfit !== undefined) throw new UsageError(`--${unfit} was said when the job was made; leave it out`);
  if (words.length > 0)
    throw new UsageError(`${words.join(' ')}: the photos of a job are stored; leave them out`);
  if (works.length > 1)
    throw new UsageError('--failed, --print and --delete are three things to do: give one');
  if (id === undefined) return { kind: 'list' };
  return { kind: 'job', id, work: works[0] ?? 'run' };
}

function newEnrolment(values: Values, words: readonly string[]): NewEnrolment {
  if (words.length === 0)
    throw new UsageError('name a folder, a zip or photos, as in nearface enrol ./people');
  const places = words.map((word) => resolve(word));
  const gallery = textOf(values, 'gallery') ?? 'default';
  const match = textOf(values, 'match');
  const made = {
    meta: metaRule(values),
    faces: oneOf(textOf(values, 'faces') ?? 'biggest', '--faces', ['biggest', 'all', 'reject']),
    keep: keepOf(textOf(values, 'keep') ?? 'crops'),
    duplicates: oneOf(textOf(values, 'duplicates') ?? 'skip', '--duplicates', ['skip', 'add', 'replace']),
    ...(match !== undefined && { match }),
    ...(values['people'] === true && { people: 'auto' as const }),
  };
  return {
    ...{ kind: 'new', places, gallery, options: { ...made, tag: tagOf(places, gallery, made) } },
    split: wholeNumber(textOf(values, 'split') ?? '1', '--split', 1, MAX_SPLIT),
    isPrepared: values['prepare'] === true,
  };
}

function metaRule(values: Values): MetaRule {
  const [names, csv, meta] = ['names', 'csv', 'meta'].map((name) => textOf(values, name));
  if ([names, csv, meta].filter((given) => given !== undefined).length > 1)
    throw new UsageError('--names, --csv and --meta all say what faces are called: give one of them');
  if (meta !== undefined) return { from: 'constant', meta };
  if (csv !== undefined) return { from: 'csv', csv: tableOf(csv) };
  switch (oneOf(names ?? 'file', '--names', ['file', 'folder', 'text', 'csv'])) {
    case 'file':
      return { from: 'fileName' };
    case 'folder':
      return { from: 'folderName' };
    case 'text':
      return { from: 'text' };
    case 'csv':
      return { from: 'csv' };
  }
}

function tableOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--csv ${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Tells the jobs of one command from those of others: places, and a digest of all that was said. */
function tagOf(places: readonly string[], gallery: string, options: object): string {
  const said = JSON.stringify([places, gallery, options]);
  const digest = createHash('sha256').update(said).digest('hex').slice(0, 16);
  return `${places.join(' ').slice(0, 900)} #${digest}`;
}
