/** What DeepVA's clients are told of jobs whose results are in a database in memory. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Jobs } from '../../api/jobs.ts';
import type { NearFace } from '../../api/nearface.ts';
import type { Session } from '../../api/session.ts';
import { GalleryEngine } from '../../gallery/gallery-engine.ts';
import { inMemory } from '../../gallery/memory/memory-database.ts';
import type { SourceFacts, StoredAppearance } from '../../gallery/port.ts';
import { testFace } from '../../gallery/test-face.ts';
import { processLocks } from '../../platform/node/locks.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { resolveRest } from '../resolve-rest.ts';
import { RestServer } from '../server.ts';
import { deepva } from './deepva.ts';
import { readModules } from './parameters.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const KEY = 'a-key-for-deepva';
const BASE = 'http://localhost/api/v1/jobs';
const JOB = '00000000-0000-4000-8000-000000000001';
const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

let engine: GalleryEngine;
let server: RestServer;

beforeEach(async () => {
  engine = await GalleryEngine.open(inMemory(), { kernel: await kernel });
  const { jobs, recognitions, jobDesk } = engine;
  const ways: Readonly<Record<string, (...args: never[]) => unknown>> = {
    readJob: (id: string) => jobs.readJob(id),
    listJobs: () => jobs.listJobs(),
    isJobTaken: (id: string) => jobs.isJobTaken(id),
    deleteJob: (id: string) => jobs.deleteJob(id),
    readCheckpoint: (id: string) => recognitions.readCheckpoint(id),
    listAppearances: (...args: [string, number, number]) => jobDesk.listAppearances(...args),
    listLabels: (id: string) => jobDesk.listLabels(id),
  };
  const ask = async (name: string, args: never[]): Promise<unknown> => ways[name]!(...args);
  const session = { gallery: { ask }, host: { locks: processLocks() } } as unknown as Session;
  const nf = { jobs: new Jobs(session), info: { storage: { kind: 'memory' } } } as unknown as NearFace;
  server = new RestServer(nf, resolveRest({ tokens: [KEY], basePath: '/v' }), [deepva()]);
});
afterEach(() => engine.close());

/** A job of one video that has seen so much. */
async function seen(
  facts: Partial<SourceFacts>,
  appearances: readonly Partial<StoredAppearance>[],
  options: object = {},
): Promise<void> {
  const { jobs, recognitions } = engine;
  await engine.addFaces([
    testFace(1, { id: 'f1', meta: 'Ann', personId: 'p1' }),
    testFace(2, { id: 'f2', meta: 'Bob' }),
  ]);
  await recognitions.createRecognition(JOB, {
    ...{ galleries: ['default'], options: { ...options }, tag: 'gate' },
    sources: [{ name: 'https://films.example/a.mp4', mediaType: 'video', type: 'video/mp4' }],
  });
  await jobs.stepJob(JOB, 'staged');
  await jobs.stepJob(JOB, 'start');
  await recognitions.saveRecognition(JOB, {
    ...{ source: 0, framesDone: 10, workedMs: 5, checkpoint: Uint8Array.of(1), ended: {} },
    facts: { width: 640, height: 480, frames: 5000, durationMs: 100_000, ...facts },
    appearances: appearances.map((more, i) => ({
      ...{ source: 0, track: i + 1, frameStart: i, frameEnd: i + 9, timeStart: 0, timeEnd: 1 },
      ...{ person: 'Unknown', isUnknown: true, closest: [], cosine: 0.1 },
      thumbnail: { type: 'image/jpeg', bytes: Uint8Array.of(255, 216, i) },
      frames: Uint32Array.of(i),
      boxes: Float32Array.of(0.125, 0.25, 0.5, 0.75),
      ...more,
    })),
  });
  await jobs.stepJob(JOB, 'end');
}

