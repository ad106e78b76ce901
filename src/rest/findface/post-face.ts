import type { AddOptions } from '../../api/options.ts';
import type { NewSighting } from '../../api/people-options.ts';
import { MAX_META_LENGTH } from '../../core/limits.ts';
import type { FaceRecord } from '../../core/records.ts';
import { boxes, optional, picture, text, time, withDefault, words } from '../fields.ts';
import { enrolled } from '../enrolled.ts';
import { hasCode, namedBy } from '../problem.ts';
import { type Call, route, type Route } from '../route.ts';
import type { FaceIds } from './face-ids.ts';
import { aboutPhoto } from './about-photo.ts';
import { facesOut } from './face-json.ts';
import { finding, selector } from './look.ts';
import { askedOf, attributeFields, faceSchema, VERSION_PATH } from './wire.ts';

/** A face is added, by a person or by a video detector, which sends more than is documented. */
export function postRoutes(ids: FaceIds): readonly Route[] {
  return [
    route({
      ...{ method: 'POST', path: `${VERSION_PATH}/face`, summary: 'Adds the faces of a picture' },
      description:
        'Each is in the gallery default, and in those that are named. Fields that a video detector sends beside these are passed over.',
      body: {
        photo: picture('The picture'),
        meta: withDefault(text(MAX_META_LENGTH, 'Who or what it is'), ''),
        bbox: optional(boxes('Which faces are added; overrides mf_selector')),
        mf_selector: selector(),
        galleries: withDefault(words('Galleries that the faces are in beside default'), []),
        cam_id: optional(text(128, 'The camera that saw them')),
        timestamp: optional(time('When that was; default now')),
        ...attributeFields(),
      },
      answers: { 200: { description: 'The faces', schema: resultsSchema } },
      async run(call) {
        const { photo, meta, bbox, mf_selector: faces, galleries, cam_id: cameraId } = call.fields;
        const { timestamp = call.options.now(), gender, age, emotions } = call.fields;
        if (cameraId !== undefined) await namedBy('cam_id', cameraId, () => call.nf.cameras.get(cameraId));
        const asked = askedOf({ ...call, fields: { gender, age, emotions } });
        const { blob, url } = await call.picture(photo, 'photo');
        const options: AddOptions = {
          ...{ ...finding(call), id: () => ids.next(call.options.now()), meta, galleries, timestamp },
          ...(bbox && bbox.length > 0 ? { boxes: bbox } : { faces }),
          ...(cameraId !== undefined && { cameraId }),
          ...(url !== undefined && url.length <= 2048 && { sourceUrl: url }),
          ...(asked.details.attributes && { returnDetails: asked.details }),
          ...peopleOptions(call),
        };
        const records = await add(call, blob, options, galleries);
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

/** Stores the faces, and where persons are identified that they were seen: both or neither. */
async function add(
  call: Pick<Call, 'nf' | 'options' | 'signal'>,
  photo: Blob,
  options: AddOptions,
  galleries: readonly string[],
): Promise<readonly FaceRecord[]> {
  const gallery = await call.nf.galleries.get();
  const report = await namedBy('galleries', galleries, () =>
    aboutPhoto(() => withFreeIds(() => gallery.add(photo, options))),
  );
  const records = enrolled(report, 'photo');
  if (!call.options.personIdentify) return records;
  try {
    const sightings = await Promise.all(records.map((record) => sightingOf(call, record)));
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
