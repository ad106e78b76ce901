import type { EnrolDetails, ReplaceOptions } from '../../api/options.ts';
import type { FacePatch, FaceRecord } from '../../core/records.ts';
import type { Face } from '../../core/types.ts';
import { enrolled } from '../enrolled.ts';
import { optional, withDefault } from '../fields.ts';
import { aboutPicture } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { collectionField, galleryName, inCollection } from './collection.ts';
import { detailsOut } from './details.ts';
import {
  entityOut,
  entitySchema,
  expiryOf,
  extraWith,
  metadataField,
  metadataOf,
  ownOf,
  ttlField,
} from './entity.ts';
import { type Asked, faceOf, type Given, type Image, imageField, readImage } from './image.ts';
import { BASES, checkModel, keyField, modelField } from './wire.ts';

/** Entities are added and changed. */
export function enrolRoutes(): readonly Route[] {
  return BASES.flatMap(({ base, isHidden }) => [
    addRoute(`${base}/entities/faces`, isHidden),
    changeRoute(`${base}/entities/faces/:uuid`, isHidden),
  ]);
}

function addRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Adds the biggest face of a picture' },
    body: {
      model: modelField(),
      image: imageField(),
      collection: withDefault(collectionField(), ''),
      key: keyField(),
      ttl: ttlField(),
      metadata: metadataField(),
    },
    answers: { 201: { description: 'The entity', schema: entitySchema } },
    run: add,
  });
}

interface AddFields {
  readonly model: string | undefined;
  readonly image: Image;
  readonly collection: string;
  readonly key: string | undefined;
  readonly ttl: number | undefined;
  readonly metadata: readonly unknown[] | undefined;
}

/** The face is looked at before anything is stored: one that is too small is told of before its collection is made. */
async function add(call: Call<unknown, AddFields, unknown>): Promise<Reply> {
  checkModel(call);
  const { nf, options, fields } = call;
  const { image, collection, key = '', ttl, metadata = [] } = fields;
  const timestamp = options.now();
  const extra = extraWith({ collection, metadata: metadataOf(metadata), updatedAt: timestamp });
  const expiresAt = expiryOf(call, ttl);
  const given = await readImage(call, image, 'image');
  const face = await faceOf(call, image, given, 'image');
  const gallery = await nf.galleries.get();
  const report = await inCollection(nf, collection, async (name) => {
    const added = await aboutPicture('image.data', () =>
      gallery.add(given.photo, {
        ...{ ...given.find, mode: 'auto', faces: 'biggest', galleries: [name], meta: key, timestamp, extra },
        ...(expiresAt !== null && { expiresAt }),
        ...storedDetails(image.returnDetails),
      }),
    );
    return enrolled(added, 'image.data');
  });
  const [record] = report as readonly [FaceRecord];
  return { status: 201, json: withDetails(record, face, image.returnDetails) };
}

/** What was asked for is kept where the library keeps it. */
function storedDetails({ quality, attributes }: Asked): { readonly returnDetails?: EnrolDetails } {
  return quality || attributes ? { returnDetails: { quality, attributes } } : {};
}

const withDetails = (record: FaceRecord, face: Face, asked: Asked): object => ({
  ...entityOut(record),
  details: detailsOut(face, asked),
});

function changeRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'PATCH', path, isHidden, summary: 'Changes an entity' },
    description: 'What is not given stays. With a picture its face takes the place of the one before.',
    body: {
      model: modelField(),
      image: optional(imageField()),
      collection: optional(collectionField()),
      key: keyField(),
      ttl: ttlField(),
      metadata: metadataField(),
    },
    answers: { 200: { description: 'The entity', schema: entitySchema } },
    run: change,
  });
}

type ChangeFields = Omit<AddFields, 'image' | 'collection'> & {
  readonly image: Image | undefined;
  readonly collection: string | undefined;
};

async function change(call: Call<Readonly<Record<string, string>>, ChangeFields, unknown>): Promise<Reply> {
  checkModel(call);
  const { nf, params, fields } = call;
  const { image, collection, key, ttl, metadata } = fields;
  const before = await nf.faces.get(params['uuid'] as string);
  if ([image, collection, key, ttl, metadata].every((field) => field === undefined))
    return { json: entityOut(before) };
  const patch = await patchOf(call, before);
  const given = image && (await readImage(call, image, 'image'));
  const face = image && given && (await faceOf(call, image, given, 'image'));
  const update = async (): Promise<FaceRecord> => {
    const changed = await nf.faces.update(before.id, patch);
    return image && given ? replaced(call, before, image, given) : changed;
  };
  const record = await (collection === undefined ? update() : inCollection(nf, collection, update));
  return { json: image && face ? withDetails(record, face, image.returnDetails) : entityOut(record) };
}

async function patchOf(call: Call<unknown, ChangeFields, unknown>, before: FaceRecord): Promise<FacePatch> {
  const { collection, key, ttl, metadata } = call.fields;
  const own = ownOf(before);
  const now = call.options.now();
  const next = {
    collection: collection ?? own.collection,
    metadata: metadata === undefined ? own.metadata : metadataOf(metadata),
    updatedAt: now,
  };
  const [from, to] = await Promise.all([own.collection, next.collection].map(galleryName));
  const left = before.galleries.filter((name) => name === from && from !== to);
  return {
    extra: extraWith(next, before.extra),
    ...(key !== undefined && { meta: key }),
    ...(ttl !== undefined && { expiresAt: expiryOf(call, ttl) }),
    ...(collection !== undefined && { galleries: { add: [to as string], remove: left } }),
  };
}

/** The face of another picture in the place of one. Where that fails, what was changed of the entity before is taken back. */
async function replaced(
  { nf }: Pick<Call, 'nf'>,
  before: FaceRecord,
  image: Image,
  { photo, find }: Given,
): Promise<FaceRecord> {
  const options: ReplaceOptions = {
    ...{ ...find, mode: 'auto', faces: 'biggest' },
    ...storedDetails(image.returnDetails),
  };
  try {
    const report = await aboutPicture('image.data', () => nf.faces.replace(before.id, photo, options));
    return enrolled(report, 'image.data')[0] as FaceRecord;
  } catch (error) {
    const { id, meta, extra = null, expiresAt = null, galleries } = before;
    // The face may be gone by now, or its gallery: that is not why the call fails.
    await nf.faces
      .update(id, { meta, extra, expiresAt, galleries: { set: galleries } })
      .catch(() => undefined);
    throw error;
  }
}
