import { expect, test } from 'vitest';
import type { ReportInput } from '../core/report.ts';
import type { StoredAppearance, StoredRecognition } from '../worker/contract.ts';
import { JobRuns } from './job-facts.ts';
import { RecogniseJob } from './recognise-job.ts';
import type { Session } from './session.ts';

const job = {
  ...{ id: 'job', kind: 'recognise', state: 'done', createdAt: 0, workedMs: 0, options: {}, galleries: [] },
  sources: [{ name: 'a.mp4', mediaType: 'video', type: '', status: 'done', framesDone: 9 }],
} as unknown as StoredRecognition;

function appearance(track: number): StoredAppearance {
  const place = { frames: Uint32Array.of(track), boxes: Float32Array.of(0, 0, 1, 1) };
  const time = { frameStart: track, frameEnd: track, timeStart: 0, timeEnd: 0 };
  return { ...{ source: 0, track, person: 'Unknown', isUnknown: true, closest: [] }, ...place, ...time };
}

test('a report lists each appearance once, also where some are damaged and left out of their page', async () => {
  const all = Array.from({ length: 1203 }, (_, i) => appearance(i));
  const ask = async (name: string, [, offset = 0, limit = 0]: readonly number[]): Promise<unknown> => {
    if (name === 'readJob') return job;
    if (name === 'listLabels') return [['Unknown']];
    const page = all.slice(offset, offset + limit).filter(({ track }) => track % 100 !== 7);
    return { appearances: page, total: all.length };
  };
  let written: ReportInput | undefined;
  const remote = { writeReport: (_id: number, _format: string, input: ReportInput) => (written = input) };
  const call = async (work: (remote: unknown, callId: number) => unknown): Promise<Blob> => {
    work(remote, 1);
    return new Blob();
  };
  const session = { gallery: { ask }, vision: { call } } as unknown as Session;
  await new RecogniseJob(session, 'job', new JobRuns(session)).report('json');
  const ids = written?.appearances.map(({ frameStart }) => frameStart) ?? [];
  expect(ids).toEqual(all.map(({ track }) => track).filter((track) => track % 100 !== 7));
});
