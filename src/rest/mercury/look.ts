import { MAX_GALLERIES_PER_SEARCH, MAX_HITS } from '../../core/limits.ts';
import type { Completeness, Quality } from '../../core/quality.ts';
import { decimal, type JsonSchema, whole, withDefault, words } from '../fields.ts';
import { knownGallery } from '../known-gallery.ts';
import { faultOf, wrongField } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { alikeness, similarityOf } from '../similarity.ts';
import { envelopeSchema, type Result, resultOf, SUCCESS } from './envelope.ts';
import {
  biggest,
  faceOf,
  faceOut,
  faceSchema,
  facesOf,
  type Image,
  imageOf,
  imagesField,
  MAX_IMAGES,
  oneImage,
  readImage,
  readItem,
} from './image.ts';
import { BASES } from './paths.ts';

/** Faces are found, measured, compared and searched for; nothing is stored. */
export function lookRoutes(): readonly Route[] {
  return BASES.flatMap(({ base, isHidden }) => [
    qualityRoute(`${base}/quality`, isHidden),
    searchRoute(`${base}/databases/search`, isHidden),
    compareRoute(`${base}/compare`, isHidden),
    detectRoute(`${base}/detect`, isHidden),
  ]);
}

const object: JsonSchema = { type: 'object' };

function qualityRoute(path: string, isHidden: boolean): Route {
  const told = { angle: object, quality: object, occlusion: object, rectangle: object };
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'How fit the biggest face of a picture is' },
    body: oneImage(),
    answers: { 200: { description: 'What is measured of it', schema: envelopeSchema(told) } },
    async run(call) {
      const [image, param] = imageOf(call.fields);
      const given = await readImage(call, image, param);
      const face = biggest(await facesOf(call, given, { angle: true, quality: true }), given.param);
      const { rectangle, angle } = faceOut(face);
      const { completeness, ...measured } = face.quality!;
      const quality = qualityOut(measured);
      const occlusion = occlusionOut(completeness);
      return { json: { results: [SUCCESS], angle, quality, occlusion, rectangle } };
    },
  });
}

/** A good fit of the landmarks passes the least that is asked of it, which is 1. */
const ALIGN_SCALE = 2;

function qualityOut(quality: Omit<Quality, 'completeness'>): Readonly<Record<string, number>> {
  const { centered, alignment, brightness, sharpness, mouthClosed, integrity, size } = quality;
  return {
    ...{ distance2center: centered, align_score: ALIGN_SCALE * alignment, brightness, sharpness },
    // Its name misleads: 1 is all there.
    ...{ mouth_open: 1 - mouthClosed, missing: integrity, size },
  };
}

/** Which part of a face is covered; of what there is twice, the more covered one. */
function occlusionOut(seen: Completeness): Readonly<Record<string, number>> {
  return {
    occlusion_total: 1 - seen.total,
    eye: 1 - Math.min(seen.leftEye, seen.rightEye),
    nose: 1 - seen.nose,
    mouth: 1 - seen.mouth,
    eyebrow: 1 - Math.min(seen.leftEyeBrow, seen.rightEyeBrow),
    face_line: 1 - seen.faceContour,
  };
}

interface SearchFields {
  readonly image: Image | undefined;
  readonly images: readonly unknown[] | undefined;
  readonly db_ids: readonly string[];
  readonly top_k: number;
  readonly min_score: number;
}

function searchRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'The features that are most like a face' },
    body: {
      ...oneImage(),
      db_ids: words('Ids of the databases to search in', MAX_GALLERIES_PER_SEARCH),
      top_k: withDefault(whole(1, MAX_HITS, 'Most features'), 1),
      min_score: withDefault(decimal(0, 1, 'The least score'), 0.75),
    },
    answers: {
      200: {
        description: 'By falling score',
        schema: envelopeSchema({ features: { type: 'array', items: object }, face: faceSchema }),
      },
    },
    run: search,
  });
}

async function search(call: Call<unknown, SearchFields, unknown>): Promise<Reply> {
  const { nf, signal, fields } = call;
  const { db_ids: ids, top_k: limit, min_score: threshold } = fields;
  const [image, param] = imageOf(fields);
  const galleries = await Promise.all(ids.map((id) => knownGallery(nf, id)));
  const unknown = ids.find((_, i) => !galleries[i]);
  const [first] = galleries;
  if (!first || unknown !== undefined)
    throw wrongField('db_ids', unknown ?? ids, 'ids of databases', 'unknown');
  const face = await faceOf(call, await readImage(call, image, param));
  const [matches = []] = await first.search([face], { galleries: ids, limit, threshold, signal });
  const features = matches.map((match) => {
    const { id, meta, galleries: homes } = match.record;
    const home = ids.find((each) => homes.includes(each));
    return { db_id: home, feature_id: id, score: alikeness(match), extra_info: meta };
  });
  return { json: { results: [SUCCESS], features, face: faceOut(face) } };
}

function compareRoute(path: string, isHidden: boolean): Route {
  const faces = { type: 'array', items: faceSchema };
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Compares the biggest faces of two pictures' },
    body: { images: imagesField(2, 2) },
    answers: {
      200: {
        description: 'How alike they are',
        schema: envelopeSchema({ score: { type: 'number' }, faces }),
      },
    },
    async run(call) {
      const { fields } = call;
      const given = [0, 1].map((i) => [readItem(fields.images, i), `images[${i}]`] as const);
      const [a, b] = await Promise.all(
        given.map(async ([image, param]) => faceOf(call, await readImage(call, image, param))),
      );
      const score = await similarityOf(call, a!, b!);
      return { json: { results: [SUCCESS, SUCCESS], score, faces: [faceOut(a!), faceOut(b!)] } };
    },
  });
}

function detectRoute(path: string, isHidden: boolean): Route {
  const items = { type: 'object', properties: { faces: { type: 'array', items: faceSchema } } };
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Finds the faces of pictures' },
    description: 'Answers come in the order of the pictures; one that fails does not fail the others.',
    body: { images: imagesField(1, MAX_IMAGES) },
    answers: {
      200: {
        description: 'A result and faces for each picture, the biggest first',
        schema: envelopeSchema({ batches: { type: 'array', items } }),
      },
    },
    async run(call) {
      const { images } = call.fields;
      const results: Result[] = [];
      const batches: { readonly faces: readonly object[] }[] = [];
      for (let i = 0; i < images.length; i++) {
        try {
          const given = await readImage(call, readItem(images, i), `images[${i}]`);
          batches.push({ faces: (await facesOf(call, given)).map(faceOut) });
          results.push(SUCCESS);
        } catch (error) {
          results.push(resultOf(faultOf(error)));
          batches.push({ faces: [] });
        }
      }
      return { json: { results, batches } };
    },
  });
}
