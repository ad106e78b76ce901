import { describe, expect, it } from 'vitest';
import type { FaceSeen } from './track.ts';
import {
  endTracker,
  planTracker,
  restTracker,
  startTracker,
  stepTracker,
  type TrackerFrame,
} from './tracker.ts';
import { DEFAULT_TRACKER, resolveTracker } from './tracker-options.ts';

const face = (left: number, extra: Partial<FaceSeen> = {}): FaceSeen => ({
  box: { left, top: 100, width: 80, height: 100 },
  score: 0.9,
  ...extra,
});
const look = (axis: number): Partial<FaceSeen> => {
  const embedding = new Float32Array(4);
  embedding[axis] = 1;
  return { embedding, reliability: 1 };
};
/** Of a cosine with the first axis' look, and none with the next. */
const mixed = (cosine: number, reliability: number): Partial<FaceSeen> => ({
  embedding: Float32Array.of(cosine, 0, Math.sqrt(1 - cosine * cosine), 0),
  reliability,
});

/** Runs frames 40 ms apart; a frame is its faces, or nothing. */
function run(
  frames: readonly (readonly FaceSeen[])[],
  at: (i: number) => Partial<TrackerFrame> = () => ({}),
) {
  let state = startTracker(DEFAULT_TRACKER);
  const steps = frames.map((faces, i) => {
    const [next, step] = stepTracker(state, faces, { index: i, timeMs: 40 * i, ...at(i) });
    state = next;
    return step;
  });
  return { state, steps, events: steps.flatMap(({ events }) => events) };
}

