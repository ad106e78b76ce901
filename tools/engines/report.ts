/** How one step ended in one browser. */
export interface StepResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What failed, or why it was skipped. */
  readonly why?: string;
  readonly ms: number;
}

/** What the page of steps tells, kept over its own reload. */
export interface PageReport {
  readonly results: readonly StepResult[];
  readonly running: string;
  readonly done: boolean;
}
