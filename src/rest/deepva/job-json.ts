import type { RecogniseJobSummary, RecognisedSource } from '../../core/recognition.ts';
import type { JobError } from '../../core/job-facts.ts';
import { wordsOf } from '../words.ts';
import { timeOut } from '../findface/wire.ts';
import type { JsonSchema } from '../fields.ts';
import { givenParameters, MODULE } from './parameters.ts';

type State = 'waiting' | 'processing' | 'completed' | 'failed' | 'cancelled';

const STATES: Readonly<Record<RecogniseJobSummary['state'], State>> = {
  waiting: 'waiting',
  running: 'processing',
  paused: 'waiting',
  done: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** A job as it is told. `base` is the address of all jobs. */
export function jobOut(info: RecogniseJobSummary, base: string, nowMs: number): object {
  const { id, tag = '', progress, sources, error, timeCreated, timeStarted, timeCompleted } = info;
  // A job that an error has stopped goes on when somebody lets it; until then it has failed.
  const state = info.state === 'paused' && error ? 'failed' : STATES[info.state];
  return {
    ...{ id, tag, state, progress, duration: durationOf(info, nowMs) },
    errors: [
      ...sources.flatMap((source) => (source.error ? [`${source.name}: ${said(source.error)}`] : [])),
      ...(error ? [said(error)] : []),
    ],
    time_created: timeOf(timeCreated),
    time_started: timeStarted === undefined ? null : timeOf(timeStarted),
    time_completed: timeCompleted === undefined ? null : timeOf(timeCompleted),
    sources: sources.map(({ name }) => name),
    modules: { [MODULE]: { ...parametersOf(info), state, progress } },
    media_type: sources[0]?.mediaType ?? 'video',
    result:
      state === 'completed'
        ? { detailed_link: `${base}/${id}/detailed-results`, summary: sources.map(summaryOf) }
        : null,
  };
}

/** Why a job, or a source of it, failed. What is kept of an error are its code and its message. */
const said = ({ code, message }: JobError): string => wordsOf({ code, message, details: {} });

/** As DeepVA writes times: UTC to the microsecond. */
const timeOf = (ms: number): string => timeOut(ms).replace('T', ' ');

function durationOf(info: RecogniseJobSummary, nowMs: number): number {
  const { state, duration, timeStarted, timeCompleted } = info;
  const end = timeCompleted ?? (state === 'running' ? nowMs : undefined);
  const seconds = timeStarted === undefined || end === undefined ? duration : (end - timeStarted) / 1000;
  return Math.round(1000 * Math.max(0, seconds)) / 1000;
}

/** What was said of the module; of a job that was made otherwise, where it looks. */
function parametersOf({ extra, galleries }: RecogniseJobSummary): object {
  const [model, ...models] = galleries;
  return givenParameters(extra) ?? { model, ...(models.length > 0 && { models }) };
}

function summaryOf({ name, mediaType, labels, ...facts }: RecognisedSource): object {
  return {
    source: name,
    media_type: mediaType,
    info: infoOf({ mediaType, ...facts }),
    items: labels.map((label) => ({ type: 'face', label, module: MODULE })),
  };
}

function infoOf(source: Omit<RecognisedSource, 'name' | 'labels'>): object {
  const { mediaType, fps = null, width, height, totalFrames, durationMs } = source;
  const resolution = width === undefined || height === undefined ? null : [width, height];
  if (mediaType === 'image') return { resolution };
  const duration = durationMs === undefined ? null : durationMs / 1000;
  return { fps, resolution, total_frames: totalFrames ?? null, duration };
}

const nullable = (type: string): JsonSchema => ({ type: [type, 'null'] });

export const jobSchema: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    tag: { type: 'string' },
    state: { enum: ['waiting', 'processing', 'completed', 'failed', 'cancelled'] },
    errors: { type: 'array', items: { type: 'string' } },
    progress: { type: 'number', minimum: 0, maximum: 1 },
    duration: { type: 'number', description: 'Seconds' },
    time_created: { type: 'string', description: 'As in 2021-05-20 09:34:37.135000, UTC' },
    ...{ time_started: nullable('string'), time_completed: nullable('string') },
    sources: { type: 'array', items: { type: 'string' } },
    modules: { type: 'object' },
    media_type: { enum: ['video', 'image'] },
    result: {
      type: ['object', 'null'],
      properties: {
        detailed_link: { type: 'string' },
        summary: { type: 'array', items: { type: 'object' } },
      },
    },
  },
  required: ['id', 'state', 'progress', 'result'],
};
