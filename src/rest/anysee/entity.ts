import type { JsonValue } from '../../core/json-value.ts';
import { MAX_EXTRA_BYTES } from '../../core/limits.ts';
import type { FaceRecord } from '../../core/records.ts';
import { choice, type Field, type JsonSchema, optional, text, whole } from '../fields.ts';
import { list, object } from '../object-field.ts';
import { RestError, wrongField } from '../problem.ts';
import { readField } from '../read-fields.ts';
import type { Call } from '../route.ts';
import { detailsSchema } from './details.ts';

/** Under which name what only AnySee knows of a face stands in its `extra`, beside what others keep there. */
const OWN = 'anysee';
/** When an entity without a `ttl` goes. */
const NEVER = '3000-01-01T00:00:00Z';
/** Longest time to live, in seconds: some 300 years. */
const MAX_TTL_S = 10_000_000_000;
const MAX_ITEMS = 1000;

const TYPES = ['string', 'integer', 'float', 'boolean'] as const;

/** Something that a client keeps with an entity. */
interface MetadataItem {
  readonly name: string;
  readonly type: (typeof TYPES)[number];
  readonly value: string | number | boolean;
}

/** What only AnySee knows of a face. */
interface Own {
  readonly collection: string;
  readonly metadata: readonly MetadataItem[];
  /** In milliseconds since 1970. */
  readonly updatedAt: number;
}

/** What an item is but for its value, which is checked by its type. */
const ITEM = { name: text(256, 'What it is called'), type: choice(TYPES, 'What its value is') };

/** Seconds until an entity is gone; 0: it stays. */
export const ttlField = (): Field<number | undefined> =>
  optional(whole(0, MAX_TTL_S, 'Seconds until it is gone; 0: it stays'));

/** A client's own data, whole. */
export const metadataField = (): Field<readonly unknown[] | undefined> =>
  optional(list(object(ITEM, 'A name, a type and a value'), [0, MAX_ITEMS], 'Your own data'));

/** Checks each item by its type. @throws RestError `BAD_PARAM` */
export function metadataOf(given: readonly unknown[]): readonly MetadataItem[] {
  return given.map((each, i) => {
    const { name, type } = readField(object(ITEM, 'An item'), each, `metadata[${i}]`);
    const { value } = each as { readonly value?: unknown };
    return { name, type, value: valueOf(value, type, `metadata[${i}].value`) };
  });
}

function valueOf(value: unknown, type: MetadataItem['type'], param: string): MetadataItem['value'] {
  const fits: Readonly<Record<MetadataItem['type'], boolean>> = {
    string: typeof value === 'string',
    integer: Number.isSafeInteger(value),
    float: typeof value === 'number',
    boolean: typeof value === 'boolean',
  };
  if (fits[type]) return value as MetadataItem['value'];
  const fault = value === undefined || value === null ? 'missing' : 'type';
  throw wrongField(param, value, `of the type ${type}`, fault);
}

/** When an entity of so many seconds goes, in milliseconds since 1970; null: it stays. */
export function expiryOf({ options }: Pick<Call, 'options'>, ttl: number | undefined): number | null {
  return ttl === undefined || ttl === 0 ? null : options.now() + ttl * 1000;
}

const isObject = (value: unknown): value is Readonly<Record<string, JsonValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(new Date(value).getTime());

/** What is known of a face; of one that came from elsewhere it is in no collection, and carries no data. */
export function ownOf({ extra, timestamp }: FaceRecord): Own {
  const found = isObject(extra) ? extra[OWN] : undefined;
  const { collection, metadata, updatedAt } = (isObject(found) ? found : {}) as Partial<Own>;
  return {
    collection: typeof collection === 'string' ? collection : '',
    metadata: Array.isArray(metadata) ? (metadata as readonly MetadataItem[]) : [],
    updatedAt: isTime(updatedAt) ? updatedAt : timestamp,
  };
}

/** What a face carries from now on; what others keep there stays. @throws RestError if it is too much, or there is no room for it */
export function extraWith(own: Own, before?: JsonValue): JsonValue {
  if (before !== undefined && before !== null && !isObject(before)) {
    const message = 'This face carries data of another application, which cannot be added to';
    throw new RestError({ status: 409, code: 'CONFLICT', message });
  }
  const extra = { ...before, [OWN]: own } as unknown as JsonValue;
  const bytes = new TextEncoder().encode(JSON.stringify(extra)).length;
  if (bytes <= MAX_EXTRA_BYTES) return extra;
  throw wrongField('metadata', own.metadata, `of at most ${MAX_EXTRA_BYTES} bytes as JSON, not ${bytes}`);
}

/** A time as it is told. */
const timeOut = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** An entity as every call tells it. */
export function entityOut(record: FaceRecord): Record<string, unknown> {
  const { id, modelId, meta, timestamp, expiresAt } = record;
  const { collection, metadata, updatedAt } = ownOf(record);
  return {
    ...{ uuid: id, model: modelId, collection, key: meta, metadata },
    ...{ createdAt: timeOut(timestamp), updatedAt: timeOut(updatedAt) },
    expiresAt: expiresAt === undefined ? NEVER : timeOut(expiresAt),
  };
}

const time: JsonSchema = { type: 'string', format: 'date-time' };

export const entitySchema: JsonSchema = {
  type: 'object',
  properties: {
    uuid: { type: 'string' },
    model: { type: 'string' },
    collection: { type: 'string' },
    key: { type: 'string' },
    metadata: { type: 'array', items: { type: 'object' } },
    createdAt: time,
    updatedAt: time,
    expiresAt: { ...time, description: `${NEVER} where it stays` },
    details: detailsSchema,
  },
};
