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

const LOST = {
  ...{
    type: 'lost',
    trackId: 1,
    reason: 'left',
    firstFrame: 0,
    lastFrame: 9,
    firstTimeMs: 0,
    lastTimeMs: 360,
  },
  matches: [],
};
const RECORD = { id: 'a', meta: 'Sam' };

test.each([
  ['events[0].firstFrame', { firstFrame: '<img src=x onerror=alert(1)>' }],
  ['events[0].lastTimeMs', { lastTimeMs: undefined }],
  ['events[0].matches', { matches: undefined }],
  ['events[0].matches[1].record', { matches: [{ record: RECORD, cosine: 1, distance: 0 }, { cosine: 1 }] }],
  ['events[0].matches[0].cosine', { matches: [{ record: RECORD, cosine: '1', distance: 0 }] }],
  // What became of a shot that was kept as JSON.
  ['events[0].best', { best: { thumbnail: {}, box: { left: 0, top: 0, width: 9, height: 9 } } }],
  ['events[0].best.box.top', { best: { thumbnail: new Blob(), box: { left: 0 } } }],
])('%s of an event that somebody else has made', async (path, change) => {
  const events = [{ ...LOST, ...change }] as unknown as VideoEvent[];
  await expect(reportSession(session, events, {})).rejects.toMatchObject({
    code: 'BAD_PARAM',
    message: expect.stringContaining(path),
  });
});

test.each([
  [7, 'options.source'],
  [{ fps: '25' }, 'options.source.fps'],
  [{ mediaType: {} }, 'options.source.mediaType'],
])('%j is no source', async (source, path) => {
  await expect(reportSession(session, [], { source: source as never })).rejects.toMatchObject({
    code: 'BAD_PARAM',
    message: expect.stringContaining(path),
  });
});
