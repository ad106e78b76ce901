import { expect, test } from 'vitest';
import type { VideoEvent } from '../video/events.ts';
import { reportSession } from './report-session.ts';
import type { Session } from './session.ts';

const session = {} as Session;

test.each([[null], [undefined], ['lost'], [{}]])('%j is no event that can be told of', async (event) => {
  const events = [{ type: 'ended' }, event] as unknown as VideoEvent[];
  await expect(reportSession(session, events, {})).rejects.toMatchObject({
    code: 'BAD_PARAM',
    message: expect.stringContaining('events[1]'),
  });
});
