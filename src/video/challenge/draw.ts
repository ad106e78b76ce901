import type { ChallengeStep } from './events.ts';

/** The least and the most time that a face looks straight on before it is asked for a step, in ms. */
const LEAST_WAIT_MS = 200;
const MOST_WAIT_MS = 1000;

/** Whole numbers below `limit`, each as likely as any other. */
export type Below = (limit: number) => number;

/** Numbers that nobody can foresee. */
export const unforeseen: Below = (limit) => {
  const range = 2 ** 32;
  const fair = range - (range % limit);
  for (;;) {
    const drawn = crypto.getRandomValues(new Uint32Array(1))[0]!;
    if (drawn < fair) return drawn % limit;
  }
};

/** Which steps are asked for, in which order, and how long the face has to look straight on before each. */
export function drawSteps(
  { steps, count, random }: { steps: readonly ChallengeStep[]; count: number; random: boolean },
  below: Below,
): { readonly steps: readonly ChallengeStep[]; readonly waitsMs: readonly number[] } {
  const left = [...steps];
  const shuffled = steps.map(() => left.splice(below(left.length), 1)[0]!);
  const picked = shuffled.slice(0, count);
  const drawn = random ? picked : steps.filter((step) => picked.includes(step));
  const span = MOST_WAIT_MS - LEAST_WAIT_MS + 1;
  return { steps: drawn, waitsMs: drawn.map(() => LEAST_WAIT_MS + below(span)) };
}
