import { reportHtml } from './html.ts';
import type { ReportFormat, ReportInput } from '../../core/report.ts';
import { reportCsv, reportJson } from './report.ts';

/** A report as a file. */
export async function writeReport(format: ReportFormat, input: ReportInput): Promise<Blob> {
  if (format === 'html') return reportHtml(input);
  return format === 'csv' ? reportCsv(input) : reportJson(input);
}
