import { badParam, type NearFaceError } from '../core/errors.ts';
import { MAX_META_LENGTH } from '../core/limits.ts';
import { type Check, oneOf, resolveOptions, string } from '../core/options.ts';
import type { VideoEvent } from '../video/events.ts';
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
  const source: Check<SourceInfo> = (value, path) => {
    if (typeof value === 'object' && value !== null) return value as SourceInfo;
    throw badParam(path, value, 'what session.source tells');
  };
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
  const all = [...events];
  for (const [i, event] of (all as readonly unknown[]).entries())
    if (typeof (event as Partial<VideoEvent> | undefined | null)?.type !== 'string')
      throw badParam(`events[${i}]`, event, 'an event that a session has told');
  const names = await namesOf(session, all);
  return writeReport(session, format, reportOfEvents(all, { ...facts, names, timeMs: Date.now() }));
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
