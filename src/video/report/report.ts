/** What was seen in videos, to be saved, sent and printed: by a job, and by a session. */
import { csvLine } from '../../core/csv-line.ts';
import type { ReportInput } from '../../core/report.ts';

const COLUMNS = [
  ...['id', 'source', 'person', 'personId', 'frameStart', 'frameEnd', 'timeStart', 'timeEnd'],
  ...['timecodeStart', 'timecodeEnd', 'meanSimilarity', 'meanDistance', 'closestPerson', 'closestPersons'],
  'detections',
] as const;

/** A table with a row for each appearance; of the alternatives names and cosines, of the detections their number. */
export function reportCsv({ appearances }: ReportInput): Blob {
  const lines = appearances.map((one) =>
    csvLine(
      COLUMNS.map((column) => {
        if (column === 'detections') return one.detections.length;
        if (column !== 'closestPersons') return one[column] ?? '';
        const closest = one.closestPersons ?? [];
        return closest.map(({ person, similarity }) => `${person} ${similarity.toFixed(4)}`).join('; ');
      }),
    ),
  );
  return new Blob(['\ufeff', csvLine(COLUMNS), ...lines], { type: 'text/csv;charset=utf-8' });
}

/** Everything, thumbnails as data URLs. */
export async function reportJson({ title, timeMs, sources, appearances }: ReportInput): Promise<Blob> {
  const plain = await Promise.all(
    appearances.map(async ({ thumbnail, ...one }) => ({
      ...one,
      ...(thumbnail && { thumbnail: await dataUrl(thumbnail) }),
    })),
  );
  const time = new Date(timeMs).toISOString();
  const text = JSON.stringify({ title, time, sources, appearances: plain }, null, 2);
  return new Blob([text], { type: 'application/json' });
}

/** A picture as text. Only of the media types that pictures have: what else a file may say would be read by a browser as it says. */
export async function dataUrl(picture: Blob): Promise<string> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const type = /^image\/(jpeg|png|webp)$/.test(picture.type) ? picture.type : 'application/octet-stream';
  return `data:${type};base64,${btoa(binary)}`;
}
