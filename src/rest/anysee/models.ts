import type { NearFace, NearFaceInfo } from '../../api/nearface.ts';
import { MIN_FACE_SIZE } from '../face-size.ts';
import { route, type Route } from '../route.ts';
import { ATTRIBUTES } from './details.ts';
import { BASES } from './wire.ts';

const DETAILS: readonly string[] = ['position', 'angle', 'landmarks', 'quality', 'attributes'];
const FORMATS: readonly string[] = ['JPG', 'PNG', 'GIF'];

/** What the model in use can do. */
export function modelRoutes(): readonly Route[] {
  return BASES.map(({ base, isHidden }) =>
    route({
      ...{ method: 'GET', path: `${base}/models`, isHidden, summary: 'The model in use' },
      answers: {
        200: {
          description: 'One model',
          schema: {
            type: 'object',
            properties: { count: { const: 1 }, models: { type: 'array', items: { type: 'object' } } },
          },
        },
      },
      async run({ nf, options, signal }) {
        const { embedding } = nf.info;
        const { version = '', licence = '' } = (await loadedModel(nf, signal)) ?? {};
        const model = {
          ...{ name: embedding.modelId, type: 'face', vectorSize: embedding.dimension, version, licence },
          ...{ details: DETAILS, attributes: ATTRIBUTES, imageFormats: FORMATS },
          minFaceSize: options.minFaceSize ?? MIN_FACE_SIZE,
        };
        return { json: { count: 1, models: [model] } };
      },
    }),
  );
}

/** Side of a picture of nothing, in pixels. */
const SIDE = 16;

/** A model tells its version and licence once it is loaded, which the first face does; here a picture of nothing. */
async function loadedModel(
  nf: NearFace,
  signal: AbortSignal,
): Promise<NearFaceInfo['models'][number] | undefined> {
  const found = (): NearFaceInfo['models'][number] | undefined =>
    nf.info.models.find(({ id }) => id === nf.info.embedding.modelId);
  if (!found()) {
    const nothing = { width: SIDE, height: SIDE, data: new Uint8ClampedArray(4 * SIDE * SIDE) };
    await nf.embed(nothing, { input: 'aligned', minFaceSize: 1, signal });
  }
  return found();
}
