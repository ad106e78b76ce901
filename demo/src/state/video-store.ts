import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import {
  type NearFace,
  NearFaceError,
  type PersonMatch,
  type ProgressEvent,
  type ReportFormat,
  type SessionReportOptions,
  type SightedEvent,
  type VideoSession,
} from 'nearface';
import { toThreshold } from '../model/thresholds.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { PersonsStore } from './persons-store.ts';
import { saveFile } from './save-file.ts';
import type { Settings } from './settings.ts';
import { enrolSeen } from './enrol-seen.ts';
import { appearanceOf, bestOf, lanesOf, type VideoAppearance, type VideoLane } from './video-appearances.ts';

/** A video that is looked through, or was. */
export interface OpenVideo {
  readonly name: string;
  /** For the player. */
  readonly url: string;
  readonly state: 'running' | 'paused' | 'done' | 'stopped' | 'failed';
  readonly progress?: ProgressEvent | undefined;
  readonly error?: unknown;
  /** How its frames are read, where that is worth a word. */
  readonly notice?: string | undefined;
  readonly durationMs: number;
}

/** Whom a video shows, and when. */
export interface VideoStore {
  readonly video: ReadonlySignal<OpenVideo | undefined>;
  readonly lanes: ReadonlySignal<readonly VideoLane[]>;
  /** The appearance that is told of in full. */
  readonly selected: Signal<VideoAppearance | undefined>;
  open(file: File): Promise<void>;
  setPaused(isPaused: boolean): void;
  stop(): void;
  close(): void;
  /** The player has found out how long the video is. */
  lasts(durationMs: number): void;
  /** Names somebody by the best shot, and enrols it. */
  enrol(lane: VideoLane, name: string): Promise<void>;
  /** Who else it might be: the most similar people, however far they are. */
  alternatives(appearance: VideoAppearance): Promise<readonly PersonMatch[]>;
  save(format: ReportFormat): Promise<void>;
}

interface VideoParts {
  readonly engine: Engine;
  readonly library: Library;
  readonly settings: Settings;
  readonly persons: PersonsStore;
}

/** People that an appearance is held against when it is chosen. */
const MOST_ALTERNATIVES = 5;

export function createVideoStore({ engine, library, settings, persons }: VideoParts): VideoStore {
  const video = signal<OpenVideo | undefined>(undefined);
  const appearances = signal<readonly VideoAppearance[]>([]);
  const selected = signal<VideoAppearance | undefined>(undefined);
  const lanes = computed(() => lanesOf(appearances.value, persons.byId));
  let session: VideoSession | undefined;
  let cameraId = '';
  let controller = new AbortController();

  const change = (mine: AbortController, some: Partial<OpenVideo>): void => {
    if (mine === controller && video.value) video.value = { ...video.value, ...some };
  };
  const lasts = (durationMs: number, some: Partial<OpenVideo> = {}): void => {
    const longest = Math.max(Number.isFinite(durationMs) ? durationMs : 0, video.value?.durationMs ?? 0);
    change(controller, { ...some, durationMs: longest });
  };
  const close = (): void => {
    controller.abort();
    // What the session still tells is of nothing that is shown.
    controller = new AbortController();
    session = undefined;
    for (const { url } of [...appearances.value, ...(video.value ? [video.value] : [])])
      if (url) URL.revokeObjectURL(url);
    video.value = selected.value = undefined;
    appearances.value = [];
  };

  /** Follows the faces to the end; each is noted and shown when it has left. */
  const look = async (nf: NearFace, file: File, mine: AbortController): Promise<void> => {
    const [id, startTime] = [await cameraFor(nf, file.name), file.lastModified];
    if (mine !== controller) return;
    cameraId = id;
    session = nf.watch(file, {
      ...{ cameraId, startTime, signal: mine.signal, galleries: [settings.gallery.value] },
      threshold: toThreshold(settings.threshold.value),
    });
    // Paused while it was being opened.
    if (video.value?.state === 'paused') session.pause();
    for await (const event of session) {
      if (mine !== controller) return;
      if (event.type === 'progress') lasts(session.source?.durationMs ?? 0, { progress: event });
      if (event.type === 'source') change(mine, { notice: event.text });
      if (event.type === 'sighted') {
        if (event.error) change(mine, { error: errorOf(event.error) });
        appearances.value = withPerson(appearances.value, event);
        await library.refresh();
      }
      const one = event.type === 'lost' && appearanceOf(event, startTime);
      if (!one) continue;
      appearances.value = [...appearances.value, one];
      lasts(one.endMs);
    }
  };

  return {
    ...{ video, lanes, selected, close, lasts },
    async open(file) {
      close();
      const mine = controller;
      const url = URL.createObjectURL(file);
      video.value = { name: file.name, url, state: 'running', durationMs: 0 };
      const looking = engine.ready().then((nf) => look(nf, file, mine));
      await looking.then(
        () => change(mine, { state: mine.signal.aborted ? 'stopped' : 'done' }),
        (error: unknown) => change(mine, { state: 'failed', error }),
      );
    },
    setPaused(isPaused) {
      session?.[isPaused ? 'pause' : 'resume']();
      change(controller, { state: isPaused ? 'paused' : 'running' });
    },
    stop: () => controller.abort(),
    async enrol(lane, name) {
      const [mine, gallery] = [controller, settings.gallery.value];
      const personId = await enrolLane(await engine.ready(), gallery, cameraId, lane, name);
      if (mine === controller) appearances.value = named(appearances.value, lane, name, personId);
      await library.refresh();
    },
    alternatives: async (appearance) => alternativesTo(await engine.ready(), appearance),
    async save(format) {
      if (!video.value || !session?.source) return;
      const [mine, facts] = [controller, { format, title: video.value.name, source: session.source }];
      await saveReport(engine, appearances.value, facts).catch((error: unknown) => change(mine, { error }));
    },
  };
}

