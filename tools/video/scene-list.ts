/** The scenes that tracking is measured and tested on: seeded, so that everybody sees the same. */
import { Random } from '../random.ts';
import type { Actor, Camera, Place, Scene, Take } from './scenes.ts';

/** A stop on the way of a head. */
interface Stop extends Place {
  readonly seconds: number;
}

/** How long a photo of a person is shown before the next. */
const LOOK_SECONDS = 0.8;

const STILL = (width: number, height: number): ((seconds: number) => Camera) => {
  return () => ({ x: width / 2, y: height / 2, zoom: 1 });
};

/** A head that goes from stop to stop, smoothly, and is there between the first and the last. */
function walker(person: string, stops: readonly Stop[]): Actor {
  return {
    person,
    look: (seconds) => Math.floor(seconds / LOOK_SECONDS),
    place(seconds) {
      const next = stops.findIndex((stop) => stop.seconds > seconds);
      if (next <= 0) return next === 0 ? undefined : lastOf(stops, seconds);
      const [a, b] = [stops[next - 1]!, stops[next]!];
      const share = smooth((seconds - a.seconds) / (b.seconds - a.seconds));
      return {
        x: a.x + share * (b.x - a.x),
        y: a.y + share * (b.y - a.y) + 2 * Math.sin(7 * seconds),
        side: a.side + share * (b.side - a.side),
      };
    },
  };
}

function lastOf(stops: readonly Stop[], seconds: number): Place | undefined {
  const last = stops.at(-1)!;
  return seconds <= last.seconds ? last : undefined;
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}

interface Setting {
  readonly width: number;
  readonly height: number;
  readonly people: readonly string[];
  readonly random: Random;
}

/** People who go from side to side, each pair crossing. */
function crossing(
  { width, height, people, random }: Setting,
  seconds: number,
): { take: Take; crossings: number } {
  const [a, b, c] = people as readonly [string, string, string];
  const side = height * random.between(0.2, 0.27);
  const y = height * random.between(0.42, 0.5);
  const [left, right] = [width * 0.18, width * 0.82];
  const half = seconds / 2;
  const stop = (x: number, at: number, dy: number, scale: number): Stop => ({
    ...{ seconds: at, x, y: y + dy * height, side: side * scale },
  });
  const actors = [
    walker(c, [stop(width * 0.5, 0, 0.12, 0.8), stop(width * 0.52, seconds, 0.12, 0.8)]),
    walker(a, [stop(left, 0, -0.04, 0.9), stop(right, half, -0.04, 0.9), stop(left, seconds, -0.04, 0.9)]),
    walker(b, [stop(right, 0, 0.03, 1), stop(left, half, 0.03, 1), stop(right, seconds, 0.03, 1)]),
  ];
  return {
    take: { ...{ seconds, background: random.below(8), actors, pillars: [] }, camera: STILL(width, height) },
    // a and b twice; each passes c twice.
    crossings: 6,
  };
}

/** Somebody goes out of the picture for about a second and comes back; another stays; a third comes late. */
function leaving({ width, height, people, random }: Setting, seconds: number): Take {
  const [a, b, c] = people as readonly [string, string, string];
  const side = height * 0.24;
  const y = height * 0.45;
  const out = -side;
  const actors = [
    walker(a, [
      { seconds: 0, x: width * 0.3, y, side },
      { seconds: seconds * 0.3, x: out, y, side },
      { seconds: seconds * 0.3 + random.between(0.7, 1.1), x: out, y, side },
      { seconds: seconds * 0.7, x: width * 0.3, y, side },
      { seconds, x: width * 0.35, y, side },
    ]),
    walker(b, [
      { seconds: 0, x: width * 0.6, y: y * 0.95, side },
      { seconds, x: width * 0.55, y, side },
    ]),
    walker(c, [
      { seconds: seconds * 0.5, x: width + side, y, side: side * 0.9 },
      { seconds: seconds * 0.8, x: width * 0.83, y, side: side * 0.9 },
      { seconds, x: width * 0.83, y, side: side * 0.9 },
    ]),
  ];
  return { seconds, background: random.below(8), actors, pillars: [], camera: STILL(width, height) };
}

/** People go behind a pillar. */
function occluded({ width, height, people, random }: Setting, seconds: number): Take {
  const [a, b] = people as readonly [string, string];
  const side = height * 0.22;
  const actors = [
    walker(a, [
      { seconds: 0, x: width * 0.15, y: height * 0.4, side },
      { seconds, x: width * 0.85, y: height * 0.42, side },
    ]),
    walker(b, [
      { seconds: 0, x: width * 0.85, y: height * 0.55, side: side * 1.1 },
      { seconds: seconds * 0.9, x: width * 0.15, y: height * 0.55, side: side * 1.1 },
      { seconds, x: width * 0.12, y: height * 0.55, side: side * 1.1 },
    ]),
  ];
  const pillars = [
    { box: { left: width * 0.44, top: -height, width: width * 0.12, height: 3 * height }, colour: '#6d6a63' },
  ];
  return { seconds, background: random.below(8), actors, pillars, camera: STILL(width, height) };
}

