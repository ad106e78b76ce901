/**
 * People's faces moving through a picture, as boxes: who is where in each frame is known exactly. Everything hangs on the seed.
 */
import type { Box } from '../../src/core/types.ts';
import { Random } from '../../tools/random.ts';
import { countCrossings } from './crossings.ts';

export const PICTURE = { width: 1280, height: 720, fps: 25 };

/** A face of the truth. */
export interface TrueFace {
  readonly person: number;
  readonly box: Box;
  /** Share of it that nothing covers, 0..1. */
  readonly visible: number;
  /** Degrees from the front. */
  readonly yaw: number;
}

export interface Scene {
  readonly name: string;
  readonly seed: number;
  /** Every face in the picture of which enough can be seen, per frame. */
  readonly frames: readonly (readonly TrueFace[])[];
  /** Frames that are the first of a new picture. */
  readonly cuts: readonly number[];
  /** How often two faces covered each other and parted again. */
  readonly crossings: number;
}

/** Where a person is at a moment: the face's centre and width in the scene's pixels. */
interface Place {
  readonly seconds: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

interface Person {
  readonly id: number;
  readonly way: readonly Place[];
  readonly random: Random;
}

/** What the camera sees of the scene: its centre, and how often it is magnified. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

interface Setting {
  readonly people: readonly Person[];
  readonly seconds: number;
  readonly view?: (seconds: number) => View;
  /** Posts that hide what is behind them, each between two x. */
  readonly posts?: readonly (readonly [from: number, to: number])[];
}

/** Less of a face than this is not there for the metrics. */
const LEAST_VISIBLE = 0.4;
const STILL: View = { x: PICTURE.width / 2, y: PICTURE.height / 2, zoom: 1 };

const SETTINGS: Readonly<Record<string, (random: Random) => readonly Setting[]>> = {
  crossing: (random) => [crossing(random)],
  meeting: (random) => [meeting(random)],
  returning: (random) => [returning(random)],
  replaced: (random) => [replaced(random)],
  posts: (random) => [posts(random)],
  pan: (random) => [pan(random)],
  zoom: (random) => [zoom(random)],
  cuts: (random) => [seated(random, 0), seated(random, 10), seated(random, 20)],
  crowd: (random) => [crowd(random)],
};

/** Every kind of scene, made anew for each seed. */
export function makeScenes(seeds: readonly number[]): Scene[] {
  return seeds.flatMap((seed) =>
    Object.entries(SETTINGS).map(([name, make], i) =>
      film(name, seed, make(new Random(1000 * seed + i + 1))),
    ),
  );
}

/** Two walk through each other, over and over. */
function crossing(random: Random): Setting {
  const [near, far] = [random.between(90, 170), random.between(70, 150)];
  const y = random.between(250, 450);
  const legs = 6;
  const each = random.between(2, 3.5);
  const way = (side: number, width: number): Place[] =>
    Array.from({ length: legs + 1 }, (_, leg) => ({
      seconds: leg * each,
      x: ((side + leg) % 2 ? 980 : 300) + random.between(-80, 80),
      y: y + random.between(-40, 40),
      width: width * random.between(0.9, 1.1),
    }));
  return { people: [person(random, 1, way(0, near)), person(random, 2, way(1, far))], seconds: legs * each };
}

/** Two come together, cover each other, and go back: motion would take them on through each other. */
function meeting(random: Random): Setting {
  const y = random.between(250, 450);
  const each = random.between(1.5, 2.5);
  const legs = 8;
  const way = (sign: number, width: number): Place[] =>
    Array.from({ length: legs + 1 }, (_, leg) => ({
      seconds: leg * each,
      x: 640 + sign * (leg % 2 ? random.between(15, 35) : random.between(220, 380)),
      y: y + random.between(-20, 20),
      width,
    }));
  const width = random.between(90, 150);
  const other = width * random.between(0.75, 0.9);
  return {
    people: [person(random, 1, way(-1, width)), person(random, 2, way(1, other))],
    seconds: legs * each,
  };
}

/** Three go out of the picture for about a second, and come back where they went or elsewhere; one stays. */
function returning(random: Random): Setting {
  const people = [1, 2, 3].map((id) => {
    const y = 140 + 160 * id + random.between(-20, 20);
    const width = random.between(70, 120);
    const way: Place[] = [];
    let seconds = random.between(0, 1);
    for (let turn = 0; turn < 4; turn++) {
      way.push({ seconds, x: random.between(300, 980), y, width });
      seconds += random.between(1.5, 2.5);
      way.push({ seconds, x: random.next() < 0.5 ? -150 : 1430, y, width });
      seconds += random.between(0.3, 1);
      way.push({ seconds, x: random.next() < 0.5 ? -150 : 1430, y, width });
      seconds += random.between(1.5, 2.5);
    }
    way.push({ seconds, x: random.between(300, 980), y, width });
    return person(random, id, way);
  });
  const staying = person(random, 4, [{ seconds: 0, x: 640, y: 120, width: 80 }]);
  return { people: [...people, staying], seconds: 18 };
}

