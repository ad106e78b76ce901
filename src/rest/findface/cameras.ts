import { MAX_META_LENGTH, MAX_URL_LENGTH } from '../../core/limits.ts';
import type { Camera, CameraPatch, NewCamera } from '../../core/people.ts';
import type { Box } from '../../core/types.ts';
import { type Field, json, optional, text } from '../fields.ts';
import { wrongField } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { VERSION_PATH } from './wire.ts';

const PATH = `${VERSION_PATH}/camera`;

/** Cameras are kept for video detectors, which ask for their own. A detector is the group of its cameras. */
export function cameraRoutes(): readonly Route[] {
  return [listRoute(), makeRoute(), ...oneRoutes()];
}

const region = (): Field<unknown> =>
  optional(
    json('[width, height, x, y] in pixels of its picture', { type: 'array', items: { type: 'integer' } }),
  );

const shared = (): {
  readonly meta: Field<string | undefined>;
  readonly url: Field<string | undefined>;
  readonly rot: Field<unknown>;
  readonly roi: Field<unknown>;
} => ({
  meta: optional(text(MAX_META_LENGTH, 'What it is called')),
  url: optional(text(MAX_URL_LENGTH, 'Where its pictures come from')),
  ...{ rot: region(), roi: region() },
});

const detectorField = (): Field<string | undefined> =>
  optional(text(MAX_META_LENGTH, 'Which detector looks at it'));

function listRoute(): Route {
  return route({
    ...{ method: 'GET', path: PATH, summary: 'Lists the cameras', query: { detector: detectorField() } },
    answers: { 200: { description: 'The cameras', schema: { type: 'array', items: cameraSchema } } },
    async run({ nf, fields }) {
      const { detector } = fields;
      const cameras = await nf.cameras.list(detector === undefined ? {} : { group: detector });
      return { json: cameras.map(cameraOut) };
    },
  });
}

function makeRoute(): Route {
  return route({
    ...{ method: 'POST', path: PATH, summary: 'Adds a camera' },
    body: { ...shared(), detector: detectorField() },
    answers: { 201: { description: 'The camera', schema: cameraSchema } },
    async run({ nf, fields }) {
      const { meta, url, detector, rot, roi } = fields;
      const camera: NewCamera = {
        ...(meta !== undefined && { meta }),
        ...(url !== undefined && { url }),
        ...(detector !== undefined && { group: detector }),
        ...(isGiven(rot) && { rot: regionOf(rot, 'rot') }),
        ...(isGiven(roi) && { roi: regionOf(roi, 'roi') }),
      };
      return { status: 201, json: cameraOut(await nf.cameras.create(camera)) };
    },
  });
}

function oneRoutes(): readonly Route[] {
  const path = `${PATH}/:id`;
  const answers = { 200: { description: 'The camera', schema: cameraSchema } };
  return [
    route({
      ...{ method: 'GET', path, summary: 'A camera', answers },
      run: async ({ nf, params }) => ({ json: cameraOut(await nf.cameras.get(params['id'] as string)) }),
    }),
    route({
      ...{ method: 'PUT', path, summary: 'Changes a camera', answers, body: shared() },
      description: 'A rot or roi that is missing or empty is taken away; other fields that are missing stay.',
      async run({ nf, params, fields }) {
        const { meta, url, rot, roi } = fields;
        const patch: CameraPatch = {
          ...(meta !== undefined && { meta }),
          ...(url !== undefined && { url }),
          rot: isGiven(rot) ? regionOf(rot, 'rot') : null,
          roi: isGiven(roi) ? regionOf(roi, 'roi') : null,
        };
        return { json: cameraOut(await nf.cameras.update(params['id'] as string, patch)) };
      },
    }),
    route({
      ...{ method: 'DELETE', path, summary: 'Deletes a camera; faces and history keep its id' },
      answers: { 204: { description: 'It is gone' } },
      async run({ nf, params }) {
        await nf.cameras.delete(params['id'] as string);
        return { status: 204 };
      },
    }),
  ];
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

const MAX_SIDE = 100_000;

/** Width, height, left and top of a part of the camera's picture. */
function regionOf(value: unknown, param: string): readonly [number, number, number, number] {
  const numbers = Array.isArray(value) && value.length === 4 ? (value as readonly unknown[]) : [];
  const isWhole = numbers.every((each) => Number.isInteger(each) && Math.abs(each as number) <= MAX_SIDE);
  const [width = 0, height = 0, x = 0, y = 0] = numbers as readonly number[];
  if (numbers.length !== 4 || !isWhole || width <= 0 || height <= 0 || x < 0 || y < 0)
    throw wrongField(param, value, 'four whole numbers [width, height, x, y], width and height above 0');
  return [width, height, x, y];
}

function cameraOut({ id, meta, url, group, rot, roi }: Camera): Record<string, unknown> {
  const list = ({ width, height, left, top }: Box): readonly number[] => [width, height, left, top];
  return {
    id,
    ...(meta !== undefined && { meta }),
    ...(url !== undefined && { url }),
    ...(group !== undefined && { detector: group }),
    ...(rot && { rot: list(rot) }),
    ...(roi && { roi: list(roi) }),
  };
}

const cameraSchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    meta: { type: 'string' },
    url: { type: 'string' },
    detector: { type: 'string' },
    rot: { type: 'array', items: { type: 'integer' } },
    roi: { type: 'array', items: { type: 'integer' } },
  },
};
