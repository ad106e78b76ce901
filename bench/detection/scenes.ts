import { Random } from '../../tools/random.ts';

/** A face of a photo: where it is, as fitted once with the mesh. Lengths in the photo's pixels, angles in degrees. */
export interface SourceFace {
  /** The photo's file name. */
  readonly photo: string;
  readonly x: number;
  readonly y: number;
  /** Mean of the mesh's width and height, measured along the face. */
  readonly side: number;
  /** Counter-clockwise as seen. */
  readonly roll: number;
}

/** A face in a scene; lengths in the scene's pixels. */
export interface PlacedFace {
  readonly source: SourceFace;
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** Of the face as it stands in the scene: degrees, counter-clockwise as seen. */
  readonly roll: number;
  /** Standard deviation of a Gaussian blur, as a share of the side. */
  readonly blur: number;
  /** Whether the head must lie whole in the scene. */
  readonly whole: boolean;
}

/** What a scene lies on. */
export const BACKGROUNDS = ['photo', 'patches', 'texture'] as const;

/** A picture to be painted. */
export interface Scene {
  /** What it is for: `mosaic` counts for the bars, `background` has no faces. */
  readonly kind: 'mosaic' | 'background' | 'cut' | 'filling' | 'crowd' | 'large' | 'small' | 'class';
  readonly width: number;
  readonly height: number;
  readonly background: (typeof BACKGROUNDS)[number];
  /** Seeds the background. */
  readonly seed: number;
  /** JPEG quality, 1..100. */
  readonly quality: number;
  readonly faces: readonly PlacedFace[];
  /** The `minFaceSize` that nearface is given, where it is not that of the mosaics. */
  readonly minFace?: number | 'auto';
}

/** How many scenes of each kind. */
export type SceneCounts = Readonly<Record<Scene['kind'], number>>;

/** Half axes of the head around the face's centre, in sides: what is cut out of the photo, hair and chin included. */
export const HEAD: { readonly across: number; readonly up: number; readonly down: number } = {
  across: 0.75,
  up: 0.95,
  down: 0.8,
};

const QUALITIES = [95, 90, 80, 75, 70, 70, 50, 30] as const;
const BLURS = [0, 0, 0.01, 0.02, 0.03] as const;
/** Sides in pixels and how many faces of a mosaic lie between them, the large ones first, so that they find room. */
const BANDS: readonly (readonly [from: number, to: number, count: number])[] = [
  [300, 600, 0.35],
  [128, 300, 2],
  [64, 128, 5],
  [48, 64, 6],
  [32, 48, 10],
  [24, 32, 5],
];
/** Share of the mosaics whose faces are rolled by up to 60°; by up to 30° in the others. */
const ROLLED = 0.4;
const MAX_TRIES = 60;

/** All scenes, the same for the same seed, faces and counts. */
export function planScenes(sources: readonly SourceFace[], counts: SceneCounts, seed: number): Scene[] {
  const random = new Random(seed);
  const plans: Readonly<Record<Scene['kind'], () => Scene>> = {
    mosaic: () => mosaic(sources, random),
    background: () => empty('background', 1600, 1200, random),
    cut: () => cut(sources, random),
    filling: () => filling(sources, random),
    crowd: () => crowd(sources, random),
    large: () => large(random),
    small: () => small(sources, random),
    class: () => classPhoto(sources, random),
  };
  const kinds = Object.keys(plans) as Scene['kind'][];
  return kinds.flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, i) => ({
      ...plans[kind](),
      background: BACKGROUNDS[i % BACKGROUNDS.length]!,
    })),
  );
}

function empty(kind: Scene['kind'], width: number, height: number, random: Random): Scene {
  const seed = random.below(2 ** 31);
  return { kind, width, height, background: 'photo', seed, quality: random.pick(QUALITIES), faces: [] };
}

function mosaic(sources: readonly SourceFace[], random: Random): Scene {
  const scene = empty('mosaic', 1600, 1200, random);
  const maxRoll = random.next() < ROLLED ? 60 : 30;
  const faces: PlacedFace[] = [];
  for (const [from, to, count] of BANDS) {
    const whole = Math.floor(count + random.next());
    for (let i = 0; i < whole; i++) {
      const face = place(scene, faces, random.pick(sources), random.logBetween(from, to), maxRoll, random);
      if (face) faces.push(face);
    }
  }
  return { ...scene, faces };
}