const errorOf = ({ code, message }: NonNullable<SightedEvent['error']>): Error =>
  new NearFaceError(code, message);

/** The appearances, of which those of a lane have a name now. */
function named(
  appearances: readonly VideoAppearance[],
  lane: VideoLane,
  name: string,
  personId: string | undefined,
): readonly VideoAppearance[] {
  const theirs = new Set(lane.appearances.map(({ trackId }) => trackId));
  return appearances.map((one) =>
    theirs.has(one.trackId) ? { ...one, person: name, personId: one.personId ?? personId } : one,
  );
}

/** The appearances, of which a track's is of the person who was noted: it may be told after the track has ended. */
function withPerson(
  appearances: readonly VideoAppearance[],
  { trackId, sighting }: SightedEvent,
): readonly VideoAppearance[] {
  const personId = sighting?.personId;
  if (personId === undefined) return appearances;
  return appearances.map((one) => (one.trackId === trackId ? { ...one, personId } : one));
}

/** Enrols the best look at somebody; answers whose it is. */
async function enrolLane(
  nf: NearFace,
  gallery: string,
  cameraId: string,
  lane: VideoLane,
  name: string,
): Promise<string | undefined> {
  const { shot, personId } = bestOf(lane);
  if (!shot) throw new Error('The face was never seen well enough to be enrolled');
  return enrolSeen(nf, gallery, { shot, cameraId, personId }, name);
}

async function alternativesTo(
  nf: NearFace,
  { shot, personId }: VideoAppearance,
): Promise<readonly PersonMatch[]> {
  if (!shot) return [];
  const { embedding, modelId, reliability } = shot;
  const probe = { embedding, modelId, ...(reliability !== undefined && { reliability }) };
  const matches = await nf.people.find(probe, { limit: MOST_ALTERNATIVES + 1, threshold: { cosine: -1 } });
  return matches.filter(({ person }) => person.id !== personId).slice(0, MOST_ALTERNATIVES);
}

/** Saves the library's report, with the people who were noted or named since. */
async function saveReport(
  engine: Engine,
  appearances: readonly VideoAppearance[],
  facts: Required<Pick<SessionReportOptions, 'format' | 'title' | 'source'>>,
): Promise<void> {
  const lost = appearances.map(({ lost: event, personId }) => ({
    ...event,
    ...(personId !== undefined && { personId }),
  }));
  const [first] = appearances;
  const startTime = first ? first.lost.firstTimeMs - first.startMs : 0;
  const report = await (await engine.ready()).report(lost, { ...facts, startTime });
  saveFile(report, `${facts.title.replace(/\.[^.]+$/, '')}-people.${facts.format}`);
}

/** The record that stands for a file as a camera; made the first time. */
async function cameraFor(nf: NearFace, name: string): Promise<string> {
  const url = `file:${name}`;
  const known = (await nf.cameras.list()).find((camera) => camera.url === url);
  return (known ?? (await nf.cameras.create({ url, meta: name }))).id;
}
