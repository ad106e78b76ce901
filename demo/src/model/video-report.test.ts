import { expect, it } from 'vitest';
import { appearancesCsv } from './video-report.ts';

it('appearances are a table that any spreadsheet reads', () => {
  const one = { startMs: 0, endMs: 61_500, firstFrame: 0, lastFrame: 1537 };
  const lines = appearancesCsv([
    { ...one, person: 'Vale, "Robin"', quality: 0.5 },
    { ...one, person: '=SUM(A1)', personId: 'p1', similarity: 0.75 },
  ]).split('\r\n');
  expect(lines).toEqual([
    'person,personId,start,end,startMs,endMs,firstFrame,lastFrame,quality,similarity',
    '"Vale, ""Robin""",,0:00.0,1:01.5,0,61500,0,1537,0.5,',
    "'=SUM(A1),p1,0:00.0,1:01.5,0,61500,0,1537,,0.75",
    '',
  ]);
});
