/** What a model says of a face, and how sure it is of it, 0..1. */
export interface Attribute<T extends string> {
  /** What is likeliest. */
  readonly value: T;
  /** 0..1. */
  readonly certainty: number;
}

/** An estimated age in years: the range is ten years wide, with the value in its middle. */
export interface Age {
  /** Years. */
  readonly value: number;
  /** Years; the real age is likely not below it. */
  readonly lowerLimit: number;
  /** Years; the real age is likely not above it. */
  readonly upperLimit: number;
}

/**
 * How certain each emotion is, 0..1. The first seven add up to 1; `sleepy` is read off the eyelids, on its own.
 */
export interface Emotions {
  /** Certainty, 0..1. */
  readonly angry: number;
  /** Certainty, 0..1. */
  readonly happy: number;
  /** Certainty, 0..1. */
  readonly sad: number;
  /** Certainty, 0..1. */
  readonly calm: number;
  /** Certainty, 0..1. */
  readonly surprised: number;
  /** Certainty, 0..1. */
  readonly scared: number;
  /** Certainty, 0..1. */
  readonly disgusted: number;
  /** Certainty, 0..1. */
  readonly sleepy: number;
}

/**
 * What models estimate of a face. Only what was asked for is there; what no shipped model can tell is absent. The model
 * cards state the measured errors.
 */
export interface Attributes {
  /** Group `demographics`. */
  readonly age?: Age;
  /** As it looks. Group `demographics`. */
  readonly gender?: Attribute<'male' | 'female'>;
  /**
   * Absent where something covers the mouth, a mask or else, as what is left of a face does not tell them; where the mouth is
   * covered in part, nearer to one another by that part.
   */
  readonly emotions?: Emotions;
  /** Hair over the forehead. Group `appearance`. */
  readonly bangs?: Attribute<'without' | 'with'>;
  /** A goatee is a `beard`; stubble is none. Group `appearance`. */
  readonly facialHair?: Attribute<'without' | 'moustache' | 'beard' | 'sideburns'>;
  /** Lenses that let the eyes be seen, tinted ones too, are `transparent`; dark and mirrored ones are `sunglasses`. */
  readonly glasses?: Attribute<'without' | 'transparent' | 'sunglasses'>;
  /** A hard hat, as on building sites; one in five is missed, one hat in fifty is taken for one. Group `appearance`. */
  readonly helmet?: Attribute<'without' | 'with'>;
  /** Anything worn on the head. Group `appearance`. */
  readonly hat?: Attribute<'without' | 'with'>;
  /** What a mask hides, if one is worn. Group `mask`. */
  readonly mask?: Attribute<'without' | 'nose_covered' | 'mouth_covered' | 'fully_covered'>;
}

/**
 * Attributes that are estimated together: `demographics` are age and gender, `appearance` is bangs, facial hair, glasses,
 * helmet and hat. Each group costs what `nf.info.timings` says; `appearance`, `mask` and `emotions` share one run with one
 * another, and `mask` and `emotions` one with `quality`: emotions are told only where the mouth can be seen.
 */
export type AttributeGroup = 'demographics' | 'emotions' | 'appearance' | 'mask';

/** Every group, in the order of the documentation. */
export const ATTRIBUTE_GROUPS: readonly AttributeGroup[] = ['demographics', 'emotions', 'appearance', 'mask'];

const GROUP_OF: { readonly [Name in keyof Attributes]-?: AttributeGroup } = {
  ...{ age: 'demographics', gender: 'demographics', emotions: 'emotions', mask: 'mask' },
  ...{ bangs: 'appearance', facialHair: 'appearance', glasses: 'appearance' },
  ...{ helmet: 'appearance', hat: 'appearance' },
};

/** Those of some groups. */
export function attributesOf(attributes: Attributes, groups: readonly AttributeGroup[]): Attributes {
  const wanted = Object.entries(attributes).filter(([name]) =>
    groups.includes(GROUP_OF[name as keyof Attributes]),
  );
  return Object.fromEntries(wanted);
}

/** Attributes that are one of some values. */
type Categorical = {
  [Name in keyof Attributes]-?: NonNullable<Attributes[Name]> extends Attribute<infer Value> ? Value : never;
};
export type CategoricalName = {
  [Name in keyof Categorical]: [Categorical[Name]] extends [never] ? never : Name;
}[keyof Categorical];

/** The values of each: stored records and files are checked by them. */
export const ATTRIBUTE_VALUES: { readonly [Name in CategoricalName]: readonly Categorical[Name][] } = {
  gender: ['male', 'female'],
  bangs: ['without', 'with'],
  facialHair: ['without', 'moustache', 'beard', 'sideburns'],
  glasses: ['without', 'transparent', 'sunglasses'],
  helmet: ['without', 'with'],
  hat: ['without', 'with'],
  mask: ['without', 'nose_covered', 'mouth_covered', 'fully_covered'],
};
