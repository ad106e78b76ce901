/** The kinds of glasses that are drawn, and what they look like. */
import type { Random } from '../random.ts';

/** What can be drawn, and which value of `glasses` it is. Tinted lenses that let the eyes be seen are transparent. */
export const GLASSES = {
  'thin gold rims': 'transparent',
  'thick black frame': 'transparent',
  rimless: 'transparent',
  'coloured plastic frame': 'transparent',
  'tinted lenses': 'transparent',
  'dark lenses': 'sunglasses',
  'mirrored lenses': 'sunglasses',
} as const;

/** A kind of glasses. */
export type GlassesKind = keyof typeof GLASSES;

/** How a pair looks; lengths in millimetres. */
export interface Look {
  readonly shape: Shape;
  /** Width of the rim's line; 0 is none. */
  readonly rim: number;
  /** Width of the bridge's and the arms' lines. */
  readonly wire: number;
  readonly frame: string;
  /** Colours of the lenses from top to bottom, what they are multiplied with. */
  readonly filter: readonly [string, string];
  /** Colours that the lenses have of their own. */
  readonly own: readonly [string, string];
}

/** Outlines of lenses. */
export type Shape = 'round' | 'rectangle' | 'aviator' | 'cat-eye';

/** A pair of `kind`, by chance. */
export function lookOf(kind: GlassesKind, random: Random): Look {
  const clear = ['rgb(247,249,250)', 'rgb(250,250,250)'] as const;
  const none = ['transparent', 'transparent'] as const;
  const shape = random.pick(['round', 'rectangle', 'aviator', 'cat-eye'] as const);
  const thin = { rim: random.between(1, 1.8), wire: random.between(1.2, 2) };
  const thick = { rim: random.between(3, 7), wire: random.between(3, 5) };
  const metal = random.pick(['rgb(186,146,66)', 'rgb(212,175,95)', 'rgb(165,165,170)', 'rgb(90,85,80)']);
  const black = random.pick(['rgb(12,12,14)', 'rgb(28,24,24)']);
  const hue = random.below(360);
  const plain = { shape, filter: clear, own: none };
  switch (kind) {
    case 'thin gold rims':
      return { ...plain, ...thin, frame: random.pick(['rgb(186,146,66)', 'rgb(212,175,95)']) };
    case 'thick black frame':
      return { ...plain, ...thick, frame: black };
    case 'rimless':
      return { ...plain, ...thin, rim: 0, frame: metal };
    case 'coloured plastic frame':
      return {
        ...plain,
        ...thick,
        frame: `hsl(${hue},${random.between(40, 95)}%,${random.between(25, 70)}%)`,
      };
    case 'tinted lenses':
      return { ...plain, ...thin, frame: random.pick([metal, black]), filter: tint(random), own: none };
    case 'dark lenses':
      return {
        ...plain,
        ...random.pick([thin, thick]),
        frame: random.pick([metal, black]),
        own: dark(random),
      };
    case 'mirrored lenses':
      return {
        ...plain,
        ...random.pick([thin, thick]),
        frame: random.pick([metal, black]),
        own: [`hsla(${hue},70%,62%,0.94)`, `hsla(${hue + random.between(-60, 60)},60%,30%,0.94)`],
      };
  }
}

/** Pink, yellow and other light colours; half of the time fading to clear. */
function tint(random: Random): readonly [string, string] {
  const hue = random.pick([340, 355, 325, 50, 42, 30, 200, 270, 130]);
  const top = `hsl(${hue},${random.between(60, 100)}%,${random.between(68, 84)}%)`;
  return [top, random.next() < 0.5 ? top : 'rgb(245,245,245)'];
}

function dark(random: Random): readonly [string, string] {
  const [r, g, b] = random.pick([
    [14, 14, 16],
    [48, 30, 16],
    [22, 38, 28],
    [30, 32, 52],
    [52, 20, 30],
  ] as const);
  const least = random.between(0.78, 0.95);
  return [`rgba(${r},${g},${b},0.95)`, `rgba(${r},${g},${b},${least})`];
}
