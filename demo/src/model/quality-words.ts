import type { Face, Quality, QualityShortfall } from 'nearface';

/** An item as gates name it. */
export type QualityItemName = QualityShortfall['item'];

/** One measured thing of a face's quality, on its scale. */
export interface QualityItem {
  readonly item: QualityItemName;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Undefined if the answer does not have it. */
  value(face: Face): number | undefined;
  /** The value as it is shown, with more digits where those do not tell it from another. */
  text(value: number, more?: number): string;
  /** What is wrong when the value is under or over what is allowed. */
  readonly under: string;
  readonly over: string;
}

export interface QualityGroup {
  readonly title: string;
  readonly items: readonly QualityItem[];
}

// A no-break space keeps the sign with its number.
const share = (value: number, more = 0): string => `${(value * 100).toFixed(more)}\u00a0%`;
const signed = (value: number, more = 0): string =>
  `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2 + more)}`;
const turn = (value: number, more = 0): string => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(more)}°`;

type Measure = Exclude<keyof Quality, 'completeness'>;

function measure(item: Measure, label: string, under: string, over: string): QualityItem {
  const centred = item === 'brightness';
  return {
    item,
    label,
    min: centred ? -1 : 0,
    max: 1,
    value: ({ quality }) => quality?.[item],
    text: centred ? signed : share,
    under,
    over,
  };
}

function covered(part: keyof Quality['completeness'], label: string, under: string): QualityItem {
  return {
    item: `completeness.${part}`,
    label,
    min: 0,
    max: 1,
    value: ({ quality }) => quality?.completeness[part],
    text: share,
    under,
    over: `${label} shows too much`,
  };
}

function pose(item: 'yaw' | 'pitch' | 'roll', label: string, under: string, over: string): QualityItem {
  return { item, label, min: -90, max: 90, value: ({ angle }) => angle?.[item], text: turn, under, over };
}

/** Everything that a gate may look at, in the order in which it is shown. */
export const QUALITY_GROUPS: readonly QualityGroup[] = [
  {
    title: 'Picture',
    items: [
      measure('sharpness', 'Sharpness', 'too blurred', 'too sharp'),
      measure('brightness', 'Brightness', 'too dark', 'too bright'),
      measure(
        'size',
        'Size',
        'the face is too small in the picture',
        'the face fills too much of the picture',
      ),
      measure('centered', 'Centred', 'too far from the middle of the picture', 'too near the middle'),
      measure('integrity', 'Inside', 'part of the face is outside the picture', 'too far inside'),
    ],
  },
  {
    title: 'Pose and look',
    items: [
      pose('yaw', 'Yaw', 'turned too far to the left', 'turned too far to the right'),
      pose('pitch', 'Pitch', 'the head is too far up', 'the head is too far down'),
      pose('roll', 'Roll', 'tilted too far to the right', 'tilted too far to the left'),
      measure('mouthClosed', 'Mouth shut', 'the mouth is open', 'the mouth is too closed'),
      measure('eyesOpen', 'Eyes open', 'the eyes are closed', 'the eyes are too open'),
      measure('alignment', 'Alignment', 'the outline hardly fits a face', 'the outline fits too well'),
    ],
  },
  {
    title: 'Not covered',
    items: [
      covered('total', 'Whole face', 'part of the face is covered'),
      covered('leftEyeBrow', 'Left eyebrow', 'the left eyebrow is covered'),
      covered('rightEyeBrow', 'Right eyebrow', 'the right eyebrow is covered'),
      covered('leftEye', 'Left eye', 'the left eye is covered'),
      covered('rightEye', 'Right eye', 'the right eye is covered'),
      covered('nose', 'Nose', 'the nose is covered'),
      covered('mouth', 'Mouth', 'the mouth is covered'),
      covered('faceContour', 'Contour', 'the outline of the face is covered'),
    ],
  },
];

export const QUALITY_ITEMS: readonly QualityItem[] = QUALITY_GROUPS.flatMap(({ items }) => items);
