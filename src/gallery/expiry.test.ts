import { expect, test } from 'vitest';
import { Expiry } from './expiry.ts';

test('it erases when somebody’s time is over, once for all who ask meanwhile, and again for what is due then', async () => {
  const lookup = { nextExpiry: 1000 };
  const erased: number[] = [];
  let [now, end] = [999, (): void => undefined];
  const database = {
    removeExpired: async (at: number): Promise<void> => {
      erased.push(at);
      await new Promise<void>((resolve) => (end = resolve));
      lookup.nextExpiry = at < 2000 ? 2000 : Infinity;
    },
  };
  const expiry = new Expiry(database, lookup, () => now);
  await expiry.sweep();
  expect(erased).toEqual([]);
  now = 1000;
  const both = Promise.all([expiry.sweep(), expiry.sweep()]);
  await Promise.resolve();
  expect(erased).toEqual([1000]);
  end();
  await both;
  expect(erased).toEqual([1000]);
  now = 2001;
  const late = expiry.sweep();
  end();
  await late;
  now = 9000;
  await expiry.sweep();
  expect(erased).toEqual([1000, 2001]);
});

test('what fails is told, and tried again by the next who asks', async () => {
  let isBroken = true;
  const lookup = { nextExpiry: 0 };
  const database = {
    removeExpired: async (): Promise<void> => {
      if (isBroken) throw new Error('the disk is gone');
      lookup.nextExpiry = Infinity;
    },
  };
  const expiry = new Expiry(database, lookup, () => 1);
  await expect(expiry.sweep()).rejects.toThrow('the disk is gone');
  isBroken = false;
  await expiry.sweep();
  expect(lookup.nextExpiry).toBe(Infinity);
});
