import type { Appearance } from '../../core/recognition.ts';
import type { ReportInput, ReportSource } from '../../core/report.ts';
import { dataUrl } from './report.ts';
import { STYLE } from './style.ts';

/** Times that are marked on a timeline, at most. */
const MARKS = 6;
/** Steps between marks, in seconds. */
const STEPS: readonly number[] = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800,
];
/** A stay is drawn so wide at least, in percent. */
const LEAST_WIDTH = 0.4;

/**
 * One HTML file that needs nothing else: no script, no font, no address. For each source a timeline with a lane per person, and a table of
 * all appearances. Whatever comes from files and names is escaped.
 */
export async function reportHtml({ title, timeMs, sources, appearances }: ReportInput): Promise<Blob> {
  const pictures = new Map<Appearance, string>();
  for (const one of appearances) if (one.thumbnail) pictures.set(one, await dataUrl(one.thumbnail));
  const parts = sources.map((source, i) => {
    const own = appearances.filter(({ sourceIndex }) => sourceIndex === i);
    return sourceSection(source, own, pictures, i);
  });
  const people = new Set(appearances.map(({ person }) => person)).size;
  const summary = `${count(people, 'person', 'people')}, ${count(appearances.length, 'appearance')} in ${count(sources.length, 'source')}`;
  const text = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p>${summary}. Made <time>${new Date(timeMs).toISOString().replace('T', ' ').slice(0, 19)} UTC</time> with nearface. A name is an answer to a search among enrolled faces, and may be wrong.</p>
</header>
<main>
${parts.join('\n')}
</main>
</body>
</html>
`;
  return new Blob([text], { type: 'text/html;charset=utf-8' });
}

/** Text as it may stand in an element, and in an attribute within quotes. Control characters have no place in HTML. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text
    .replace(/[&<>"']/g, (each) => entities[each]!)
    .replace(/\p{Cc}/gu, (each) => (/\s/.test(each) ? each : '\ufffd'));
}

function sourceSection(
  source: ReportSource,
  appearances: readonly Appearance[],
  pictures: ReadonlyMap<Appearance, string>,
  i: number,
): string {
  const { name, error } = source;
  const problem = error ? `<p class="problem">Not read to its end: ${escaped(error.message)}</p>` : '';
  const heading = `<section aria-labelledby="source-${i}">
<h2 id="source-${i}">${escaped(name)}</h2>
<p class="facts">${escaped(factsOf(source))}</p>
${problem}`;
  if (appearances.length === 0) return `${heading}\n<p>Nobody was seen.</p>\n</section>`;
  const lines = source.mediaType === 'image' ? '' : timeline(source, appearances, pictures);
  return `${heading}
${lines}
${table(appearances, pictures)}
</section>`;
}

function factsOf({ mediaType, width, height, fps, durationMs, totalFrames }: ReportSource): string {
  const facts = [mediaType];
  if (width && height) facts.push(`${width} × ${height}`);
  if (fps !== undefined) facts.push(`${Number(fps.toFixed(3))} frames a second`);
  if (totalFrames !== undefined && mediaType !== 'image') facts.push(count(totalFrames, 'frame'));
  if (durationMs !== undefined) facts.push(clock(durationMs / 1000));
  return facts.join(' · ');
}

/** A lane for each person, in the order of their appearance. */
function timeline(
  { durationMs = 0 }: ReportSource,
  appearances: readonly Appearance[],
  pictures: ReadonlyMap<Appearance, string>,
): string {
  const least = durationMs > 0 ? 0 : Infinity;
  const begin = appearances.reduce((before, { timeStart }) => Math.min(before, timeStart), least);
  const most = Math.max(begin + durationMs, begin + 1);
  const end = appearances.reduce((after, { timeEnd }) => Math.max(after, timeEnd), most);
  const at = (timeMs: number): number => (100 * (timeMs - begin)) / (end - begin);
  const lanes = new Map<string, Appearance[]>();
  for (const one of appearances) {
    const lane = lanes.get(one.person);
    if (lane) lane.push(one);
    else lanes.set(one.person, [one]);
  }
  const seconds = (end - begin) / 1000;
  const step = STEPS.find((each) => seconds / each <= MARKS) ?? Math.ceil(seconds / MARKS);
  const marks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, k) => {
    const left = at(begin + k * step * 1000).toFixed(2);
    return `<span style="left:${left}%">${clock(k * step)}</span>`;
  });
  const rows = Array.from(lanes, ([person, stays]) => {
    const picture = stays.map((one) => pictures.get(one)).find((url) => url !== undefined);
    const bars = stays.map((one) => {
      const [left, width] = [at(one.timeStart), Math.max(LEAST_WIDTH, at(one.timeEnd) - at(one.timeStart))];
      const place = `left:${Math.min(left, 100 - LEAST_WIDTH).toFixed(2)}%;width:${width.toFixed(2)}%`;
      const told = `${one.timecodeStart} to ${one.timecodeEnd}`;
      return `<li style="${place}" title="${escaped(`${person}, ${told}`)}"><span class="hidden">${told}</span></li>`;
    });
    return `<div class="lane${isUnknown(stays[0]!) ? ' unknown' : ''}"><div class="who">${image(picture)}<span>${escaped(person)}</span></div><ul class="bars" aria-label="${escaped(person)}">${bars.join('')}</ul></div>`;
  });
  return `<div class="timeline" role="group" aria-label="Timeline">
${rows.join('\n')}
<div class="marks" aria-hidden="true">${marks.join('')}</div>
</div>`;
}

function table(appearances: readonly Appearance[], pictures: ReadonlyMap<Appearance, string>): string {
  const rows = appearances.map((one) => {
    const { person, timecodeStart, timecodeEnd, frameStart, frameEnd, meanSimilarity, detections } = one;
    const others = (one.closestPersons ?? []).filter((other) => other.person !== person);
    const alternatives = others.map((other) => `${escaped(other.person)} ${other.similarity.toFixed(2)}`);
    return `<tr><td>${image(pictures.get(one))}</td><th scope="row">${escaped(person)}</th><td>${timecodeStart}</td><td>${timecodeEnd}</td><td>${frameStart}–${frameEnd}</td><td>${meanSimilarity === undefined ? '' : meanSimilarity.toFixed(2)}</td><td>${alternatives.join('<br>')}</td><td>${detections.length}</td></tr>`;
  });
  return `<table>
<thead><tr><th scope="col"><span class="hidden">Picture</span></th><th scope="col">Person</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Frames</th><th scope="col">Similarity</th><th scope="col">Or</th><th scope="col">Looks</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

/** Beside its name a picture says nothing more to somebody who cannot see it. */
function image(url: string | undefined): string {
  return url === undefined
    ? '<span class="none"></span>'
    : `<img src="${url}" alt="" width="48" height="48">`;
}

function isUnknown({ person }: Appearance): boolean {
  return /^Unknown( #\d+)?$/.test(person);
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

function count(n: number, one: string, many: string = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