/** A place where the head lies whole in the scene and touches no other; undefined if none is found. */
function place(
  { width, height }: Scene,
  others: readonly PlacedFace[],
  source: SourceFace,
  side: number,
  maxRoll: number,
  random: Random,
): PlacedFace | undefined {
  const reach = HEAD.up * side;
  if (2 * reach > Math.min(width, height)) return undefined;
  const roll = random.between(-maxRoll, maxRoll);
  const blur = random.pick(BLURS);
  for (let i = 0; i < MAX_TRIES; i++) {
    const x = random.between(reach, width - reach);
    const y = random.between(reach, height - reach);
    const free = others.every(
      (other) => Math.hypot(other.x - x, other.y - y) > 0.85 * (HEAD.up * other.side + reach),
    );
    if (free) return { source, x, y, side, roll, blur, whole: true };
  }
  return undefined;
}

/** Faces of which an edge of the picture hides a tenth to a third. */
function cut(sources: readonly SourceFace[], random: Random): Scene {
  const scene = { ...empty('cut', 1280, 960, random), quality: 85 };
  const { width, height } = scene;
  const faces = [0.17, 0.5, 0.83].flatMap((along) => {
    const hidden = random.between(0.1, 0.33);
    const make = (side: number, x: number, y: number): PlacedFace => ({
      source: random.pick(sources),
      x,
      y,
      side,
      roll: random.between(-20, 20),
      blur: 0,
      whole: false,
    });
    const side = random.logBetween(48, 200);
    const inside = side * (0.5 - hidden);
    return [
      make(side, along * width, inside),
      make(side, along * width, height - inside),
      make(side, inside, along * height),
      make(side, width - inside, along * height),
    ];
  });
  return { ...scene, faces };
}

/** One face as large as the picture or a little larger. */
function filling(sources: readonly SourceFace[], random: Random): Scene {
  const scene = { ...empty('filling', 480, 480, random), quality: 85 };
  const face: PlacedFace = {
    source: random.pick(sources),
    x: 240 + random.between(-20, 20),
    y: 240 + random.between(-20, 20),
    side: random.between(380, 560),
    roll: random.between(-20, 20),
    blur: 0,
    whole: false,
  };
  return { ...scene, faces: [face] };
}

/** Faces of about 30 pixels in rows. */
function crowd(sources: readonly SourceFace[], random: Random): Scene {
  const scene = { ...empty('crowd', 1280, 960, random), quality: 85 };
  const faces: PlacedFace[] = [];
  for (let y = 60; y < 900; y += 90) {
    for (let x = 60; x < 1220; x += 76) {
      const [shiftX, shiftY] = [random.between(-10, 10), random.between(-10, 10)];
      const [side, roll] = [random.between(28, 34), random.between(-20, 20)];
      faces.push({
        source: random.pick(sources),
        x: x + shiftX,
        y: y + shiftY,
        side,
        roll,
        blur: 0,
        whole: true,
      });
    }
  }
  return { ...scene, faces };
}

/** A photo of 12 to 40 megapixels in which nobody is. */
function large(random: Random): Scene {
  const width = Math.round(Math.sqrt(1.5e6 * random.logBetween(12, 40)));
  return { ...empty('large', width, Math.round(width / 1.5), random), minFace: 'auto' };
}

/** A picture as web pages show it, with eight faces of 26 to 36 pixels. */
function small(sources: readonly SourceFace[], random: Random): Scene {
  const scene = { ...empty('small', 800, 533, random), quality: 85, minFace: 'auto' } as const;
  const faces: PlacedFace[] = [];
  while (faces.length < 8) {
    const face = place(scene, faces, random.pick(sources), random.between(26, 36), 20, random);
    if (face) faces.push({ ...face, blur: 0 });
  }
  return { ...scene, faces };
}

/** Rows of faces of 14 to 30 pixels, all about as large, on 600 to 1,500 pixels. */
function classPhoto(sources: readonly SourceFace[], random: Random): Scene {
  const width = Math.round(random.between(600, 1500));
  const height = Math.round(width / 1.5);
  const scene = { ...empty('class', width, height, random), quality: 85, minFace: 12 } as const;
  const size = random.between(15, 29);
  const faces: PlacedFace[] = [];
  for (let y = 0.3 * height; y < 0.75 * height; y += 2.6 * size) {
    for (let x = 2.5 * size; x < width - 2.5 * size; x += 2.3 * size) {
      const jitter = (): number => random.between(-0.1, 0.1) * size;
      const [side, roll] = [size * random.between(0.95, 1.05), random.between(-12, 12)];
      const at = { x: x + jitter(), y: y + jitter() };
      faces.push({ source: random.pick(sources), ...at, side, roll, blur: 0, whole: true });
    }
  }
  return { ...scene, faces };
}
