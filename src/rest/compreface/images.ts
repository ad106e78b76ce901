import type { EmbedOptions } from '../../api/options.ts';
import type { EmbeddingProbe } from '../../api/compare.ts';
import { MAX_HITS } from '../../core/limits.ts';
import type { Detection, Face } from '../../core/types.ts';
import { flag, type Picture, picture, whole, withDefault } from '../fields.ts';
import { aboutPicture, noFace } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { similarityOf } from '../similarity.ts';
import { collectionOf, imageId, json, lookFields, mostFaces } from './collection.ts';
import { exampleProbe } from './examples.ts';
import {
  detailsOf,
  executionTime,
  faceJson,
  type Plugins,
  pluginsOf,
  pluginVersions,
  rounded,
} from './face-json.ts';
import { predictions } from './predictions.ts';

/** What every call that looks at a picture is asked. */
interface Look {
  readonly limit: number;
  readonly det_prob_threshold: number | undefined;
  readonly face_plugins: readonly string[];
  readonly status: boolean;
}

type LookCall = Call<unknown, Look, unknown>;

/** How many subjects are told of a face. */
export const predictionCount = (): ReturnType<typeof whole> =>
  withDefault(whole(1, MAX_HITS, 'Most subjects told of a face, the most similar first'), 1);

/** Faces are detected, recognised and verified in pictures. */
export function imageRoutes(): readonly Route[] {
  return [detectRoute(), recogniseRoute(), verifyExampleRoute(), verifyRoute()];
}

const faces = {
  200: {
    description: 'The faces, the biggest first',
    schema: {
      type: 'object',
      properties: { result: { type: 'array' }, plugins_versions: { type: 'object' } },
    },
  },
};

function detectRoute(): Route {
  return route({
    ...{ method: 'POST', path: '/api/v1/detection/detect', summary: 'Finds the faces of a picture' },
    query: lookFields(),
    body: { file: picture('The picture') },
    answers: faces,
    async run(call) {
      const plugins = pluginsOf(call.fields.face_plugins);
      const found = await look(call, call.fields.file, 'file', plugins, plugins.has('calculator'));
      return told(
        call,
        plugins,
        found.faces.map((face) => faceJson(face, plugins)),
      );
    },
  });
}

function recogniseRoute(): Route {
  return route({
    ...{
      method: 'POST',
      path: '/api/v1/recognition/recognize',
      summary: 'Recognises the faces of a picture',
    },
    query: {
      ...lookFields(),
      prediction_count: predictionCount(),
      detect_faces: withDefault(
        flag('Whether faces are looked for; else the picture is one aligned, square face'),
        true,
      ),
    },
    body: { file: picture('The picture') },
    answers: faces,
    async run(call) {
      const plugins = pluginsOf(call.fields.face_plugins);
      const { prediction_count: count, detect_faces: isPhoto } = call.fields;
      const found = isPhoto
        ? await look(call, call.fields.file, 'file', plugins, true)
        : await cropOf(call, call.fields.file);
      const probes = found.faces as readonly (Face & EmbeddingProbe)[];
      const who = await predictions(await collectionOf(call), probes, count, call.signal);
      return told(
        call,
        plugins,
        found.faces.map((face, i) => ({ ...faceJson(face, plugins), subjects: who[i] })),
      );
    },
  });
}

function verifyExampleRoute(): Route {
  return route({
    ...{ method: 'POST', path: '/api/v1/recognition/faces/:image_id/verify' },
    summary: 'Compares the faces of a picture with an example',
    params: { image_id: imageId() },
    query: lookFields(),
    body: { file: picture('The picture') },
    answers: faces,
    async run(call) {
      const plugins = pluginsOf(call.fields.face_plugins);
      const example = await exampleProbe(call, call.params.image_id);
      const found = await look(call, call.fields.file, 'file', plugins, true);
      const alike = await similarities(call, example, found.faces);
      return told(
        call,
        plugins,
        found.faces.map((face, i) => ({ ...faceJson(face, plugins), similarity: alike[i] })),
      );
    },
  });
}

function verifyRoute(): Route {
  return route({
    ...{ method: 'POST', path: '/api/v1/verification/verify' },
    summary: 'Compares the face of a picture with those of another one',
    description: 'Of the source the biggest face is taken.',
    query: lookFields(),
    body: {
      source_image: picture('Whose face is verified'),
      target_image: picture('The picture to look in'),
    },
    answers: faces,
    async run(call) {
      const plugins = pluginsOf(call.fields.face_plugins);
      const source = await look(call, call.fields.source_image, 'source_image', plugins, true);
      const target = await look(call, call.fields.target_image, 'target_image', plugins, true);
      const [face] = source.faces as readonly (Face & EmbeddingProbe)[];
      const alike = await similarities(call, face as Face & EmbeddingProbe, target.faces);
      const matches = target.faces.map((one, i) => ({
        ...timed(call, plugins, faceJson(one, plugins)),
        similarity: alike[i],
      }));
      const result = {
        source_image_face: timed(call, plugins, faceJson(face as Face, plugins)),
        face_matches: matches,
        ...versions(call, plugins),
      };
      return json({ result: [result] });
    },
  });
}

/** The faces of a picture. @throws RestError `NO_FACES` */
async function look(
  call: LookCall,
  given: Picture,
  param: string,
  plugins: Plugins,
  withEmbedding: boolean,
): Promise<Detection> {
  const { blob } = await call.picture(given, param);
  const { limit, det_prob_threshold: minScore } = call.fields;
  const options = {
    ...{ mode: 'accurate', signal: call.signal, maxFaces: mostFaces(limit) },
    minFaceSize: call.options.minFaceSize ?? 'auto',
    ...(minScore !== undefined && { minScore }),
    returnDetails: detailsOf(plugins),
  } as const satisfies EmbedOptions;
  const found = await aboutPicture(param, () =>
    withEmbedding ? call.nf.embed(blob, { ...options, faces: 'all' }) : call.nf.detect(blob, options),
  );
  if (found.faces.length > 0) return found;
  throw noFace(param);
}

/** A picture that is a face. */
async function cropOf(call: LookCall, given: Picture): Promise<Detection> {
  const { blob } = await call.picture(given, 'file');
  return call.nf.embed(blob, { input: 'aligned', signal: call.signal });
}

/** How alike a face and some others are, each in 0..1. */
export async function similarities(
  call: Pick<Call<unknown, unknown, unknown>, 'nf' | 'signal'>,
  source: EmbeddingProbe,
  others: readonly { readonly embedding?: Float32Array }[],
): Promise<readonly number[]> {
  const compared = others.map((other) => similarityOf(call, source, other as EmbeddingProbe));
  return (await Promise.all(compared)).map(rounded);
}

function told(call: LookCall, plugins: Plugins, result: readonly Record<string, unknown>[]): Reply {
  return json({
    result: result.map((face) => timed(call, plugins, face)),
    ...versions(call, plugins),
  });
}

function timed(
  { nf, fields }: LookCall,
  plugins: Plugins,
  face: Record<string, unknown>,
): Record<string, unknown> {
  return fields.status ? { ...face, execution_time: executionTime(nf.info, plugins) } : face;
}

function versions({ nf, fields }: LookCall, plugins: Plugins): Record<string, unknown> {
  return fields.status ? { plugins_versions: pluginVersions(nf.info, plugins) } : {};
}
