import type { Appearance } from './recognition.ts';

/** How a report is written. `html`: one file that needs nothing else, to be read, printed and sent. */
export type ReportFormat = 'json' | 'csv' | 'html';

/** A source as a report tells it. */
export interface ReportSource {
  readonly name: string;
  readonly mediaType: string;
  readonly fps?: number;
  readonly width?: number;
  readonly height?: number;
  readonly totalFrames?: number;
  readonly durationMs?: number;
  readonly labels: readonly string[];
  /** Why it could not be read, or not to its end. */
  readonly error?: { readonly message: string };
}

/** What a report is made of. */
export interface ReportInput {
  /** What it is called. */
  readonly title: string;
  /** When it was made, in ms since 1970. */
  readonly timeMs: number;
  readonly sources: readonly ReportSource[];
  readonly appearances: readonly Appearance[];
}
