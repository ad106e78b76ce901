import { badParam } from '../core/errors.ts';
import { MAX_META_LENGTH } from '../core/limits.ts';
import { type Check, oneOf, resolveOptions, string } from '../core/options.ts';
import type { VideoEvent } from '../video/events.ts';
import type { SourceInfo } from '../video/frame-source.ts';
import { reportOfEvents } from '../video/report/of-events.ts';
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
  const fields = { format: oneOf('json', 'csv', 'html'), title: string(MAX_META_LENGTH), source };
  const defaults = { format: 'html', title: 'Video' } as const;
  const resolved = resolveOptions<SessionReportOptions, typeof defaults>(raw, 'options', fields, defaults);
  const { format, ...facts } = resolved;
  if (typeof events !== 'object' || events === null || !(Symbol.iterator in events))
    throw badParam('events', events, 'the events that a session has told');
  return writeReport(session, format, reportOfEvents(events, { ...facts, timeMs: Date.now() }));
}
