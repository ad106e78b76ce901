import type { Attributes, Emotions } from 'nearface';

/** An attribute in words. */
export interface AttributeLine {
  readonly label: string;
  readonly value: string;
  /** 0..1; absent for the age, which has a range instead. */
  readonly certainty?: number;
}

const WORDS: Readonly<Record<string, string>> = {
  without: 'none',
  with: 'yes',
  transparent: 'clear glasses',
  sunglasses: 'sunglasses',
  nose_covered: 'over the nose',
  mouth_covered: 'over the mouth',
  fully_covered: 'over mouth and nose',
};

const LABELS = {
  gender: 'Gender',
  bangs: 'Bangs',
  facialHair: 'Facial hair',
  glasses: 'Glasses',
  helmet: 'Helmet',
  hat: 'Hat',
  mask: 'Mask',
} as const;

const NAMES = Object.keys(LABELS) as readonly (keyof typeof LABELS)[];

/** The attributes that are there, each with how sure the model is. */
export function attributeLines(attributes: Attributes): readonly AttributeLine[] {
  return NAMES.flatMap((name) => {
    const attribute = attributes[name];
    if (!attribute) return [];
    const value = WORDS[attribute.value] ?? attribute.value;
    return [{ label: LABELS[name], value, certainty: attribute.certainty }];
  });
}

/** The names of what no model answered, but for the emotions, which have a reason of their own. */
export function absentAttributes(attributes: Attributes): readonly string[] {
  const all = { age: 'Age', ...LABELS };
  return (Object.keys(all) as readonly (keyof typeof all)[])
    .filter((name) => attributes[name] === undefined)
    .map((name) => all[name].toLowerCase());
}

/** What hides the mouth: a mask that is over the nose only is not what does. */
const COVERED: Readonly<Record<NonNullable<Attributes['mask']>['value'], string>> = {
  without: 'the mouth is covered',
  nose_covered: 'the mouth is covered, and a mask covers the nose',
  mouth_covered: 'a mask covers the mouth',
  fully_covered: 'a mask covers mouth and nose',
};

/** Why an answer that was asked for emotions has none; undefined if it has them. */
export function whyNoEmotions({ emotions, mask }: Attributes): string | undefined {
  if (emotions) return undefined;
  const what = COVERED[mask?.value ?? 'without'];
  return `No emotions: ${what}, and what is left of the face does not tell them.`;
}

/** The emotions by falling certainty, `sleepy` last, as it is told from the eyelids on its own. */
export function emotionLines({ sleepy, ...others }: Emotions): readonly (readonly [string, number])[] {
  return [...Object.entries(others).sort(([, a], [, b]) => b - a), ['sleepy', sleepy]];
}

/** An emotion less certain than this is not worth a word. */
const LIKELY = 0.5;

/** The likeliest mood in a word, if it is likely enough. */
export function moodOf({ emotions }: Attributes): string | undefined {
  const [mood] = emotions ? emotionLines(emotions) : [];
  return mood && mood[1] >= LIKELY ? mood[0] : undefined;
}

/** The face in half a line: `male, about 34, calm`. */
export function inShort(attributes: Attributes): string {
  const { gender, age, mask, glasses } = attributes;
  return [
    gender?.value,
    age && `about ${Math.round(age.value)}`,
    moodOf(attributes),
    glasses && glasses.value !== 'without' ? 'glasses' : undefined,
    mask && mask.value !== 'without' ? 'mask' : undefined,
  ]
    .filter((word) => word !== undefined)
    .join(', ');
}
