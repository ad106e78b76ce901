import type { FriendRule, Person } from '../../core/people.ts';
import type { FaceRecord, PictureKind } from '../../core/records.ts';
import { hasCode } from '../problem.ts';
import type { Call } from '../route.ts';
import { idOut, numberOfId } from './face-ids.ts';
import { attributesOut, boxOut, timeOut } from './wire.ts';

type AnyCall = Pick<Call<unknown, unknown, unknown>, 'nf' | 'options' | 'link' | 'pictureKey'>;

/** What a picture is called in a link. */
export const PICTURE_FILES: Readonly<Record<PictureKind, string>> = {
  photo: 'photo.jpeg',
  thumbnail: 'thumbnail.jpeg',
  crop: 'normalized.jpeg',
};

/** What the key of a picture's link opens. */
export const pictureOf = (id: string, file: string): string => `uploads/${id}/${file}`;

/** A link to a picture that whoever has it can follow, and that leads to nothing else. */
async function pictureLink(call: AnyCall, { id }: FaceRecord, kind: PictureKind): Promise<string> {
  const file = PICTURE_FILES[kind];
  const name = encodeURIComponent(id);
  const key = await call.pictureKey(pictureOf(id, file));
  return call.link(`/t/${key}/uploads/${name}/${file}`);
}

/** Who counts as a friend. */
export function friendRuleOf({ options }: Pick<AnyCall, 'options'>): FriendRule {
  const { friendCount: count, friendInterval, now } = options;
  return { count, intervalMs: friendInterval * 1000, now: now() };
}

/** A person's number as a client knows it. */
export function personNumber({ id, number }: Pick<Person, 'id' | 'number'>): number {
  return numberOfId(id) ?? number;
}

/** The number of a face's person and, if persons are identified, whether it is a friend. */
async function personOf(
  call: AnyCall,
  personId: string,
): Promise<{ readonly person_id?: number; readonly friend?: boolean }> {
  const { personIdentify } = call.options;
  const known = numberOfId(personId);
  if (known !== undefined && !personIdentify) return { person_id: known };
  try {
    const person = await call.nf.people.get(personId, {
      ...(personIdentify && { friend: friendRuleOf(call) }),
    });
    return {
      person_id: personNumber(person),
      ...(personIdentify && { friend: person.friend ?? false }),
    };
  } catch (error) {
    if (!hasCode(error, 'PERSON_NOT_FOUND')) throw error;
    return {};
  }
}

/** A face as every call tells it. */
export async function faceOut(call: AnyCall, record: FaceRecord): Promise<Record<string, unknown>> {
  const { pictures, galleries, personId } = record;
  const link = async (kind: PictureKind): Promise<string | undefined> =>
    pictures.includes(kind) ? pictureLink(call, record, kind) : undefined;
  const [photo, thumbnail, normalized] = await Promise.all([link('photo'), link('thumbnail'), link('crop')]);
  const others = galleries.filter((name) => name !== 'default');
  const corners = record.box ? boxOut(record.box) : { x1: 0, y1: 0, x2: 0, y2: 0 };
  return {
    id: idOut(record),
    timestamp: timeOut(record.timestamp),
    photo: record.sourceUrl ?? photo ?? '',
    ...(thumbnail !== undefined && { thumbnail }),
    ...(normalized !== undefined && { normalized }),
    photo_hash: record.photoHash ?? '',
    ...corners,
    meta: record.meta,
    galleries: galleries.includes('default') ? ['default', ...others] : others,
    ...(personId === undefined
      ? call.options.personIdentify && { friend: false }
      : await personOf(call, personId)),
    ...(record.cameraId !== undefined && { cam_id: record.cameraId }),
    ...attributesOut(record.attributes),
  };
}

/** Faces as every call tells them, in their order. */
export function facesOut(
  call: AnyCall,
  records: readonly FaceRecord[],
): Promise<readonly Record<string, unknown>[]> {
  return Promise.all(records.map((record) => faceOut(call, record)));
}
