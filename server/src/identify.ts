import { resolve } from 'node:path';
import type { Identification, IdentifyOptions, Threshold } from '../../src/index.ts';
import { MAX_HITS } from '../../src/core/limits.ts';
import {
  type Database,
  DATABASE_FLAGS,
  DATABASE_USAGE,
  type Environment,
  existingDatabaseOf,
  type ModelOptions,
  modelsOf,
} from './database-options.ts';
import type { Library } from './library.ts';
import { type Flags, oneOf, parse, textOf, UsageError, wholeNumber } from './usage.ts';

export const IDENTIFY_USAGE = `nearface identify PHOTO

  tells who is in a photo: a file, or an http: or https: address

  --gallery NAME     (default: default; again for more)
  --limit 1          the most people told of a face
  --threshold 0.75   strict, medium, low, none, a confidence 0..1, or fpir:0.01, the share of strangers that may be given a name
  --faces biggest    or all
  --json             one object instead of lines
  ${DATABASE_USAGE}

  It ends with 0 where somebody was found, 1 where nobody was, 2 where it could not look.`;

/** What is looked for, and where; nothing is missing. */
export interface IdentifyRequest extends ModelOptions {
  /** An absolute path, or an address. */
  readonly photo: string;
  readonly database: Database;
  readonly gallery: string;
  readonly options: IdentifyOptions;
  readonly isJson: boolean;
}

const FLAGS = {
  ...DATABASE_FLAGS,
  gallery: { type: 'string', multiple: true },
  limit: { type: 'string' },
  threshold: { type: 'string' },
  faces: { type: 'string' },
  json: { type: 'boolean' },
} satisfies Flags;

/** Reads `nearface identify`'s command line. @throws UsageError */
export function identifyRequest(args: readonly string[], env: Environment): IdentifyRequest {
  const { values, words } = parse(args, FLAGS, 1);
  const [photo] = words;
  if (photo === undefined) throw new UsageError('name the photo, as in nearface identify visitor.jpg');
  const [gallery = 'default', ...galleries] = (values['gallery'] as string[] | undefined) ?? [];
  return {
    photo: /^https?:/i.test(photo) ? photo : resolve(photo),
    database: existingDatabaseOf(values, env),
    ...modelsOf(values),
    gallery,
    options: {
      limit: wholeNumber(textOf(values, 'limit') ?? '1', '--limit', 1, MAX_HITS),
      threshold: thresholdOf(textOf(values, 'threshold') ?? '0.75'),
      faces: oneOf(textOf(values, 'faces') ?? 'biggest', '--faces', ['biggest', 'all']),
      ...(galleries.length > 0 && { galleries }),
    },
    isJson: values['json'] === true,
  };
}

function thresholdOf(text: string): Threshold {
  if (text === 'strict' || text === 'medium' || text === 'low' || text === 'none') return text;
  const [, fpir, number = ''] = /^(fpir:)?(\d*\.?\d+)$/.exec(text) ?? [];
  const value = number === '' ? NaN : Number(number);
  const isShare = fpir === undefined ? value >= 0 && value <= 1 : value > 0 && value < 1;
  if (!isShare)
    throw new UsageError(
      `--threshold must be strict, medium, low, none, a confidence from 0 to 1, or fpir:0.01, but is ${text}`,
    );
  return fpir === undefined ? value : { fpir: value };
}

/** `nearface identify`: tells who is in a photo. */
export async function identifyCommand(
  args: readonly string[],
  load: () => Promise<Library>,
  print: (line: string) => void,
): Promise<number> {
  const request = identifyRequest(args, process.env);
  const { photo, database, models, gallery: name, options, isJson } = request;
  const { NearFace } = await load();
  const nf = await NearFace.create({ database, ...(models && { models }) });
  try {
    const gallery = await nf.galleries.get(name);
    const found = await gallery.identify(photo, options);
    if (isJson) print(JSON.stringify({ photo, faces: found.map(jsonOf) }));
    else for (const line of linesOf(found)) print(line);
    return found.some(({ matches }) => matches.length > 0) ? 0 : 1;
  } finally {
    await nf.dispose();
  }
}

/** What people read. */
export function linesOf(found: readonly Identification[]): readonly string[] {
  if (found.length === 0) return ['There is no face in the photo'];
  return found.flatMap(({ face, matches }) => {
    const { left = 0, top = 0, width = 0, height = 0 } = face?.position ?? {};
    const [x, y, w, h] = [left, top, width, height].map(Math.round);
    const people = matches.map(({ confidence, cosine, record: { meta, id } }) => {
      const sure = confidence === undefined ? `cosine ${cosine.toFixed(3)}` : confidence.toFixed(3);
      return `  ${sure}  ${meta || '(no name)'}  ${id}`;
    });
    const nobody = people.length === 0 ? ' nobody who is known' : '';
    return [`A face of ${w} × ${h} pixels at ${x}, ${y}:${nobody}`, ...people];
  });
}

function jsonOf({ face, matches }: Identification): object {
  const people = matches.map(({ confidence, cosine, record: { id, meta, personId, galleries } }) => ({
    ...{ id, meta, personId, galleries, confidence, cosine },
  }));
  return { position: face?.position, score: face?.score, reliability: face?.reliability, matches: people };
}
