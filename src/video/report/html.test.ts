import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Appearance } from '../../core/recognition.ts';
import { escaped, reportHtml } from './html.ts';
import type { ReportInput } from '../../core/report.ts';
import { reportCsv, reportJson } from './report.ts';

function appearance(person: string, sourceIndex: number, timeStart: number, timeEnd: number): Appearance {
  return {
    ...{ id: `job-${sourceIndex}-${timeStart}`, mediaType: 'video', source: 'a.mp4', sourceIndex, person },
    ...{ frameStart: timeStart / 40, frameEnd: timeEnd / 40, timeStart, timeEnd },
    ...{ timecodeStart: '00:00:01:00', timecodeEnd: '00:00:02:00', meanSimilarity: 0.75, meanDistance: 0.7 },
    closestPersons: [
      { person, similarity: 0.75 },
      { person: 'Pat', similarity: 0.25 },
    ],
    detections: [{ frameIndex: 25, box: { left: 0.1, top: 0.2, width: 0.3, height: 0.4 } }],
    thumbnail: new Blob([Uint8Array.of(255, 216, 255)], { type: 'image/jpeg' }),
  };
}

const source = (name: string, more: object = {}): ReportInput['sources'][number] => ({
  ...{ name, mediaType: 'video', fps: 25, width: 640, height: 480, totalFrames: 250, durationMs: 10_000 },
  ...{ labels: ['Sam'], ...more },
});

const INPUT: ReportInput = {
  title: 'Report',
  timeMs: 0,
  sources: [source('a.mp4'), source('b.mp4', { error: { message: 'cut off' } })],
  appearances: [
    appearance('Sam', 0, 1000, 2000),
    appearance('Unknown #1', 0, 1500, 4000),
    appearance('Sam', 0, 8000, 9000),
  ],
};

describe('the HTML report', () => {
  test('has a lane for each person, a bar for each appearance where it was, and a row each', async () => {
    const html = await (await reportHtml(INPUT)).text();
    expect(html.match(/class="lane/g)).toHaveLength(2);
    expect(html).toContain('left:10.00%;width:10.00%');
    expect(html).toContain('left:80.00%;width:10.00%');
    expect(html.match(/<tr>/g)).toHaveLength(1 + 3);
    expect(html).toContain('Nobody was seen.');
    expect(html).toContain('Not read to its end: cut off');
    expect(html).toContain('2 people, 3 appearances in 2 sources');
    expect(html).toContain('>Pat 0.25<');
  });

  test('needs nothing else: no script, no address, one picture for each that there is', async () => {
    const html = await (await reportHtml(INPUT)).text();
    expect(html).not.toMatch(/<script|https?:|url\(|@import|\son\w+=/i);
    expect(html.match(/src="data:image\/jpeg;base64,\/9j\/"/g)).toHaveLength(2 + 3);
  });

  test('whatever a name, a file or an error says is text', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='x",
        ']]>',
        '\u0000<',
      ),
    );
    await fc.assert(
      fc.asyncProperty(text, async (bad) => {
        const html = await (
          await reportHtml({
            ...INPUT,
            title: bad,
            sources: [source(bad, { error: { message: bad }, mediaType: bad })],
            appearances: [
              { ...appearance(bad, 0, 0, 40), closestPersons: [{ person: `${bad}!`, similarity: 1 }] },
            ],
          })
        ).text();
        const clean = await (
          await reportHtml({
            ...INPUT,
            title: 'x',
            sources: [source('x', { error: { message: 'x' }, mediaType: 'x' })],
            appearances: [
              { ...appearance('x', 0, 0, 40), closestPersons: [{ person: 'x!', similarity: 1 }] },
            ],
          })
        ).text();
        // The same elements, whatever stands in them.
        const tags = (page: string): string[] => page.replace(/"[^"]*"/g, '""').match(/<[^>]*>/g) ?? [];
        expect(tags(html)).toEqual(tags(clean));
      }),
      { numRuns: 100 },
    );
  });

  test('a picture is never what else its type says', async () => {
    const thumbnail = new Blob(['<script>'], { type: 'text/html' });
    const html = await (
      await reportHtml({ ...INPUT, appearances: [{ ...INPUT.appearances[0]!, thumbnail }] })
    ).text();
    expect(html).toContain('data:application/octet-stream;base64');
  });

  test('a source of no length, or whose times are those of the clock, has a timeline too', async () => {
    const now = 1_700_000_000_000;
    const { durationMs: _, ...live } = source('camera', { mediaType: 'live' });
    const html = await (
      await reportHtml({
        ...INPUT,
        sources: [live],
        appearances: [appearance('Sam', 0, now, now + 5000), appearance('Pat', 0, now + 5000, now + 10_000)],
      })
    ).text();
    expect(html).toContain('left:0.00%;width:50.00%');
    expect(html).toContain('left:50.00%;width:50.00%');
  });
});

test('text is escaped once', () => {
  expect(escaped(`<a href="x">&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
});

test('the table is CSV, in which nothing is a formula', async () => {
  const appearances = [appearance('=cmd()', 0, 1000, 2000)];
  const [header, row] = (await reportCsv({ ...INPUT, appearances }).text()).split('\r\n');
  expect(header).toContain('id,source,person,personId,frameStart');
  expect(row).toMatch(/^job-0-1000,a\.mp4,'=cmd\(\),,25,50,1000,2000,00:00:01:00,00:00:02:00,0\.75,0\.7,,/);
  expect(row).toMatch(/,1$/);
});

test('the JSON tells everything', async () => {
  const told = JSON.parse(await (await reportJson(INPUT)).text()) as ReportInput;
  expect(told.sources).toEqual(INPUT.sources);
  expect(told.appearances).toMatchObject(
    INPUT.appearances.map(({ thumbnail: _, ...one }) => ({
      ...one,
      thumbnail: 'data:image/jpeg;base64,/9j/',
    })),
  );
});
