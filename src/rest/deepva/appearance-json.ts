import type { Appearance, RecognisedSource } from '../../core/recognition.ts';
import { uuidText } from '../../core/random-id.ts';
import { sha256Bytes } from '../../core/sha256.ts';
import { base64Of } from '../base64.ts';
import type { JsonSchema } from '../fields.ts';
import { MODULE } from './parameters.ts';

/** An appearance as it is told. `sources` are those of its job. */
export async function appearanceOut(
  appearance: Appearance,
  sources: readonly RecognisedSource[],
): Promise<object> {
  const { id, mediaType, source, sourceIndex, frameStart, frameEnd, timecodeStart, timecodeEnd } = appearance;
  const fps = sources[sourceIndex]?.fps;
  const secondsOf = (frame: number, ms: number): number => (fps === undefined ? ms / 1000 : frame / fps);
  return {
    ...{ id: await uuidOf(id), media_type: mediaType, source, module: MODULE },
    ...{ frame_start: frameStart, frame_end: frameEnd },
    time_start: secondsOf(frameStart, appearance.timeStart),
    time_end: secondsOf(frameEnd, appearance.timeEnd),
    ...{ tc_start: timecodeStart, tc_end: timecodeEnd },
    meta: metaOf(appearance),
    thumbnail: { image: await base64OfBlob(appearance.thumbnail), meta: {} },
    detections: appearance.detections.map(({ frameIndex, box: { left, top, width, height } }) => ({
      frame_index: frameIndex,
      type: 'face_bbox',
      data: { x: left, y: top, w: width, h: height },
    })),
  };
}

/** What somebody is called who has got no name since. */
const UNKNOWN = /^Unknown( #\d+)?$/;

function metaOf(appearance: Appearance): object {
  const { person, personId, isUnknown, closestPerson, closestPersons, meanDistance, meanSimilarity } =
    appearance;
  return {
    person,
    class_id: personId ?? null,
    closest_person: (isUnknown && UNKNOWN.test(person) && closestPerson) || null,
    mean_distance: meanDistance ?? null,
    mean_similarity: meanSimilarity ?? null,
    indexed_identity: appearance.indexedIdentity ?? null,
    ...{ knowledge_graph_node_id: null, image_ids: [] },
    ...(closestPersons && {
      closest_k_persons: closestPersons.map((each) => ({ person: each.person, similarity: each.similarity })),
    }),
  };
}

async function base64OfBlob(blob: Blob | undefined): Promise<string> {
  return blob ? base64Of(new Uint8Array(await blob.arrayBuffer())) : '';
}

/** A UUID of version 8 that follows from a text: the same each time. */
async function uuidOf(text: string): Promise<string> {
  const bytes = (await sha256Bytes(new TextEncoder().encode(text))).slice(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return uuidText(bytes);
}

const number: JsonSchema = { type: 'number' };
const integer: JsonSchema = { type: 'integer' };
const string: JsonSchema = { type: 'string' };

export const appearanceSchema: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    media_type: { enum: ['video', 'image'] },
    ...{ source: string, module: string, frame_start: integer, frame_end: integer },
    time_start: { ...number, description: 'Seconds' },
    time_end: number,
    tc_start: { ...string, description: 'HH:MM:SS:FF; at 29.97 and 59.94 frames a second HH:MM:SS;FF' },
    tc_end: string,
    meta: {
      type: 'object',
      properties: {
        person: string,
        class_id: { type: ['string', 'null'] },
        closest_person: { type: ['string', 'null'], description: 'The nearest name of somebody unknown' },
        mean_distance: { type: ['number', 'null'] },
        mean_similarity: { type: ['number', 'null'] },
        indexed_identity: { type: ['string', 'null'] },
        closest_k_persons: { type: 'array', items: { type: 'object' } },
      },
    },
    thumbnail: { type: 'object', properties: { image: { type: 'string', format: 'byte' } } },
    detections: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          frame_index: integer,
          type: string,
          data: { type: 'object', description: 'x, y, w, h as shares of the frame' },
        },
      },
    },
  },
};
