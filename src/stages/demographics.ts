import type { Age, Attribute } from '../core/attributes.ts';
import type { LazyModel } from '../core/model-session.ts';
import type { Affine } from '../geometry/similarity.ts';
import { cropFromMesh } from './face-mesh.ts';
import { runCrops, type Crop } from './run-crops.ts';
import { asksFor, cropsOf, type DetailStage } from './detail-stage.ts';

/** Side of the input of the network for age and gender, in pixels. */
export const DEMOGRAPHICS_SIZE = 112;

/** Its crop: the mesh's longer side and nothing around it, which measures best (models/age-gender.md). */
export const DEMOGRAPHICS_ENLARGE = 1;

/** What the network says of a face. */
export interface Demographics {
  readonly age: Age;
  readonly gender: Attribute<'male' | 'female'>;
}

/** Estimates age and gender in one pass. */
export interface DemographicsModel {
  /** One answer per crop; crops are those of {@link demographicsCrop}. */
  estimate(crops: readonly Crop[], signal?: AbortSignal): Promise<Demographics[]>;
}

/** The network for age and gender on `model`. */
export function createDemographics(model: LazyModel): DemographicsModel {
  return {
    estimate: (crops, signal) => runCrops(model, crops, decodeDemographics, { signal }),
  };
}

/** Age and gender. */
export const demographicsStage: DetailStage<Demographics> = {
  role: 'describer',
  timedAs: 'demographics',
  isNeeded: (details) => asksFor(details, 'demographics'),
  create(model) {
    const demographics = createDemographics(model);
    return (faces, signal) => demographics.estimate(cropsOf(faces, demographicsCrop), signal);
  },
};

/** The crop that the network looks at: around the mesh (468 × (x, y, z) in the image), the eyes level. */
export function demographicsCrop(mesh: Float32Array, size: number = DEMOGRAPHICS_SIZE): Affine {
  return cropFromMesh(mesh, size, DEMOGRAPHICS_ENLARGE);
}

/** Years on either side of an estimated age. */
const HALF_RANGE = 5;

/**
 * Reads the network's two outputs: the age in years, and the logits of male and female, whose softmax is the certainty. No
 * age is below 0: below five years the range starts at 0 and is shorter than ten years.
 */
export function decodeDemographics([age, gender]: readonly Float32Array[]): Demographics {
  const value = Math.max(0, age![0]!);
  const male = 1 / (1 + Math.exp(gender![1]! - gender![0]!));
  return {
    age: { value, lowerLimit: Math.max(0, value - HALF_RANGE), upperLimit: value + HALF_RANGE },
    gender: male >= 0.5 ? { value: 'male', certainty: male } : { value: 'female', certainty: 1 - male },
  };
}