/** The answer to a call; its address may be a whole one, as they are handed out. */
async function ask(address: string, method = 'GET'): Promise<{ status: number; json: Json }> {
  const url = address.startsWith('http') ? address : `http://localhost/v${address}`;
  const request = new Request(url, { method, headers: { Authorization: `Key ${KEY}` } });
  const response = await server.answer(request);
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

test('frames become timecodes in whole numbers, and seconds by the rate', async () => {
  await seen({ fps: 50 }, [{ frameStart: 1036, frameEnd: 1099 }]);
  const { data } = (await ask(`/jobs/${JOB}/detailed-results/`)).json;
  expect(data[0]).toMatchObject({
    ...{ frame_start: 1036, frame_end: 1099, time_start: 20.72, time_end: 21.98 },
    ...{ tc_start: '00:00:20:36', tc_end: '00:00:21:49' },
  });
});

test('timecodes at 29.97 frames a second drop numbers', async () => {
  await seen({ fps: 30_000 / 1001 }, [{ frameStart: 1799, frameEnd: 1800 }]);
  const { data } = (await ask(`/jobs/${JOB}/detailed-results`)).json;
  expect(data[0]).toMatchObject({ tc_start: '00:00:59;29', tc_end: '00:01:00;02' });
  expect(data[0].time_end).toBeCloseTo(60.06, 9);
});

test('a job is told as documented', async () => {
  const parameters = { model: 'celebrities', max_distance: 1.1 };
  const known = { person: 'Ann', isUnknown: false, personId: 'p1', faceId: 'f1', frameStart: 5 };
  await seen({ fps: 25 }, [{ frameStart: 9 }, known, { ...known, frameStart: 40 }], {
    extra: { deepva: parameters },
  });
  const { json } = await ask(`/api/v2/jobs/${JOB}/`);
  expect(json).toMatchObject({
    ...{ id: JOB, tag: 'gate', state: 'completed', errors: [], progress: 1, media_type: 'video' },
    sources: ['https://films.example/a.mp4'],
    modules: { face_recognition: { ...parameters, state: 'completed', progress: 1 } },
    result: {
      detailed_link: `http://localhost/v/api/v2/jobs/${JOB}/detailed-results`,
      summary: [
        {
          source: 'https://films.example/a.mp4',
          media_type: 'video',
          info: { fps: 25, resolution: [640, 480], total_frames: 5000, duration: 100 },
          items: ['Ann', 'Unknown'].map((label) => ({ type: 'face', label, module: 'face_recognition' })),
        },
      ],
    },
  });
  for (const time of ['time_created', 'time_started', 'time_completed'])
    expect(json[time]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
});

test('an appearance is told as documented', async () => {
  const closest = [
    { faceId: 'f1', person: 'Ann', cosine: 0.56755, personId: 'p1' },
    { faceId: 'f2', person: 'Bob', cosine: 0.25 },
  ];
  await seen(
    { fps: 25 },
    [
      { person: 'Ann', personId: 'p1', faceId: 'f1', isUnknown: false, closest, cosine: 0.56755 },
      { person: 'Unknown #1', closest: closest.slice(1), cosine: 0.25, thumbnail: undefined as never },
      // Somebody who was unknown and has been named since.
      { person: 'Kim', closest: closest.slice(1), cosine: 0.25 },
    ],
    { topK: 3 },
  );
  const { data } = (await ask(`/jobs/${JOB}/detailed-results/`)).json;
  expect(data[0]).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    ...{ media_type: 'video', source: 'https://films.example/a.mp4', module: 'face_recognition' },
    ...{ frame_start: 0, frame_end: 9, time_start: 0, time_end: 0.36 },
    ...{ tc_start: '00:00:00:00', tc_end: '00:00:00:09' },
    meta: {
      ...{ person: 'Ann', class_id: 'p1', closest_person: null },
      mean_distance: expect.closeTo(0.93, 6),
      ...{ mean_similarity: 0.56755, indexed_identity: null },
      ...{ knowledge_graph_node_id: null, image_ids: [] },
      closest_k_persons: [
        { person: 'Ann', similarity: 0.56755 },
        { person: 'Bob', similarity: 0.25 },
      ],
    },
    thumbnail: { image: '/9gA', meta: {} },
    detections: [{ frame_index: 0, type: 'face_bbox', data: { x: 0.125, y: 0.25, w: 0.5, h: 0.75 } }],
  });
  expect(data[1].meta).toMatchObject({ person: 'Unknown #1', class_id: null, closest_person: 'Bob' });
  expect(data[1].thumbnail.image).toBe('');
  expect(data[2].meta).toMatchObject({ person: 'Kim', closest_person: null });
  expect((await ask(`/jobs/${JOB}/detailed-results/`)).json.data.map(({ id }: Json) => id)).toEqual(
    data.map(({ id }: Json) => id),
  );
});

