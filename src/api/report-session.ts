import { badParam, type NearFaceError } from '../core/errors.ts';
import { MAX_META_LENGTH } from '../core/limits.ts';
import { type Check, oneOf, resolveOptions, string } from '../core/options.ts';
import type { Box } from '../core/types.ts';
import type { BestShot, LostEvent, TrackMatch, VideoEvent } from '../video/events.ts';
import type { SourceInfo } from '../video/frame-source.ts';
import { reportOfEvents } from '../video/report/of-events.ts';
import { TIME } from './resolve-options.ts';
import type { Session } from './session.ts';
import { type SessionReportOptions, writeReport } from './write-report.ts';

/** The report of a session; see {@link NearFace.report}. */
export async function reportSession(
  session: Session,
  events: Iterable<VideoEvent>,
  raw: SessionReportOptions | undefined,
): Promise<Blob> {
  const fields = {
    format: oneOf('json', 'csv', 'html'),
    title: string(MAX_META_LENGTH),
    source,
    startTime: TIME,
  };
  const defaults = { format: 'html', title: 'Video' } as const;
  const resolved = resolveOptions<SessionReportOptions, typeof defaults>(raw, 'options', fields, defaults);
  const { format, ...facts } = resolved;
  if (typeof events !== 'object' || events === null || !(Symbol.iterator in events))
    throw badParam('events', events, 'the events that a session has told');
  const all = Array.from(events as Iterable<unknown>, (event, i) => eventOf(event, `events[${i}]`));
  const names = await namesOf(session, all);
  return writeReport(session, format, reportOfEvents(all, { ...facts, names, timeMs: Date.now() }));
}

const source: Check<SourceInfo> = (value, path) => {
  if (typeof value !== 'object' || value === null) throw badParam(path, value, 'what session.source tells');
  const { width, height, fps, frames, durationMs, mediaType } = value as Partial<
    Record<keyof SourceInfo, unknown>
  >;
  for (const [name, number] of Object.entries({ width, height, fps, frames, durationMs }))
    if (number !== undefined) checkNumber(number, `${path}.${name}`);
  if (mediaType !== undefined && typeof mediaType !== 'string')
    throw badParam(`${path}.mediaType`, mediaType, 'a media type, as in video/mp4');
  return value as SourceInfo;
};

function checkNumber(value: unknown, path: string): void {
  if (!Number.isFinite(value)) throw badParam(path, value, 'a finite number');
}

/** Events may have been kept elsewhere meanwhile. @throws NearFaceError `BAD_PARAM` of what no session has told */
function eventOf(given: unknown, path: string): VideoEvent {
  const { type } = (given ?? {}) as Partial<VideoEvent>;
  if (typeof type !== 'string') throw badParam(path, given, 'an event that a session has told');
  if (type === 'lost') checkLost(given as Partial<LostEvent>, path);
  return given as VideoEvent;
}

function checkLost({ matches, best, ...event }: Partial<LostEvent>, path: string): void {
  for (const name of ['trackId', 'firstFrame', 'lastFrame', 'firstTimeMs', 'lastTimeMs'] as const)
    checkNumber(event[name], `${path}.${name}`);
  if (!Array.isArray(matches)) throw badParam(`${path}.matches`, matches, 'an array of matches');
  for (const [i, match] of (matches as readonly (Partial<TrackMatch> | null | undefined)[]).entries()) {
    const { record, cosine, distance } = match ?? {};
    if (typeof record?.meta !== 'string' || typeof record.id !== 'string')
      throw badParam(`${path}.matches[${i}].record`, record, 'the record of a face');
    checkNumber(cosine, `${path}.matches[${i}].cosine`);
    checkNumber(distance, `${path}.matches[${i}].distance`);
  }
  if (best === undefined) return;
  if (!((best as Partial<BestShot> | null)?.thumbnail instanceof Blob))
    throw badParam(
      `${path}.best`,
      best,
      'a shot with its pictures, which are Blobs; where they were not kept, leave it out',
    );
  for (const name of ['left', 'top', 'width', 'height'] as const)
    checkNumber((best.box as Partial<Box> | undefined)?.[name], `${path}.best.box.${name}`);
}

/** What the people of tracks are called now; those without a name are told apart by their numbers. */
async function namesOf(
  session: Session,
  events: readonly VideoEvent[],
): Promise<ReadonlyMap<string, string>> {
  const lost = events.filter((event) => event.type === 'lost');
  const ids = new Set(lost.map(({ personId, matches }) => personId ?? matches[0]?.record.personId));
  const names = new Map<string, string>();
  const read = async (id: string | undefined): Promise<void> => {
    if (id === undefined) return;
    const person = await session.gallery.ask('getPerson', [id]).catch((error: unknown) => {
      // Merged or deleted since; the event says what there is to say.
      if ((error as NearFaceError).code !== 'PERSON_NOT_FOUND') throw error;
    });
    if (person) names.set(id, person.meta || `Unknown #${person.number}`);
  };
  await Promise.all([...ids].map(read));
  return names;
}