/** One goes, and half a second later somebody else is in the same place. */
function replaced(random: Random): Setting {
  const [x, y, width] = [random.between(400, 880), random.between(250, 450), random.between(90, 150)];
  const people: Person[] = [];
  let seconds = 0;
  for (let id = 1; id <= 5; id++) {
    const end = seconds + random.between(2, 3);
    const at = (when: number): Place => ({
      seconds: when,
      x: x + random.between(-15, 15),
      y: y + random.between(-15, 15),
      width,
    });
    const away = (when: number): Place => ({ seconds: when, x: NaN, y, width });
    people.push(person(random, id, [away(seconds - 0.001), at(seconds), at(end), away(end + 0.001)]));
    seconds = end + random.between(0.2, 0.8);
  }
  return { people, seconds };
}

/** Three walk behind posts; some stop or turn there. */
function posts(random: Random): Setting {
  const people = [1, 2, 3].map((id) => {
    const y = 130 + 150 * id;
    const width = random.between(70, 110);
    const way: Place[] = [{ seconds: 0, x: random.between(80, 250), y, width }];
    let seconds = 0;
    for (let turn = 0; turn < 5; turn++) {
      seconds += random.between(1.5, 3);
      const isHidden = random.next() < 0.4;
      const x = isHidden ? random.pick([440, 840]) : random.between(100, 1180);
      way.push({ seconds, x, y, width });
      if (!isHidden) continue;
      seconds += random.between(0.2, 0.8);
      way.push({ seconds, x, y, width });
    }
    return person(random, id, way);
  });
  return {
    people,
    seconds: 15,
    posts: [
      [380, 500],
      [780, 900],
    ],
  };
}

/** Four sit, the camera swings from one to another, at times fast. */
function pan(random: Random): Setting {
  const people = [1, 2, 3, 4].map((id) =>
    person(random, id, sitting(random, -500 + 450 * id, random.between(280, 440), random.between(90, 140))),
  );
  const stops = Array.from({ length: 8 }, (_, i) => ({
    seconds: 1.8 * i,
    x: random.between(300, 1000),
    y: 360,
    width: 1,
  }));
  return { people, seconds: 13, view: (seconds) => ({ ...placeOn(stops, seconds), zoom: 1 }) };
}

/** Three sit, the camera goes near and away. */
function zoom(random: Random): Setting {
  const people = [1, 2, 3].map((id) =>
    person(random, id, sitting(random, 340 + 150 * id, random.between(320, 400), random.between(50, 70))),
  );
  const stops = Array.from({ length: 7 }, (_, i) => ({
    seconds: 1.5 * i + random.between(-0.1, 0.1),
    x: 640 + random.between(-60, 60),
    y: 360,
    width: i % 2 ? random.between(1.8, 2.6) : 1,
  }));
  const view = (seconds: number): View => {
    const { x, y, width } = placeOn(stops, seconds);
    return { x, y, zoom: width };
  };
  return { people, seconds: 9, view };
}

/** Two sit, in places that another setting's people have too. */
function seated(random: Random, ids: number): Setting {
  const people = [430, 830].map((x, i) =>
    person(random, ids + i, sitting(random, x + random.between(-30, 30), 330, random.between(110, 150))),
  );
  return { people, seconds: random.between(2.5, 4) };
}

/** Eight walk about, the larger ones nearer to the lower edge. */
function crowd(random: Random): Setting {
  const people = Array.from({ length: 8 }, (_, i) => {
    const width = random.between(50, 120);
    const way: Place[] = [];
    for (let seconds = 0; seconds < 16; seconds += random.between(1.5, 3.5))
      way.push({
        seconds,
        x: random.between(60, 1220),
        y: 360 + (width - 85) * 4 + random.between(-40, 40),
        width: width * random.between(0.95, 1.05),
      });
    return person(random, i + 1, way);
  });
  return { people, seconds: 15 };
}

function person(random: Random, id: number, way: readonly Place[]): Person {
  return { id, way, random: new Random(random.bits()) };
}

/** A head that moves a little in its place. */
function sitting(random: Random, x: number, y: number, width: number): Place[] {
  return Array.from({ length: 12 }, (_, i) => ({
    seconds: i * 1.3,
    x: x + random.between(-0.15, 0.15) * width,
    y: y + random.between(-0.1, 0.1) * width,
    width: width * random.between(0.95, 1.05),
  }));
}

