import type { Appearance } from '../../core/recognition.ts';
import type { ReportInput } from '../../core/report.ts';
import type { LostEvent, VideoEvent } from '../events.ts';
import type { SourceInfo } from '../frame-source.ts';
import { timecode } from '../timecode.ts';

/** What a report of a session is made of besides its events. */
export interface SessionFacts {
  readonly title: string;
  readonly timeMs: number;
  /** As `session.source` tells it. */
  readonly source?: Partial<SourceInfo>;
  /** Of frame 0 of a file, as the session was given it, in ms since 1970. */
  readonly startTime?: number;
  /** What people are called, by their ids. */
  readonly names?: ReadonlyMap<string, string>;
}

/** Frames a second that timecodes are of where the source tells none. */
const FPS = 25;

/** What a session's report is made of: an appearance for each track that was lost. */
export function reportOfEvents(
  events: Iterable<VideoEvent>,
  { title, timeMs, source = {}, startTime = 0, names = new Map() }: SessionFacts,
): ReportInput {
  const lost = [...events].filter((event) => event.type === 'lost' && event.reason !== 'same') as LostEvent[];
  const begin = lost.reduce((least, { firstTimeMs }) => Math.min(least, firstTimeMs), Infinity);
  const appearances = lost
    .map((event) => ({
      ...event,
      ...{ firstTimeMs: event.firstTimeMs - startTime, lastTimeMs: event.lastTimeMs - startTime },
    }))
    .map((event) =>
      appearanceOf(event, title, source, source.kind === 'live' ? begin - startTime : undefined, names),
    )
    .sort((a, b) => a.frameStart - b.frameStart || a.timeStart - b.timeStart);
  const { mediaType, kind, width, height, fps, frames, durationMs } = source;
  return {
    ...{ title, timeMs, appearances },
    sources: [
      {
        name: title,
        mediaType: kind === 'live' ? 'live' : mediaType || 'video',
        labels: [...new Set(appearances.map(({ person }) => person))],
        ...(width !== undefined && { width }),
        ...(height !== undefined && { height }),
        ...(fps !== undefined && { fps }),
        ...(frames !== undefined && { totalFrames: frames }),
        ...(durationMs !== undefined && { durationMs }),
      },
    ],
  };
}

function appearanceOf(
  { trackId, firstFrame, lastFrame, firstTimeMs, lastTimeMs, matches, best, ...who }: LostEvent,
  source: string,
  { fps = FPS, width = 0, height = 0 }: Partial<SourceInfo>,
  begin: number | undefined,
  names: ReadonlyMap<string, string>,
): Appearance {
  const [first] = matches;
  const personId = who.personId ?? first?.record.personId;
  const called = personId === undefined ? undefined : names.get(personId);
  // A camera's frames come as they can: their timecodes go by the clock.
  const frameAt = (timeMs: number, frame: number): number =>
    begin === undefined ? frame : Math.round(((timeMs - begin) * fps) / 1000);
  const box = best && width > 0 && height > 0 ? best.box : undefined;
  return {
    ...{ id: `track-${trackId}`, mediaType: 'video', source, sourceIndex: 0 },
    ...{ frameStart: firstFrame, frameEnd: lastFrame, timeStart: firstTimeMs, timeEnd: lastTimeMs },
    timecodeStart: timecode(frameAt(firstTimeMs, firstFrame), fps),
    timecodeEnd: timecode(frameAt(lastTimeMs, lastFrame), fps),
    person: called ?? (first && (first.record.meta || first.record.id)) ?? 'Unknown',
    ...(personId !== undefined && { personId }),
    ...(first && { meanDistance: first.distance, meanSimilarity: first.cosine }),
    ...(matches.length > 1 && {
      closestPersons: matches.map(({ record, cosine }) => ({
        person: record.meta || record.id,
        similarity: cosine,
      })),
    }),
    ...(best && { thumbnail: best.thumbnail }),
    detections: box
      ? [
          {
            frameIndex: best!.frameIndex,
            box: {
              ...{ left: box.left / width, top: box.top / height },
              ...{ width: box.width / width, height: box.height / height },
            },
          },
        ]
      : [],
  };
}
