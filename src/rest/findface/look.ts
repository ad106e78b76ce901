import type { EmbeddingProbe } from '../../api/compare.ts';
import { MAX_FACES_PER_IMAGE, MAX_HITS } from '../../core/limits.ts';
import type { Box, Face, FacesRule, Threshold } from '../../core/types.ts';
import { iou } from '../../geometry/boxes.ts';
import {
  boxes,
  choice,
  decimal,
  type Field,
  flag,
  optional,
  picture,
  threshold,
  whole,
  withDefault,
} from '../fields.ts';
import { noFace, RestError, wrongField } from '../problem.ts';
import { type Call, type Reply, route, type Route } from '../route.ts';
import { alikeness } from '../similarity.ts';
import { facesOut } from './face-json.ts';
import { askedOf, attributeFields, attributesOut, boxOut, faceSchema, VERSION_PATH } from './wire.ts';

/** Which of several faces are used. */
export const selector = (): Field<FacesRule> =>
  withDefault(choice(['reject', 'biggest', 'all'], 'Which of several faces are used'), 'biggest');

const MIN_FACE_SIZE = 50;

/** How faces are looked for in a picture that is given. */
export function finding({ options, signal }: Pick<Call, 'options' | 'signal'>): {
  readonly mode: 'accurate';
  readonly minFaceSize: number;
  readonly maxFaces: number;
  readonly signal: AbortSignal;
} {
  const minFaceSize = options.minFaceSize ?? MIN_FACE_SIZE;
  return { mode: 'accurate', minFaceSize, maxFaces: MAX_FACES_PER_IMAGE, signal };
}

/** Faces are found, compared and looked for among those that are stored. */
export function lookRoutes(): readonly Route[] {
  return [
    detectRoute(),
    verifyRoute(),
    identifyRoute(`${VERSION_PATH}/identify`),
    identifyRoute(`${VERSION_PATH}/faces/gallery/:gallery/identify`),
  ];
}

function detectRoute(): Route {
  return route({
    ...{ method: 'POST', path: `${VERSION_PATH}/detect`, summary: 'Finds the faces of a picture' },
    body: { photo: picture('The picture'), ...attributeFields() },
    answers: { 200: { description: 'The faces and the orientation of the file', schema: detectSchema } },
    async run(call) {
      const asked = askedOf(call);
      const { blob } = await call.picture(call.fields.photo, 'photo');
      const options = { ...finding(call), returnDetails: asked.details };
      const found = await call.nf.detect(blob, options);
      const faces = found.faces.map((face) => ({
        ...boxOut(face.position),
        ...attributesOut(face.attributes, asked),
      }));
      return { json: { faces, orientation: found.orientation } };
    },
  });
}

function verifyRoute(): Route {
  return route({
    ...{ method: 'POST', path: `${VERSION_PATH}/verify`, summary: 'Compares the faces of two pictures' },
    body: {
      photo1: picture('The first picture'),
      photo2: picture('The second picture'),
      bbox1: optional(boxes('Faces of the first picture')),
      bbox2: optional(boxes('Faces of the second picture')),
      threshold: withDefault(threshold('From which confidence on a pair is verified'), 0.75),
      mf_selector: selector(),
    },
    answers: { 200: { description: 'A result for each pair of faces', schema: verifySchema } },
    run: verify,
  });
}

interface VerifyFields {
  readonly photo1: Blob | string;
  readonly photo2: Blob | string;
  readonly bbox1: readonly Box[] | undefined;
  readonly bbox2: readonly Box[] | undefined;
  readonly threshold: Threshold;
  readonly mf_selector: FacesRule;
}

async function verify(call: Call<unknown, VerifyFields, unknown>): Promise<Reply> {
  const { photo1, photo2, bbox1, bbox2, threshold: level, mf_selector: faces } = call.fields;
  const a = await call.picture(photo1, 'photo1');
  const b = await call.picture(photo2, 'photo2');
  const options = {
    ...{ ...finding(call), faces, threshold: level },
    ...(bbox1 && bbox1.length > 0 && { boxesA: bbox1 }),
    ...(bbox2 && bbox2.length > 0 && { boxesB: bbox2 }),
  };
  const result = await call.nf.compare(a.blob, b.blob, options);
  const isJudged = level !== 'none' && level !== 0;
  const results = result.pairs.map((pair) => ({
    bbox1: boxOut(result.a?.faces[pair.a]?.position as Box),
    bbox2: boxOut(result.b?.faces[pair.b]?.position as Box),
    confidence: alikeness(pair),
    ...(isJudged && { verified: pair.verified }),
  }));
  return { json: { results, ...(isJudged && { verified: result.verified }) } };
}

function identifyRoute(path: string): Route {
  return route({
    ...{ method: 'POST', path, summary: 'Looks for the faces of a picture among those that are stored' },
    body: {
      photo: picture('The picture'),
      bbox: optional(boxes('Only faces whose centre is in it')),
      x1: optional(decimal(-1e6, 1e6, 'The same as four fields')),
      y1: optional(decimal(-1e6, 1e6, 'Upper edge')),
      x2: optional(decimal(-1e6, 1e6, 'Right edge')),
      y2: optional(decimal(-1e6, 1e6, 'Lower edge')),
      threshold: withDefault(threshold('The least confidence of a match'), 0.75),
      n: withDefault(whole(1, MAX_HITS, 'Most matches of a face'), 1),
      mf_selector: selector(),
      strict: withDefault(flag('Changes nothing here, as there is one store'), false),
    },
    answers: { 200: { description: 'The matches of each face, by its box', schema: identifySchema } },
    run: identify,
  });
}

