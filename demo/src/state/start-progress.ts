import type { Progress } from 'nearface';

/** What is read at the start: models in bytes, galleries in faces. */
type Phase = 'models' | 'gallery';

/** How far each model or database is. */
export type StartProgress = Readonly<Partial<Record<Phase, Readonly<Record<string, Part>>>>>;

interface Part {
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
}

/** All that is known of a start, put together. */
export interface StartSummary extends Part {
  readonly phase: Phase;
  /** What is being read now, or has been read last. */
  readonly item: string;
  /** Whether all of it is there, so that what follows is no longer reading. */
  readonly isRead: boolean;
}

/** The start so far with one more report. */
export function withProgress(before: StartProgress, { phase, item, done, total }: Progress): StartProgress {
  if (phase !== 'models' && phase !== 'gallery') return before;
  const { [item]: _, ...others } = before[phase] ?? {};
  return { ...before, [phase]: { ...others, [item]: { done, total } } };
}

/** The models as long as any is being read, and then the galleries if those are; nothing before the first report. */
export function summarise(progress: StartProgress): StartSummary | undefined {
  const [models, gallery] = [sum('models', progress), sum('gallery', progress)];
  return models && (!models.isRead || !gallery || gallery.isRead) ? models : gallery;
}

function sum(phase: Phase, progress: StartProgress): StartSummary | undefined {
  const parts = Object.entries(progress[phase] ?? {});
  const [last] = parts.at(-1) ?? [];
  if (last === undefined) return undefined;
  const done = parts.reduce((all, [, part]) => all + part.done, 0);
  const isKnown = parts.every(([, { total }]) => total > 0);
  const total = isKnown ? parts.reduce((all, [, part]) => all + part.total, 0) : 0;
  return { phase, item: last, done, total, isRead: isKnown && done >= total };
}
