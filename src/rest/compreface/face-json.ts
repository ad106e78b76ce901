import type { NearFaceInfo } from '../../api/nearface.ts';
import type { EmbedOptions } from '../../api/options.ts';
import type { Attributes, AttributeGroup } from '../../core/attributes.ts';
import type { Face } from '../../core/types.ts';
import { fivePointsOf } from '../five-points.ts';
import { wholeBox } from '../whole-box.ts';
import { wrongField } from '../problem.ts';
import { PLUGINS } from './collection.ts';

/** What is asked of each face beside its box. */
export type Plugins = ReadonlySet<string>;

/** @throws RestError `BAD_PARAM` of a plugin that is not known */
export function pluginsOf(names: readonly string[]): Plugins {
  const unknown = names.find((name) => !PLUGINS.includes(name));
  if (unknown !== undefined) throw wrongField('face_plugins', unknown, `some of ${PLUGINS.join(', ')}`);
  return new Set(names);
}

/** What is to be measured for the plugins. */
export function detailsOf(plugins: Plugins): NonNullable<EmbedOptions['returnDetails']> {
  const attributes: AttributeGroup[] = [];
  if (plugins.has('age') || plugins.has('gender')) attributes.push('demographics');
  if (plugins.has('mask')) attributes.push('mask');
  return {
    landmarks: plugins.has('landmarks') || plugins.has('landmarks2d106'),
    angle: plugins.has('pose'),
    ...(attributes.length > 0 && { attributes }),
  };
}

/** Its words for how a mask is worn. */
const MASK: Readonly<Record<NonNullable<Attributes['mask']>['value'], string>> = {
  without: 'without_mask',
  nose_covered: 'mask_worn_incorrectly',
  mouth_covered: 'mask_worn_incorrectly',
  fully_covered: 'mask_worn_correctly',
};

/** A face as every call tells it: its box, and what plugins add. */
export function faceJson(face: Face, plugins: Plugins): Record<string, unknown> {
  const { left, top, right, bottom } = wholeBox(face.position);
  const points = (list: readonly { readonly x: number; readonly y: number }[]): readonly number[][] =>
    list.map(({ x, y }) => [Math.round(x), Math.round(y)]);
  const { landmarks, angle, embedding } = face;
  return {
    box: { probability: face.score, x_max: right, y_max: bottom, x_min: left, y_min: top },
    ...attributesJson(face.attributes, plugins),
    ...(angle && plugins.has('pose') && { pose: { pitch: angle.pitch, roll: angle.roll, yaw: angle.yaw } }),
    ...(landmarks && plugins.has('landmarks') && { landmarks: points(fivePointsOf(landmarks)) }),
    ...(landmarks && plugins.has('landmarks2d106') && { landmarks2d106: points(landmarks) }),
    ...(embedding && plugins.has('calculator') && { embedding: [...embedding] }),
  };
}

function attributesJson(attributes: Attributes | undefined, plugins: Plugins): Record<string, unknown> {
  if (!attributes) return {};
  const { age, gender, mask } = attributes;
  return {
    // No certainty of an age is known: the range is the one that is likely to hold it.
    ...(age &&
      plugins.has('age') && { age: { low: Math.round(age.lowerLimit), high: Math.round(age.upperLimit) } }),
    ...(gender &&
      plugins.has('gender') && { gender: { probability: gender.certainty, value: gender.value } }),
    ...(mask && plugins.has('mask') && { mask: { probability: mask.certainty, value: MASK[mask.value] } }),
  };
}

/** Times of the stages behind each plugin, in milliseconds: medians of the last runs, as single ones are not taken. */
export function executionTime({ timings }: NearFaceInfo, plugins: Plugins): Record<string, number> {
  const stages = {
    ...{ detector: timings.detect, calculator: timings.embed },
    ...(plugins.has('age') && { age: timings.demographics }),
    ...(plugins.has('gender') && { gender: timings.demographics }),
    ...(plugins.has('mask') && { mask: timings.occlusion }),
    ...(plugins.has('landmarks') && { landmarks: timings.landmarks }),
  };
  const known = Object.entries(stages).filter(([, ms]) => ms !== undefined);
  return Object.fromEntries(known) as Record<string, number>;
}

/** The models behind the plugins. */
export function pluginVersions({ models }: NearFaceInfo, plugins: Plugins): Record<string, string> {
  const roles: Readonly<Record<string, string>> = {
    ...{ detector: 'detector', calculator: 'embedding' },
    ...(plugins.has('age') && { age: 'describer' }),
    ...(plugins.has('gender') && { gender: 'describer' }),
    ...(plugins.has('mask') && { mask: 'occlusion' }),
    ...(plugins.has('landmarks') && { landmarks: 'landmarks' }),
  };
  const found = Object.entries(roles).flatMap(([plugin, role]) => {
    const model = models.find((each) => each.role === role);
    return model ? [[plugin, `${model.id} ${model.version}`] as const] : [];
  });
  return Object.fromEntries(found);
}

/** Five digits, as CompreFace tells it. */
export function rounded(similarity: number): number {
  return Number(similarity.toFixed(5));
}