interface IdentifyFields {
  readonly photo: Blob | string;
  readonly bbox: readonly Box[] | undefined;
  readonly x1: number | undefined;
  readonly y1: number | undefined;
  readonly x2: number | undefined;
  readonly y2: number | undefined;
  readonly threshold: Threshold;
  readonly n: number;
  readonly mf_selector: FacesRule;
}

async function identify(
  call: Call<Readonly<Record<string, string>>, IdentifyFields, unknown>,
): Promise<Reply> {
  const { photo, threshold: level, n, mf_selector: rule } = call.fields;
  const area = areaOf(call.fields);
  const gallery = await call.nf.galleries.get(call.params['gallery'] ?? 'default');
  const { blob } = await call.picture(photo, 'photo');
  const faces = await facesAsked(call, blob, area, rule);
  const probes = faces as readonly (Face & EmbeddingProbe)[];
  const matches = await gallery.search(probes, { limit: n, threshold: level, signal: call.signal });
  const entries = faces.map(async ({ position }, i) => {
    const { x1, y1, x2, y2 } = boxOut(position);
    const hits = matches[i] ?? [];
    const told = await facesOut(
      call,
      hits.map(({ record }) => record),
    );
    const list = hits.map((match, j) => ({ confidence: alikeness(match), face: told[j] }));
    return [`[${x1}, ${y1}, ${x2}, ${y2}]`, list] as const;
  });
  const results = Object.fromEntries(await Promise.all(entries));
  return { json: { results }, headers: { 'X-Live-Servers': '1/1' } };
}

function areaOf({ bbox, x1, y1, x2, y2 }: IdentifyFields): Box | undefined {
  if (bbox && bbox.length > 1) throw wrongField('bbox', bbox, 'one box');
  if (bbox?.[0]) return bbox[0];
  const given = Object.entries({ x1, y1, x2, y2 });
  const missing = given.find(([, corner]) => corner === undefined);
  if (missing && given.every(([, corner]) => corner === undefined)) return undefined;
  if (missing) throw wrongField(missing[0], undefined, 'a number, as the other corners are', 'missing');
  const [left, top, right, bottom] = [x1, y1, x2, y2] as [number, number, number, number];
  if (right <= left) throw wrongField('x2', right, 'above x1');
  if (bottom <= top) throw wrongField('y2', bottom, 'above y1');
  return { left, top, width: right - left, height: bottom - top };
}

/** The faces that are used: by the library's own rule, or of those at a box. @throws NearFaceError @throws RestError */
async function facesAsked(
  call: Pick<Call, 'nf' | 'options' | 'signal'>,
  photo: Blob,
  area: Box | undefined,
  rule: FacesRule,
): Promise<readonly Face[]> {
  const which = area ? { area, faces: 'all' as const } : { faces: rule };
  const { faces } = await call.nf.embed(photo, { ...finding(call), ...which });
  if (faces.length === 0) throw noFace('photo');
  return area ? chosen(faces, area, rule) : faces;
}

/** Those whose centre is in the box, else the one that overlaps it most. @throws RestError */
function chosen(faces: readonly Face[], area: Box, rule: FacesRule): readonly Face[] {
  const centred = faces.filter(({ position }) => holdsCentre(area, position));
  const usable = centred.length > 0 ? centred : nearest(faces, area);
  if (usable.length === 0) throw noFace('photo');
  if (rule === 'reject' && usable.length > 1) {
    const boxesFound = usable.map(({ position }) => position);
    const message = `Too many faces: ${usable.length}`;
    throw new RestError({ status: 400, code: 'TOO_MANY_FACES', message, boxes: boxesFound });
  }
  return rule === 'all' ? usable : usable.slice(0, 1);
}

function holdsCentre(area: Box, { left, top, width, height }: Box): boolean {
  const [x, y] = [left + width / 2, top + height / 2];
  return x >= area.left && x <= area.left + area.width && y >= area.top && y <= area.top + area.height;
}

/** Faces overlap a box if their intersection has this share of their union. */
const MIN_OVERLAP = 0.1;

function nearest(faces: readonly Face[], area: Box): readonly Face[] {
  const overlaps = faces.map((face) => ({ face, overlap: iou(face.position, area) }));
  const [best] = overlaps.sort((a, b) => b.overlap - a.overlap);
  return best && best.overlap >= MIN_OVERLAP ? [best.face] : [];
}

const corner = { type: 'integer' };
const boxSchema = { type: 'object', properties: { x1: corner, y1: corner, x2: corner, y2: corner } };
const detectSchema = {
  type: 'object',
  properties: {
    faces: { type: 'array', items: boxSchema },
    orientation: { type: 'integer', minimum: 1, maximum: 8 },
  },
};
const verifySchema = {
  type: 'object',
  properties: {
    results: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          bbox1: boxSchema,
          bbox2: boxSchema,
          confidence: { type: 'number' },
          verified: { type: 'boolean' },
        },
      },
    },
    verified: { type: 'boolean' },
  },
};
const identifySchema = {
  type: 'object',
  properties: {
    results: {
      type: 'object',
      additionalProperties: {
        type: 'array',
        items: { type: 'object', properties: { confidence: { type: 'number' }, face: faceSchema } },
      },
    },
  },
};
