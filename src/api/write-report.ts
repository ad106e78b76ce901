import type { ReportFormat, ReportInput } from '../core/report.ts';
import type { SourceInfo } from '../video/frame-source.ts';
import type { Session } from './session.ts';

/** Options of {@link NearFace.report}. */
export interface SessionReportOptions {
  /** Default: `html`. */
  readonly format?: ReportFormat;
  /** What it is called. Default: `Video`. */
  readonly title?: string;
  /** What was watched, as `session.source` tells it. Default: nothing is known of it. */
  readonly source?: SourceInfo;
  /** The session's own, for a file: times are told from there. Default: 0. */
  readonly startTime?: number;
}

/** What was seen as a file; a worker writes it, so that pages that ask for none need not load what writes it. */
export function writeReport({ vision }: Session, format: ReportFormat, input: ReportInput): Promise<Blob> {
  return vision.call((remote, callId) => remote.writeReport(callId, format, input));
}