/** The camera pans and zooms over people who stand. */
function panning({ width, height, people, random }: Setting, seconds: number): Take {
  const actors = people.slice(0, 4).map((person, i) =>
    walker(person, [
      { seconds: 0, x: width * (0.1 + 0.27 * i), y: height * (0.4 + 0.1 * (i % 2)), side: height * 0.17 },
      { seconds, x: width * (0.12 + 0.27 * i), y: height * (0.42 + 0.1 * (i % 2)), side: height * 0.17 },
    ]),
  );
  const camera = (at: number): Camera => ({
    x: width * (0.5 + 0.22 * Math.sin((2 * Math.PI * at) / seconds)),
    y: height * 0.48,
    zoom: 1.15 + 0.3 * Math.sin((3 * Math.PI * at) / seconds),
  });
  return { seconds, background: random.below(8), actors, pillars: [], camera };
}

/** A value that goes to and fro between 0 and 1, at no regular pace. */
function course(random: Random): (seconds: number) => number {
  const waves = [random.between(2.5, 4), random.between(5, 9)].map((period) => ({
    ...{ period, phase: 2 * Math.PI * random.next() },
  }));
  return (seconds) => {
    const sum = waves.reduce(
      (total, { period, phase }) => total + Math.sin((2 * Math.PI * seconds) / period + phase),
      0,
    );
    return 0.5 + sum / 4;
  };
}

/** People, one photo each, who come near and go back, in and out of focus and of the light, and tilt their heads. */
function nearAndFar({ width, height, people, random }: Setting, seconds: number): Take {
  const actors = people.map((person, i): Actor => {
    const [size, focus, light, tilt] = [course(random), course(random), course(random), course(random)];
    return {
      person,
      look: () => 0,
      place: (at) => ({
        x: width * (0.14 + 0.24 * i),
        y: height * (0.45 + 0.05 * size(at)),
        side: height * (0.09 + 0.17 * size(at)),
      }),
      taken: (at) => ({
        blur: 0.035 * Math.abs(focus(at) - 0.5) * 2,
        light: 2 ** (2 * light(at) - 1.3),
        tilt: (Math.PI / 3) * (tilt(at) - 0.5),
      }),
    };
  });
  return { seconds, background: random.below(8), actors, pillars: [], camera: STILL(width, height) };
}

/** Nobody. */
function empty({ width, height, random }: Setting, seconds: number): Take {
  return { seconds, background: random.below(8), actors: [], pillars: [], camera: STILL(width, height) };
}

/** What the scenes are made from: at least six people. */
export interface SceneOptions {
  readonly people: readonly string[];
  readonly seed: number;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** Multiplies how long everything takes. Default: 1. */
  readonly pace?: number;
}

/** The scenes by name. */
export function scenes({
  people,
  seed,
  width = 640,
  height = 480,
  fps = 25,
  pace = 1,
}: SceneOptions): Scene[] {
  const random = new Random(seed);
  const group = (count: number): string[] => {
    const left = [...people];
    return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0]!);
  };
  const setting = (count: number): Setting => ({ width, height, people: group(count), random });
  const base = { width, height, fps, onePhoto: false };
  const crossed = [crossing(setting(3), 4 * pace), crossing(setting(3), 5 * pace)];
  return [
    { ...base, name: 'crossing', takes: [crossed[0]!.take], crossings: crossed[0]!.crossings },
    { ...base, name: 'crossing slowly', takes: [crossed[1]!.take], crossings: crossed[1]!.crossings },
    { ...base, name: 'leaving and returning', takes: [leaving(setting(3), 6 * pace)], crossings: 0 },
    { ...base, name: 'behind a pillar', takes: [occluded(setting(2), 4 * pace)], crossings: 1 },
    { ...base, name: 'pan and zoom', takes: [panning(setting(4), 5 * pace)], crossings: 0 },
    {
      ...base,
      name: 'cuts and emptiness',
      takes: [
        leaving(setting(3), 3 * pace),
        panning(setting(4), 3 * pace),
        empty(setting(0), 2 * pace),
        occluded(setting(2), 3 * pace),
      ],
      crossings: 1,
    },
    {
      ...base,
      name: 'near and far',
      takes: [nearAndFar(setting(4), 8 * pace)],
      crossings: 0,
      onePhoto: true,
    },
  ];
}
