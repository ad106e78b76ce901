import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('turns come in the order in which they were taken, however long what is before them takes', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const work = async (name: string, ms: number, fails = false): Promise<void> => {
    const turn = turns.take();
    try {
      await new Promise((done) => setTimeout(done, ms));
      if (fails) throw new Error(name);
      await turn.comes;
      order.push(name);
    } finally {
      turn.leave();
    }
  };
  const failed = work('b', 5, true);
  const all = [work('a', 30), work('c', 1), work('d', 15)];
  await expect(failed).rejects.toThrow('b');
  await Promise.all(all);
  expect(order).toEqual(['a', 'c', 'd']);
});
