import { describe, expect, it } from 'vitest';
import { emotionsSeen } from './covered-emotions.ts';

const DISGUSTED = {
  angry: 0.1,
  happy: 0,
  sad: 0,
  calm: 0.1,
  surprised: 0,
  scared: 0,
  disgusted: 0.8,
  sleepy: 0.3,
};
const BARE = { value: 'without', certainty: 0.9 } as const;

describe('emotionsSeen', () => {
  it('tells what an uncovered face shows', () => {
    expect(emotionsSeen(DISGUSTED, BARE, { mouth: 0.03 })).toEqual(DISGUSTED);
    expect(emotionsSeen(DISGUSTED, { value: 'nose_covered', certainty: 0.8 }, { mouth: 0 })).toEqual(
      DISGUSTED,
    );
  });

  it('tells nothing under a mask over the mouth, or where something else hides it', () => {
    for (const value of ['fully_covered', 'mouth_covered'] as const)
      expect(emotionsSeen(DISGUSTED, { value, certainty: 0.5 }, { mouth: 0.3 })).toBe(undefined);
    expect(emotionsSeen(DISGUSTED, BARE, { mouth: 0.5 })).toBe(undefined);
  });

  it('is less certain the more of the mouth is hidden, and adds up to 1; the eyelids are seen', () => {
    const certainties = [0.1, 0.2, 0.3, 0.4, 0.49].map((mouth) => {
      const { sleepy, ...others } = emotionsSeen(DISGUSTED, BARE, { mouth })!;
      expect(sleepy).toBe(0.3);
      expect(Object.values(others).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      return others.disgusted;
    });
    expect(certainties).toEqual([...certainties].sort((a, b) => b - a));
    expect(certainties[0]).toBeLessThan(0.8);
    expect(certainties.at(-1)).toBeLessThan(0.2);
  });
});
