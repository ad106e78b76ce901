import type { AddOptions } from '../../api/options.ts';
import type { NewSighting } from '../../api/people-options.ts';
import { type JsonValue, jsonValue } from '../../core/json-value.ts';
import { MAX_EXTRA_BYTES, MAX_META_LENGTH } from '../../core/limits.ts';
import type { FaceRecord } from '../../core/records.ts';
import type { Box, Face } from '../../core/types.ts';
import { boxes, json, optional, type Picture, picture, text, time, withDefault, words } from '../fields.ts';
import { enrolled } from '../enrolled.ts';
import { hasCode, namedBy, problemOf } from '../problem.ts';
import { type Call, route, type Route } from '../route.ts';
import type { FaceIds } from './face-ids.ts';
import { facesOut } from './face-json.ts';
import { finding, selector } from './look.ts';
import { askedOf, attributeFields, faceSchema, VERSION_PATH } from './wire.ts';

/** A face is added, by a person or by a video detector, which sends more than is documented. */
export function postRoutes(ids: FaceIds): readonly Route[] {
  return [
    route({
      ...{ method: 'POST', path: `${VERSION_PATH}/face`, summary: 'Adds the faces of a picture' },
      description:
        'Each is in the gallery default, and in those that are named. A video detector may send normalized crops: face0 of the first bbox, face1 of the second, and so on.',
      body: {
        photo: picture('The picture'),
        meta: withDefault(text(MAX_META_LENGTH, 'Who or what it is'), ''),
        bbox: optional(boxes('Which faces are added; overrides mf_selector')),
        mf_selector: selector(),
        galleries: withDefault(words('Galleries that the faces are in beside default'), []),
        cam_id: optional(text(128, 'The camera that saw them')),
        timestamp: optional(time('When that was; default now')),
        detectorParams: optional(json('What a video detector says of the face; kept with the sighting')),
        ...attributeFields(),
      },
      answers: { 200: { description: 'The faces', schema: resultsSchema } },
      async run(call) {
        const { photo, meta, bbox, mf_selector: faces, galleries, cam_id: cameraId } = call.fields;
        const { timestamp = call.options.now(), gender, age, emotions } = call.fields;
        if (cameraId !== undefined) await namedBy('cam_id', cameraId, () => call.nf.cameras.get(cameraId));
        const asked = askedOf({ ...call, fields: { gender, age, emotions } });
        const extra = extraOf(call.fields.detectorParams);
        const { blob, url } = await call.picture(photo, 'photo');
        const options: AddOptions = {
          ...{ ...finding(call), id: () => ids.next(call.options.now()), meta, galleries, timestamp },
          ...(bbox && bbox.length > 0 ? await atBoxes(call, bbox, asked.details) : { faces }),
          ...(cameraId !== undefined && { cameraId }),
          ...(url !== undefined && url.length <= 2048 && { sourceUrl: url }),
          ...(asked.details.attributes && { returnDetails: asked.details }),
          ...peopleOptions(call),
        };
        const records = await add(call, blob, options, { galleries, extra, ids });
        return { json: { results: await facesOut(call, records) } };
      },
    }),
  ];
}

const resultsSchema = { type: 'object', properties: { results: { type: 'array', items: faceSchema } } };

function peopleOptions({
  options,
}: Pick<Call, 'options'>): Pick<AddOptions, 'people' | 'global' | 'personThreshold'> {
  const { personIdentify, personIdentifyGlobal, personIdentifyThreshold } = options;
  if (!personIdentify) return { people: 'off' };
  return { people: 'auto', global: personIdentifyGlobal, personThreshold: personIdentifyThreshold };
}

const EXTRA = jsonValue(MAX_EXTRA_BYTES);

/** What is kept with a sighting. @throws NearFaceError `BAD_PARAM` of what is too much */
function extraOf(given: unknown): JsonValue | undefined {
  return given === undefined || given === null ? undefined : EXTRA(given, 'detectorParams');
}

/** The faces at boxes, and what the crops tell that came with them. A face whose crop cannot be read is looked for at its box. */
async function atBoxes(
  call: Pick<Call, 'nf' | 'raw' | 'picture' | 'signal'>,
  boxes: readonly Box[],
  returnDetails: NonNullable<AddOptions['returnDetails']>,
): Promise<Pick<AddOptions, 'boxes' | 'embeddings'>> {
  const embeddings: (Face | null)[] = [];
  for (let i = 0; i < boxes.length; i++) {
    const given = call.raw.get(`face${i}`);
    const isPicture = given instanceof Blob || typeof given === 'string';
    embeddings.push(isPicture ? await faceOfCrop(call, given, `face${i}`, returnDetails) : null);
  }
  return embeddings.some((face) => face) ? { boxes, embeddings } : { boxes };
}

async function faceOfCrop(
  { nf, picture: read, signal }: Pick<Call, 'nf' | 'picture' | 'signal'>,
  given: Picture,
  param: string,
  returnDetails: NonNullable<AddOptions['returnDetails']>,
): Promise<Face | null> {
  try {
    const { blob } = await read(given, param);
    const { faces } = await nf.embed(blob, { input: 'aligned', minFaceSize: 1, returnDetails, signal });
    return faces[0] ?? null;
  } catch (error) {
    if (problemOf(error).status >= 500 || signal.aborted) throw error;
    return null;
  }
}

/** What is noted beside the faces. */
interface Noted {
  readonly galleries: readonly string[];
  readonly extra: JsonValue | undefined;
  readonly ids: FaceIds;
}

/** Stores the faces, and where persons are identified that they were seen: both or neither. */
async function add(
  call: Pick<Call, 'nf' | 'options' | 'signal'>,
  photo: Blob,
  options: AddOptions,
  { galleries, extra, ids }: Noted,
): Promise<readonly FaceRecord[]> {
  const gallery = await call.nf.galleries.get();
  const report = await namedBy('galleries', galleries, () => withFreeIds(() => gallery.add(photo, options)));
  const records = enrolled(report, 'photo');
  if (!call.options.personIdentify) return records;
  try {
    const seen = await Promise.all(records.map((record) => sightingOf(call, record)));
    const sightings = seen.map((sighting) => ({
      ...{ ...sighting, id: ids.next(call.options.now()) },
      ...(extra !== undefined && { extra }),
    }));
    await call.nf.history.add(sightings, { signal: call.signal });
  } catch (error) {
    await call.nf.faces.delete(records.map(({ id }) => id));
    throw error;
  }
  return records;
}

/** How often faces are added again whose ids another process has given at the same time. */
const MOST_TRIES = 3;

async function withFreeIds<T>(add: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await add();
    } catch (error) {
      if (tries === MOST_TRIES || !hasCode(error, 'FACE_EXISTS')) throw error;
    }
  }
}

/** The history shows the thumbnail also once the face is deleted. */
async function sightingOf(
  { nf }: Pick<Call, 'nf'>,
  { id, personId, cameraId, timestamp, box, photoHash, pictures }: FaceRecord,
): Promise<NewSighting> {
  const thumbnail = pictures.includes('thumbnail') ? await nf.faces.picture(id, 'thumbnail') : null;
  return {
    ...{ faceId: id, timeMs: timestamp },
    ...(thumbnail && { pictures: { thumbnail } }),
    ...(personId !== undefined && { personId }),
    ...(cameraId !== undefined && { cameraId }),
    ...(box && { box }),
    ...(photoHash !== undefined && { photoHash }),
  };
}
