import type { EmbeddingProbe } from '../../api/compare.ts';
import { MAX_HITS } from '../../core/limits.ts';
import type { Face } from '../../core/types.ts';
import { decimal, type Field, type JsonSchema, optional, whole, withDefault } from '../fields.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { alikeness, similarityOf } from '../similarity.ts';
import { storedProbe } from '../stored-probe.ts';
import { collectionField, galleryOf } from './collection.ts';
import { detailsOut, detailsSchema } from './details.ts';
import { entityOut, entitySchema } from './entity.ts';
import { faceOf, facesOf, type Image, imageField, readImage } from './image.ts';
import { BASES, checkModel, modelField } from './wire.ts';

/** Faces are searched for, found and compared; nothing is stored. */
export function searchRoutes(): readonly Route[] {
  return BASES.flatMap(({ base, isHidden }) => {
    const path = `${base}/entities/faces`;
    return [
      searchRoute(`${path}/search`, isHidden),
      detectRoute(`${path}/detect`, isHidden),
      compareRoute(`${path}/compare`, isHidden),
      compareWithRoute(`${path}/:uuid/compare`, isHidden),
    ];
  });
}

const most = (): Field<number | undefined> => optional(whole(1, MAX_HITS, 'Most entities, 1 by default'));
const details: JsonSchema = { type: 'object', properties: { details: detailsSchema } };

interface SearchFields {
  readonly model: string | undefined;
  readonly image: Image;
  readonly collection: string | undefined;
  readonly maxEntities: number | undefined;
  readonly maxFaces: number | undefined;
  readonly maxEntityNum: number | undefined;
  readonly threshold: number;
}

function searchRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'The entities that are most like a face' },
    body: {
      model: modelField(),
      image: imageField(),
      collection: optional(collectionField()),
      maxEntities: most(),
      maxFaces: most(),
      maxEntityNum: most(),
      threshold: withDefault(decimal(0, 1, 'The least similarityScore'), 0),
    },
    answers: {
      200: {
        description: 'By falling similarityScore',
        schema: {
          type: 'object',
          properties: {
            count: { type: 'integer' },
            maxFaces: { type: 'integer' },
            threshold: { type: 'number' },
            entitiesFound: { type: 'array', items: entitySchema },
            details: detailsSchema,
          },
        },
      },
    },
    run: search,
  });
}

async function search(call: Call<unknown, SearchFields, unknown>): Promise<Reply> {
  checkModel(call);
  const { nf, signal, fields } = call;
  const { image, collection, threshold } = fields;
  const limit = fields.maxEntities ?? fields.maxFaces ?? fields.maxEntityNum ?? 1;
  const face = await faceIn(call, image, 'image');
  const gallery = await galleryOf(nf, collection);
  const [matches = []] = gallery ? await gallery.search([face], { limit, threshold, signal }) : [];
  const entitiesFound = matches.map((match) => ({
    similarityScore: alikeness(match),
    ...entityOut(match.record),
  }));
  const { returnDetails } = image;
  const isAsked = Object.values(returnDetails).includes(true);
  return {
    json: {
      ...{ count: entitiesFound.length, maxFaces: limit, threshold, entitiesFound },
      ...(isAsked && { details: detailsOut(face, returnDetails) }),
    },
  };
}

/** The biggest face of a picture of a request. */
async function faceIn(
  call: Call<unknown, unknown, unknown>,
  image: Image,
  param: string,
): Promise<Face & EmbeddingProbe> {
  const face = await faceOf(call, image, await readImage(call, image, param), param);
  return face as Face & EmbeddingProbe;
}

function detectRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Finds the faces of a picture' },
    body: { model: modelField(), image: imageField() },
    answers: {
      200: {
        description: 'The faces, the biggest first',
        schema: {
          type: 'object',
          properties: { count: { type: 'integer' }, entities: { type: 'array', items: details } },
        },
      },
    },
    async run(call) {
      checkModel(call);
      const { image } = call.fields;
      const faces = await facesOf(call, image, 'image');
      const entities = faces.map((face) => ({ details: detailsOut(face, image.returnDetails) }));
      return { json: { count: entities.length, entities } };
    },
  });
}

const comparedSchema = (...sides: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: {
    similarityScore: { type: 'number' },
    entities: { type: 'object', properties: Object.fromEntries(sides.map((side) => [side, details])) },
  },
});

function compareRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Compares the biggest faces of two pictures' },
    body: { model: modelField(), imageOne: imageField(), imageTwo: imageField() },
    answers: { 200: { description: 'How alike they are', schema: comparedSchema('one', 'two') } },
    async run(call) {
      checkModel(call);
      const { imageOne, imageTwo } = call.fields;
      const one = await faceIn(call, imageOne, 'imageOne');
      const two = await faceIn(call, imageTwo, 'imageTwo');
      const entities = {
        one: { details: detailsOut(one, imageOne.returnDetails) },
        two: { details: detailsOut(two, imageTwo.returnDetails) },
      };
      return { json: { similarityScore: await similarityOf(call, one, two), entities } };
    },
  });
}

function compareWithRoute(path: string, isHidden: boolean): Route {
  return route({
    ...{ method: 'POST', path, isHidden, summary: 'Compares the biggest face of a picture with an entity' },
    body: { model: modelField(), image: imageField() },
    answers: { 200: { description: 'How alike they are', schema: comparedSchema('one') } },
    async run(call) {
      checkModel(call);
      const { nf, params, fields } = call;
      const record = await nf.faces.get(params['uuid'] as string);
      const one = await faceIn(call, fields.image, 'image');
      const similarityScore = await similarityOf(call, one, await storedProbe(nf.faces, record));
      const entities = { one: { details: detailsOut(one, fields.image.returnDetails) } };
      return { json: { similarityScore, entities } };
    },
  });
}