describe('the tracker', () => {
  it('reports a face from its first frame on, once it was seen twice', () => {
    const { events } = run([[face(10)], [face(12)], [face(14)]]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'appeared',
      trackId: 1,
      sights: [{ frameIndex: 0 }, { frameIndex: 1 }],
    });
  });

  it('makes no track of what is found once', () => {
    expect(run([[face(10)], [], [], []]).events).toEqual([]);
  });

  it('tells who is lost from the last frame that showed them, and shifts nobody', () => {
    const both = [face(10), face(300)];
    const { events, steps } = run([
      ...Array.from({ length: 8 }, () => both),
      ...Array.from({ length: 40 }, () => [face(10)]),
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'lost',
      trackId: 2,
      last: { frameIndex: 7 },
      reason: 'left',
    });
    expect(steps.at(-1).active).toMatchObject([{ trackId: 1, face: 0, predicted: false }]);
  });

  it('gives a face that returns elsewhere its number back, and a stranger in its place another', () => {
    const seen = Array.from({ length: 6 }, () => [face(10, look(0))]);
    const away = Array.from({ length: 25 }, () => []);
    const back = run([...seen, ...away, [face(600, look(0))], [face(602, look(0))]]);
    expect(back.steps.at(-1).active).toMatchObject([{ trackId: 1 }]);
    expect(back.events.map(({ type }) => type)).toEqual(['appeared', 'returned']);
    const other = run([...seen, ...away, [face(10, look(1))], [face(12, look(1))]]);
    expect(other.steps.at(-1).active).toMatchObject([{ trackId: 2 }]);
  });

  it('ends all at a cut, and gives no number twice', () => {
    const same = Array.from({ length: 6 }, () => [face(10, look(0))]);
    const { events } = run(same, (i) => ({ cut: i === 3 }));
    expect(events.map(({ type, trackId }) => [type, trackId])).toEqual([
      ['appeared', 1],
      ['lost', 1],
      ['appeared', 2],
    ]);
  });

  it('does not swap two who cross', () => {
    const frames = Array.from({ length: 41 }, (_, i) => [face(10 * i, look(0)), face(400 - 10 * i, look(1))]);
    const { steps } = run(frames.map((faces, i) => (i > 16 && i < 24 ? faces.slice(0, 1) : faces)));
    expect(steps.at(-1).active).toMatchObject([
      { trackId: 1, face: 0 },
      { trackId: 2, face: 1 },
    ]);
  });

  it('tells nobody of a new face that may be a lost one, until its looks say which', () => {
    const seen = Array.from({ length: 6 }, () => [face(10, look(0))]);
    const away = Array.from({ length: 10 }, () => []);
    // Half hidden at first, so that the embedding says little; then plainly who was lost.
    const hidden = face(500, mixed(0.3, 0.9));
    const { steps, events } = run([...seen, ...away, [hidden], [hidden], [hidden], [face(500, look(0))]]);
    expect(steps.at(-2).active).toEqual([]);
    expect(steps.at(-1).active).toMatchObject([{ trackId: 1 }]);
    expect(events.map(({ type }) => type)).toEqual(['appeared', 'returned']);
    // One whose looks are plainly others' is told of at once.
    const other = run([...seen, ...away, [face(500, look(1))], [face(500, look(1))]]);
    expect(other.steps.at(-1).active).toMatchObject([{ trackId: 2 }]);
  });

  it('asks for the embedding of a face that may be a lost one again and again, though the lost one hides behind it', () => {
    const seen = Array.from({ length: 6 }, () => [face(10, look(0))]);
    const { state } = run([...seen, [], [], [], [], [face(77, mixed(0.3, 0.9))]]);
    const plan = planTracker(state, [face(77)], { index: 13, timeMs: 40 * 13 });
    expect(plan.map(({ face: of }) => of)).toEqual([0]);
  });

  it('learns again from a face that crossed another, once its looks are plainly nearer to its own than to the other', () => {
    const frames = Array.from({ length: 41 }, (_, i) => [face(10 * i, look(0)), face(400 - 10 * i, look(1))]);
    // Afterwards one looks only half like itself, as in another light, but not at all like the other.
    const after = [24, 25, 26, 27].map((i) => [face(10 * i, mixed(0.4, 1)), face(400 - 10 * i, look(1))]);
    const before = run(frames.slice(0, 24)).state.tracks[0]!;
    expect(before.crossedMs).toBeDefined();
    const track = run([...frames.slice(0, 24), ...after]).state.tracks[0]!;
    expect(track.look!.count).toBeGreaterThan(before.look!.count);
    expect(track.crossedMs).toBeUndefined();
  });

  it('is not led away by what hardly is a face and only half where the track should be', () => {
    const seen = Array.from({ length: 6 }, () => [face(10)]);
    const found = (width: number, height: number): FaceSeen => ({
      ...{ box: { left: 20, top: 105, width, height }, score: 0.3 },
    });
    expect(run([...seen, [found(45, 60)]]).steps.at(-1).active).toMatchObject([{ predicted: true }]);
    expect(run([...seen, [found(65, 90)]]).steps.at(-1).active).toMatchObject([{ predicted: false }]);
  });

  it('asks for an embedding of a new face while somebody is lost, not of each in each frame', () => {
    const { state } = run(Array.from({ length: 8 }, () => [face(10, look(0))]));
    expect(planTracker(state, [face(10)], { index: 8, timeMs: 320 })).toEqual([]);
    const plan = planTracker(state, [face(700)], { index: 8, timeMs: 320 });
    expect(plan).toEqual([{ face: 0, reason: 'new' }]);
  });

  it('keeps who was seen while nothing moves', () => {
    let { state } = run([[face(10)], [face(12)]]);
    let step;
    for (let i = 2; i < 500; i++) [state, step] = restTracker(state, { index: i, timeMs: 40 * i });
    expect(step).toMatchObject({ events: [], active: [{ trackId: 1, predicted: true }] });
    expect(endTracker(state)[1].events).toMatchObject([{ type: 'lost', last: { frameIndex: 499 } }]);
  });

  it('keeps the largest of too many', () => {
    const options = resolveTracker({ maxPersons: 1 });
    const small = { ...face(500), box: { left: 500, top: 0, width: 40, height: 50 } };
    let state = startTracker(options);
    let step;
    for (let i = 0; i < 3; i++)
      [state, step] = stepTracker(state, [small, face(10)], { index: i, timeMs: 40 * i });
    expect(step?.active).toMatchObject([{ trackId: 1, face: 1 }]);
  });

  it('refuses a frame out of order, and options that are none', () => {
    const { state } = run([[face(10)]]);
    expect(() => stepTracker(state, [], { index: 1, timeMs: 0 })).toThrow(/frame.timeMs/);
    expect(() => resolveTracker({ maxPersons: 0 })).toThrow(/tracker.maxPersons/);
  });
});