test('next leads through all of the results, and prev back to the first page', async () => {
  const count = 23;
  await seen(
    { fps: 25 },
    Array.from({ length: count }, () => ({})),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (limit) => {
      const frames: number[] = [];
      let address: string | null =
        `${BASE.replace('/api', '/v/api')}/${JOB}/detailed-results/?limit=${limit}`;
      let last = '';
      while (address) {
        last = address;
        const { json }: { json: Json } = await ask(address);
        expect(json).toMatchObject({ total: count, offset: frames.length, limit });
        frames.push(...json.data.map((each: Json) => each.frame_start as number));
        address = json.next as string | null;
      }
      expect(frames).toEqual(Array.from({ length: count }, (_, i) => i));
      for (let steps = 0; ; steps++) {
        const { json }: { json: Json } = await ask(last);
        if (json.offset === 0) {
          expect(json.prev).toMatch(new RegExp(`\\?limit=${limit}&offset=0$`));
          break;
        }
        expect(steps).toBeLessThan(count);
        last = json.prev as string;
      }
    }),
    { numRuns: 20 },
  );
});

test('jobs are listed and deleted, and those that are not there are 404', async () => {
  await seen({ fps: 25 }, []);
  const list = (await ask('/jobs/')).json;
  expect(list).toMatchObject({ total: 1, offset: 0, limit: 10, next: null, data: [{ id: JOB }] });
  expect(list.prev).toBe('http://localhost/v/jobs/?limit=10&offset=0');
  expect(await ask(`/jobs/${JOB}/`, 'DELETE')).toEqual({ status: 204, json: undefined });
  for (const path of [JOB, `${JOB}/detailed-results/`, 'x'.repeat(200), '%20'])
    expect(await ask(`/jobs/${path}`)).toEqual({
      status: 404,
      json: { detail: expect.any(String), code: 'NOT_FOUND' },
    });
  expect((await ask('/jobs/')).json.data).toEqual([]);
});

test('what an error stopped has failed, and tells why', async () => {
  await seen({ fps: 25 }, []);
  await engine.jobs.stepJob(JOB, 'start');
  await engine.jobs.stepJob(JOB, 'end', { code: 'STORAGE_FULL', message: 'There is no room' });
  expect((await ask(`/jobs/${JOB}`)).json).toMatchObject({
    ...{ state: 'failed', errors: ['There is no room for more where faces are kept'], result: null },
  });
  await engine.jobs.stepJob(JOB, 'cancel');
  expect((await ask(`/jobs/${JOB}`)).json).toMatchObject({ state: 'cancelled', result: null });
});

test('parameters are read, and wrong ones named', () => {
  const given = { model: 'staff', models: ['a'], max_distance: '1.5', top_k: 10, enable_top_k: 'yes' };
  expect(readModules({ face_recognition: { ...given, index_unknowns: null, other: 1 } })).toEqual({
    ...given,
    max_distance: 1.5,
    enable_top_k: true,
  });
  const wrong: readonly [unknown, string][] = [
    [undefined, 'modules'],
    [[], 'modules'],
    [{}, 'modules.face_recognition'],
    [{ face_recognition: 1 }, 'modules.face_recognition'],
    [{ face_recognition: {}, object_detection: {} }, 'modules'],
    [{ object_detection: {} }, 'modules'],
    [{ face_recognition: { max_distance: 2.1 } }, 'modules.face_recognition.max_distance'],
    [{ face_recognition: { face_detection_scale: 99 } }, 'modules.face_recognition.face_detection_scale'],
    [{ face_recognition: { top_k: 11 } }, 'modules.face_recognition.top_k'],
    [{ face_recognition: { top_k: 2.5 } }, 'modules.face_recognition.top_k'],
    [{ face_recognition: { cluster_unknowns: 'maybe' } }, 'modules.face_recognition.cluster_unknowns'],
    [{ face_recognition: { models: 'a' } }, 'modules.face_recognition.models'],
    [{ face_recognition: { models: Array(999).fill('é'.repeat(48)) } }, 'modules.face_recognition.models'],
  ];
  for (const [modules, param] of wrong)
    expect(() => readModules(modules)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'BAD_PARAM', param }) }),
    );
});
