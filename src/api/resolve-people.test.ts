import { expect, test } from 'vitest';
import {
  resolveCamera,
  resolveGetPerson,
  resolveListPeople,
  resolveSearchHistory,
  resolveVisits,
} from './resolve-people.ts';

test('a time zone that is not known is named by the option it came with', () => {
  const friendRule = { timeZone: 'Mars/Olympus' };
  for (const [resolve, options, path] of [
    [resolveListPeople, { friendRule }, 'options.friendRule.timeZone'],
    [resolveSearchHistory, { friendRule }, 'options.friendRule.timeZone'],
    [resolveGetPerson, { friend: friendRule }, 'options.friend.timeZone'],
    [resolveVisits, friendRule, 'options.timeZone'],
  ] as const)
    expect(() => resolve(options)).toThrow(
      expect.objectContaining({ code: 'BAD_PARAM', message: expect.stringContaining(path) as string }),
    );
  expect(resolveVisits({ timeZone: 'Europe/Zurich' }).timeZone).toBe('Europe/Zurich');
});

test('a region that is larger than numbers go is none', () => {
  const roi = `${'9'.repeat(400)}x10+0+0`;
  expect(() => resolveCamera({ roi })).toThrow(
    expect.objectContaining({ code: 'BAD_PARAM', message: expect.stringContaining('camera.roi') as string }),
  );
  expect(resolveCamera({ roi: [640, 360, 10, 20] }).roi).toEqual({
    left: 10,
    top: 20,
    width: 640,
    height: 360,
  });
});