describe('somebody seen in a glimpse at the edge', () => {
  const nobody = (frames: number): FaceSeen[][] => Array.from({ length: frames }, () => []);
  const half = (extra: Partial<FaceSeen> = {}): FaceSeen => ({
    ...{ box: { left: -7, top: 130, width: 44, height: 50 }, score: 0.7 },
    ...extra,
  });
  const hardly = { ...look(1), reliability: 0.3 };
  const ids = (frames: readonly (readonly FaceSeen[])[]): (number | undefined)[] => {
    const { steps } = run(frames);
    return steps.map(({ active }) => active[0]?.trackId);
  };
  const returning = [face(-40, look(0)), face(-20, look(0)), face(0, look(0)), face(20, look(0))];
  const back = returning.map((each) => [each]);

  it('is the one who comes up there, also later than motion could tell', () => {
    for (const seen of [half(), half(hardly)]) {
      const { events } = run([[seen], [seen], ...nobody(40), ...back]);
      expect(events.map(({ type, trackId }) => [type, trackId])).toEqual([
        ['appeared', 1],
        ['returned', 1],
      ]);
    }
  });

  it('is so a little higher or lower, as a camera that moves has it', () => {
    const lower = back.map((faces) =>
      faces.map(({ box, ...rest }) => ({ ...rest, box: { ...box, top: box.top + 60 } })),
    );
    expect(ids([[half()], [half()], ...nobody(40), ...lower]).at(-1)).toBe(1);
  });

  it('learns how it looks though somebody walked past where it might have gone', () => {
    const other = look(3);
    const passing = Array.from({ length: 14 }, (_, i) => [face(300 - 48 * Math.min(i, 13 - i), other)]);
    const gone = Array.from({ length: 25 }, () => [face(300, other)]);
    const both = back.map((faces) => [...faces, face(300, other)]);
    const { state } = run([
      [half(hardly), face(300, other)],
      [half(hardly), face(300, other)],
      ...passing,
      ...gone,
      ...both,
    ]);
    const one = state.tracks.find(({ id }) => id === 2);
    expect(one).toMatchObject({ misses: 0, crossedMs: undefined, look: { count: 6 } });
  });

  it('is not who may be somebody else that is lost', () => {
    const long = Array.from({ length: 8 }, () => face(400, look(0)));
    const there = [face(400, look(0))];
    const glimpsed = [
      [half(hardly), ...there],
      [half(hardly), ...there],
    ];
    const comes = (extra: Partial<FaceSeen>): FaceSeen[][] =>
      Array.from({ length: 4 }, (_, i) => [face(-40 + 20 * i, extra)]);
    const first = (extra: Partial<FaceSeen>): (number | undefined)[] => {
      const { state } = run([...long.map((one) => [one]), ...glimpsed, ...nobody(12), ...comes(extra)]);
      return state.tracks.filter(({ misses }) => misses === 0).map(({ id }) => id);
    };
    // Too blurred to be told from the one who was at 400; then plainly not that one.
    expect(first(mixed(0.3, 0.2))).toEqual([0]);
    expect(first(look(1))).toEqual([2]);
  });

  it('is not who comes up elsewhere, or too late', () => {
    const elsewhere = back.map((faces) =>
      faces.map(({ box, ...rest }) => ({ ...rest, box: { ...box, left: 400 } })),
    );
    expect(ids([[half()], [half()], ...nobody(40), ...elsewhere]).at(-1)).toBe(2);
    expect(ids([[half()], [half()], ...nobody(80), ...back]).at(-1)).toBe(2);
  });

  it('is told by its looks where they could be seen, or by the time it was seen', () => {
    const clearly = half(look(1));
    expect(ids([[clearly], [clearly], ...nobody(40), ...back]).at(-1)).toBe(2);
    const long = Array.from({ length: 8 }, () => [half(hardly)]);
    const stays = Array.from({ length: 20 }, () => [face(20, look(0))]);
    expect(ids([...long, ...nobody(40), ...back, ...stays]).at(-1)).toBe(2);
  });
});
