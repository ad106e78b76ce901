import { describe, expect, it, vi } from 'vitest';
import { withinMs } from './within-ms.ts';

describe('withinMs', () => {
  it('settles as the promise does, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    expect(await withinMs(Promise.resolve(true), 1000, false)).toBe(true);
    await expect(withinMs(Promise.reject(new Error('no')), 1000, false)).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('answers the other value where the promise never settles', async () => {
    expect(await withinMs(new Promise<boolean>(() => {}), 20, false)).toBe(false);
  });
});
