import type { Gallery } from '../../api/gallery.ts';
import type { FaceRecord } from '../../core/records.ts';
import { enrolled } from '../enrolled.ts';
import { text } from '../fields.ts';
import { aboutPicture, faultOf } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { databaseField, databaseOf } from './databases.ts';
import { envelopeSchema, type Result, resultOf, SUCCESS } from './envelope.ts';
import { imagesField, MAX_IMAGES, readImage, readItem } from './image.ts';
import { BASES } from './paths.ts';

/** Features are added to databases, and deleted. */
export function featureRoutes(): readonly Route[] {
  return BASES.flatMap(({ base, isHidden }) => [
    addRoute(`${base}/databases/:db_id/features`, isHidden),
    deleteRoute(`${base}/databases/:db_id/features/:feature_id`, isHidden),
  ]);
}

function addRoute(path: string, isHidden: boolean): Route {
  const items = { type: ['object', 'null'], properties: { feature_id: { type: 'string' } } };
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Adds the biggest face of each picture' },
    description: 'Answers come in the order of the pictures; one that fails does not fail the others.',
    params: { db_id: databaseField() },
    body: { images: imagesField(1, MAX_IMAGES) },
    answers: {
      200: {
        description: 'A result and a feature, or null, for each picture',
        schema: envelopeSchema({ features: { type: 'array', items } }),
      },
    },
    run: add,
  });
}

type AddCall = Call<{ readonly db_id: string }, { readonly images: readonly unknown[] }, unknown>;

/** What fails the call, as a full disk does, leaves none of its features stored. */
async function add(call: AddCall): Promise<Reply> {
  const { images } = call.fields;
  const gallery = await databaseOf(call.nf, call.params.db_id);
  const results: Result[] = [];
  const features: ({ readonly feature_id: string } | null)[] = [];
  try {
    for (let i = 0; i < images.length; i++) {
      try {
        const { id } = await addOne(call, gallery, i);
        features.push({ feature_id: id });
        results.push(SUCCESS);
      } catch (error) {
        results.push(resultOf(faultOf(error)));
        features.push(null);
      }
    }
  } catch (error) {
    const added = features.flatMap((feature) => feature?.feature_id ?? []);
    // Where this fails too, the call still fails for the first reason.
    await gallery.delete(added).catch(() => undefined);
    throw error;
  }
  return { json: { results, features } };
}

async function addOne(call: AddCall, gallery: Gallery, i: number): Promise<FaceRecord> {
  const image = readItem(call.fields.images, i);
  const { photo, param, find } = await readImage(call, image, `images[${i}]`);
  const { extra_info: meta = '' } = image;
  const timestamp = call.options.now();
  const report = await aboutPicture(param, () =>
    gallery.add(photo, { ...find, faces: 'biggest', meta, timestamp }),
  );
  return enrolled(report, param)[0] as FaceRecord;
}

function deleteRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'DELETE', path, isHidden, summary: 'Deletes a feature' },
    params: { db_id: databaseField(), feature_id: text(256, 'Id of the feature') },
    answers: { 200: { description: 'It is gone', schema: envelopeSchema() } },
    async run({ nf, params, signal }) {
      const gallery = await databaseOf(nf, params.db_id);
      await gallery.delete(params.feature_id, { signal });
      return { json: { results: [SUCCESS] } };
    },
  });
}
