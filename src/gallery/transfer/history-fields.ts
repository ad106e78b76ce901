import { badParam } from '../../core/errors.ts';
import { jsonValue } from '../../core/json-value.ts';
import { MAX_EXTRA_BYTES, MAX_META_LENGTH, MAX_URL_LENGTH, MAX_WATCH_LENGTH } from '../../core/limits.ts';
import { arrayOf, boolean, type Check, integer, oneOf, string } from '../../core/options.ts';
import type { Camera } from '../../core/people.ts';
import type { PreparedFace } from '../face-input.ts';
import type { PreparedSighting, StoredPair, StoredPerson } from '../people/stored.ts';
import { MAX_CHUNK_BYTES, pictureType } from './archive-chunk.ts';
import { fieldsOf } from './json-text.ts';
import { box, checkId, checkKind, checkTime } from './record-fields.ts';

/** What a file of people and history holds, one after the other. */
export type HistoryItem =
  | { readonly kind: 'person'; readonly person: StoredPerson }
  | { readonly kind: 'camera'; readonly camera: Camera }
  | { readonly kind: 'pair'; readonly pair: StoredPair }
  | { readonly kind: 'sighting'; readonly sighting: PreparedSighting };

/** A picture as the JSON of its sighting names it; its bytes stand at the end of the chunk. */
export interface PictureLine {
  readonly kind: PreparedFace['pictures'][number]['kind'];
  readonly type: string;
  readonly bytes: number;
}

/** The same as the JSON of a chunk has it. */
export type HistoryLine =
  | Exclude<HistoryItem, { readonly kind: 'sighting' }>
  | {
      readonly kind: 'sighting';
      readonly sighting: Omit<PreparedSighting, 'pictures'>;
      readonly pictures: readonly PictureLine[];
    };

const meta = string(MAX_META_LENGTH);

const watch: Check<Readonly<Record<string, unknown>>> = (value, path) => {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isPlain && JSON.stringify(value).length <= MAX_WATCH_LENGTH) return value as Record<string, unknown>;
  throw badParam(path, value, `an object of at most ${MAX_WATCH_LENGTH} characters as JSON`);
};

const LINES: { readonly [Kind in HistoryLine['kind']]: Check<Extract<HistoryLine, { kind: Kind }>> } = {
  person: fieldsOf({
    kind: oneOf('person'),
    person: fieldsOf<StoredPerson>({ id: checkId, number: integer(1, 2 ** 52), meta, auto: boolean }),
  }),
  camera: fieldsOf({
    kind: oneOf('camera'),
    camera: fieldsOf<Camera>(
      {
        ...{ id: checkId, meta, url: string(MAX_URL_LENGTH), deviceId: meta, group: checkId },
        ...{ rot: box, roi: box, watch },
      },
      ['meta', 'url', 'deviceId', 'group', 'rot', 'roi', 'watch'],
    ),
  }),
  pair: fieldsOf({
    kind: oneOf('pair'),
    pair: fieldsOf<StoredPair>({ person: checkId, other: checkId, isFace: boolean }),
  }),
  sighting: fieldsOf({
    kind: oneOf('sighting'),
    sighting: fieldsOf<Omit<PreparedSighting, 'pictures'>>(
      {
        ...{ id: checkId, personId: checkId, cameraId: checkId, faceId: checkId, trackId: checkId },
        ...{ meta, box, timeMs: checkTime, photoHash: string(64, /^[0-9a-f]{64}$/) },
        extra: jsonValue(MAX_EXTRA_BYTES),
      },
      ['personId', 'cameraId', 'faceId', 'trackId', 'meta', 'box', 'photoHash', 'extra'],
    ),
    pictures: arrayOf(
      fieldsOf<PictureLine>({ kind: checkKind, type: pictureType, bytes: integer(0, MAX_CHUNK_BYTES) }),
      3,
    ),
  }),
};

/** A line of a chunk, of which fields that it does not know are dropped. @throws NearFaceError `BAD_PARAM` naming the field */
export const checkLine: Check<HistoryLine> = (value, path) => {
  const { kind } = fieldsOf<{ readonly kind: HistoryLine['kind'] }>({
    kind: oneOf('person', 'camera', 'pair', 'sighting'),
  })(value, path);
  return LINES[kind](value, path);
};
