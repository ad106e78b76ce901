import { videoTime } from './person-words.ts';

/** One stretch of time in which somebody was seen, in plain data. */
export interface ReportedAppearance {
  readonly person: string;
  readonly personId?: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Of the best shot, 0..1. */
  readonly quality?: number | undefined;
  /** With the closest face that passed, −1..1. */
  readonly similarity?: number | undefined;
}

const COLUMNS = [
  'person',
  'personId',
  'start',
  'end',
  'startMs',
  'endMs',
  'firstFrame',
  'lastFrame',
  'quality',
  'similarity',
] as const;

/** The appearances as CSV (RFC 4180) with a heading. */
export function appearancesCsv(appearances: readonly ReportedAppearance[]): string {
  const lines = appearances.map((one) =>
    COLUMNS.map((column) => {
      if (column === 'start') return videoTime(one.startMs, true);
      if (column === 'end') return videoTime(one.endMs, true);
      return cell(one[column]);
    }).join(','),
  );
  return [COLUMNS.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

/** A field of CSV; what a spreadsheet would take for a formula is made text. */
function cell(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = /^\s*[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",;\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
