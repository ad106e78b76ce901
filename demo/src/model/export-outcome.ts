import type { Progress } from 'nearface';
import { count } from './format.ts';

/** What an export told at its end, in words: what is damaged is not in the file. */
export function exportOutcome({ done, leftOut }: Pick<Progress, 'done' | 'leftOut'>): string {
  const { faces, pictures } = leftOut ?? { faces: 0, pictures: 0 };
  const missing = [
    ...(faces > 0 ? [count(faces, 'face')] : []),
    ...(pictures > 0 ? [count(pictures, 'picture')] : []),
  ];
  const whole = `${count(done - faces, 'face')} exported.`;
  if (missing.length === 0) return whole;
  return `${whole} Damaged, and not in the file: ${missing.join(' and ')}.`;
}