/** Between the places, starting and stopping gently. */
function placeOn(way: readonly Place[], seconds: number): Place {
  const next = way.findIndex((place) => place.seconds > seconds);
  if (next < 0) return way.at(-1)!;
  if (next === 0) return way[0]!;
  const [a, b] = [way[next - 1]!, way[next]!];
  const t = (seconds - a.seconds) / (b.seconds - a.seconds);
  const share = t * t * (3 - 2 * t);
  const mix = (from: number, to: number): number => from + share * (to - from);
  return { seconds, x: mix(a.x, b.x), y: mix(a.y, b.y), width: mix(a.width, b.width) };
}

/** Settings one after the other, with a cut between them. */
function film(name: string, seed: number, settings: readonly Setting[]): Scene {
  const frames: TrueFace[][] = [];
  const cuts: number[] = [];
  for (const setting of settings) {
    if (frames.length > 0) cuts.push(frames.length);
    const count = Math.round(setting.seconds * PICTURE.fps);
    const turns = new Map(setting.people.map(({ id, random }) => [id, turning(random)]));
    for (let i = 0; i < count; i++) frames.push(seen(setting, i / PICTURE.fps, turns));
  }
  return { name, seed, frames: renamed(frames), cuts, crossings: countCrossings(frames) };
}

/** Who was away for longer than this comes back as somebody else: the tracker does not promise more. */
const MOST_AWAY_SECONDS = 3;

function renamed(frames: readonly (readonly TrueFace[])[]): TrueFace[][] {
  const lastSeen = new Map<number, number>();
  const comings = new Map<number, number>();
  return frames.map((faces, i) =>
    faces.map((face) => {
      const away = i - (lastSeen.get(face.person) ?? i);
      const coming = comings.get(face.person) ?? 0;
      lastSeen.set(face.person, i);
      comings.set(face.person, away > MOST_AWAY_SECONDS * PICTURE.fps ? coming + 1 : coming);
      return { ...face, person: face.person + 1000 * comings.get(face.person)! };
    }),
  );
}

type Turn = (seconds: number) => number;

/** How a head turns over time: two slow swings of their own pace, to some 60° at the most. */
function turning(random: Random): Turn {
  const [a, b] = [random.between(5, 35), random.between(5, 25)];
  const [paceA, paceB, phase] = [random.between(0.3, 1), random.between(1, 2.5), random.between(0, 6)];
  return (seconds) => a * Math.sin(paceA * seconds + phase) + b * Math.sin(paceB * seconds);
}

function seen(setting: Setting, seconds: number, turns: ReadonlyMap<number, Turn>): TrueFace[] {
  const { x, y, zoom: scale } = setting.view?.(seconds) ?? STILL;
  const toPicture = (sceneX: number): number => (sceneX - x) * scale + PICTURE.width / 2;
  const boxes = setting.people.flatMap(({ id, way }) => {
    const place = placeOn(way, seconds);
    if (!Number.isFinite(place.x)) return [];
    const width = place.width * scale;
    const height = width * 1.25;
    const top = (place.y - y) * scale + PICTURE.height / 2 - height / 2;
    return [{ person: id, box: { left: toPicture(place.x) - width / 2, top, width, height } }];
  });
  const hiding = (setting.posts ?? []).map(([from, to]): Box => {
    const left = toPicture(from);
    return { left, top: 0, width: toPicture(to) - left, height: PICTURE.height };
  });
  return boxes.flatMap(({ person: id, box }) => {
    const nearer = boxes.filter((other) => other.box.width > box.width).map((other) => other.box);
    const visible = visibleShare(box, [...nearer, ...hiding]);
    if (visible < LEAST_VISIBLE) return [];
    return [{ person: id, box, visible, yaw: Math.abs(turns.get(id)?.(seconds) ?? 0) }];
  });
}

/** Share of a box inside the picture and under none of the others, on a grid of points. */
function visibleShare(box: Box, covers: readonly Box[]): number {
  const GRID = 16;
  let free = 0;
  for (let i = 0; i < GRID; i++)
    for (let j = 0; j < GRID; j++) {
      const x = box.left + ((i + 0.5) / GRID) * box.width;
      const y = box.top + ((j + 0.5) / GRID) * box.height;
      const isInside = x >= 0 && y >= 0 && x < PICTURE.width && y < PICTURE.height;
      const isCovered = covers.some(
        ({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height,
      );
      if (isInside && !isCovered) free++;
    }
  return free / GRID / GRID;
}
