import type { ReportFormat, ReportInput } from '../core/report.ts';
import type { Session } from './session.ts';

/** What was seen as a file; a worker writes it, so that pages that ask for none need not load what writes it. */
export function writeReport({ vision }: Session, format: ReportFormat, input: ReportInput): Promise<Blob> {
  return vision.call((remote, callId) => remote.writeReport(callId, format, input));
}
