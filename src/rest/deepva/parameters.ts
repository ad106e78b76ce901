import type { NearFace } from '../../api/nearface.ts';
import type { RecogniseOptions } from '../../api/recognise-options.ts';
import type { JsonValue } from '../../core/json-value.ts';
import { MAX_EXTRA_BYTES, MAX_GALLERIES_PER_SEARCH, MAX_LABEL_LENGTH } from '../../core/limits.ts';
import { decimal, type Field, flag, type JsonSchema, optional, text, texts, whole } from '../fields.ts';
import { wrongField } from '../problem.ts';
import { readField } from '../read-fields.ts';
import { objectSchema } from '../schema.ts';

/** The one module that there is. */
export const MODULE = 'face_recognition';

/** The gallery that is meant where none is named; it stands for `default` unless there is one of this name. */
const CELEBRITIES = 'celebrities';
const TOP_K = 3;

/** What a client says of the module; what it leaves out is absent. */
export interface Parameters {
  readonly model?: string;
  readonly models?: readonly string[];
  readonly max_distance?: number;
  readonly cluster_unknowns?: boolean;
  readonly index_unknowns?: boolean;
  readonly face_detection_scale?: number;
  readonly enable_top_k?: boolean;
  readonly top_k?: number;
}

const FIELDS: { readonly [Name in keyof Required<Parameters>]: Field<Parameters[Name]> } = {
  model: optional(text(MAX_LABEL_LENGTH, `A gallery; ${CELEBRITIES} by default, which is \`default\``)),
  models: optional(texts(MAX_GALLERIES_PER_SEARCH, MAX_LABEL_LENGTH, 'Further galleries')),
  max_distance: optional(decimal(0, 2, 'The L2 distance up to which somebody is known; 1 by default')),
  cluster_unknowns: optional(flag('Whether unknown people are told from each other')),
  index_unknowns: optional(flag('Whether they are kept, the same in every job')),
  face_detection_scale: optional(
    decimal(100, 2000, 'The frame’s shorter side at which faces of 32 pixels are found; 600 by default'),
  ),
  enable_top_k: optional(flag('Whether the most similar people are named')),
  top_k: optional(whole(1, 10, `How many of them; ${TOP_K} by default`)),
};

/** Of the field `modules`. */
export const modulesSchema: JsonSchema = {
  type: 'object',
  properties: {
    [MODULE]: objectSchema(FIELDS),
  },
  required: [MODULE],
};

/** Reads `modules`. @throws RestError `BAD_PARAM` */
export function readModules(modules: unknown): Parameters {
  const path = `modules.${MODULE}`;
  if (modules === undefined || modules === null)
    throw wrongField('modules', undefined, `an object with ${MODULE}`, 'missing');
  if (!isObject(modules)) throw wrongField('modules', modules, `an object with ${MODULE}`, 'type');
  const other = Object.keys(modules).find((name) => name !== MODULE);
  if (other !== undefined) throw wrongField('modules', other, `an object with ${MODULE} alone`);
  const given = modules[MODULE];
  if (given === undefined) throw wrongField(path, given, 'an object', 'missing');
  if (!isObject(given)) throw wrongField(path, given, 'an object', 'type');
  const read = Object.entries(FIELDS).flatMap(([name, field]) => {
    const value = readField<unknown>(field, given[name] ?? undefined, `${path}.${name}`);
    return value === undefined ? [] : [[name, value] as const];
  });
  const parameters = Object.fromEntries(read) as Parameters;
  const bytes = new TextEncoder().encode(JSON.stringify(extraOf(parameters))).length;
  if (bytes > MAX_EXTRA_BYTES)
    throw wrongField(`${path}.models`, parameters.models, 'fewer or shorter names');
  return parameters;
}

/** The options of the job that they ask for. @throws RestError `BAD_PARAM` of a gallery that is not there */
export async function optionsOf(nf: NearFace, parameters: Parameters): Promise<RecogniseOptions> {
  const { max_distance: maxDistance, face_detection_scale: scale, top_k: topK = TOP_K } = parameters;
  return {
    galleries: await galleriesOf(nf, parameters),
    clusterUnknowns: parameters.cluster_unknowns ?? false,
    indexUnknowns: parameters.index_unknowns ?? false,
    ...(maxDistance !== undefined && { maxDistance }),
    ...(scale !== undefined && { faceDetectionScale: scale }),
    ...(parameters.enable_top_k && { topK }),
    extra: extraOf(parameters),
  };
}

async function galleriesOf(
  nf: NearFace,
  { model = CELEBRITIES, models = [] }: Parameters,
): Promise<readonly string[]> {
  const known = await nf.galleries.list();
  const nameOf = (wanted: string, param: string): string => {
    const found = known.find(({ name }) => name === wanted) ?? known.find(({ label }) => label === wanted);
    if (found) return found.name;
    if (wanted === CELEBRITIES) return 'default';
    throw wrongField(`modules.${MODULE}.${param}`, wanted, 'the name or the label of a gallery');
  };
  const all = [nameOf(model, 'model'), ...models.map((name, i) => nameOf(name, `models[${i}]`))];
  return [...new Set(all)];
}

/** What is kept beside the job. */
const extraOf = (parameters: Parameters): JsonValue => ({ deepva: { ...parameters } });

/** What a client said of the module; undefined of a job that was made otherwise. */
export function givenParameters(extra: JsonValue | undefined): Parameters | undefined {
  const kept = isObject(extra) ? extra['deepva'] : undefined;
  return isObject(kept) ? kept : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
