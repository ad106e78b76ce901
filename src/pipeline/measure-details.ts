import type { AnalysisRequest } from '../core/analysis.ts';
import type { AttributeGroup, Attributes } from '../core/attributes.ts';
import type { Affine } from '../geometry/similarity.ts';
import { demographicsCrop } from '../stages/demographics.ts';
import { emotionsSeen } from '../stages/emotions-seen.ts';
import { emotionsCrop } from '../stages/emotions.ts';
import { sleepiness } from '../stages/eyelids.ts';
import { cropFromMesh } from '../stages/face-mesh.ts';
import type { Crop } from '../stages/run-crops.ts';
import { completenessOf, occlusionCrop } from '../stages/occlusion.ts';
import { measureQuality } from '../stages/quality.ts';
import { maskOf, traitsCrop } from '../stages/traits.ts';
import type { FaceInWork } from './face-in-work.ts';
import type { DetailStages, Models } from './models.ts';
import type { Stopwatch } from './stopwatch.ts';

type Details = AnalysisRequest['details'];

/** The stages that the details need, in the order in which they run. */
export function stagesFor(details: Details): readonly (keyof DetailStages)[] {
  const { landmarks, mesh, quality, attributes } = details;
  const asked = (...groups: AttributeGroup[]): boolean => groups.some((group) => attributes.includes(group));
  const needed: Record<keyof DetailStages, boolean> = {
    fineMesh: landmarks || mesh,
    traits: asked('appearance', 'mask', 'emotions'),
    occlusion: quality || asked('mask', 'emotions'),
    demographics: asked('demographics'),
    emotions: asked('emotions'),
  };
  return (Object.keys(needed) as (keyof DetailStages)[]).filter((name) => needed[name]);
}

/** Runs the stages that the details need, on faces whose meshes are fitted. */
export async function measureDetails(
  models: Models,
  faces: readonly FaceInWork[],
  details: Details,
  stopwatch: Stopwatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const name of stagesFor(details)) await RUNS[name](models, faces, stopwatch, signal);
  if (details.quality) await stopwatch.measure('quality', () => measureQualities(models, faces));
}

type Run = (
  models: Models,
  faces: readonly FaceInWork[],
  stopwatch: Stopwatch,
  signal: AbortSignal | undefined,
) => Promise<void>;

const RUNS: Readonly<Record<keyof DetailStages, Run>> = {
  async fineMesh({ fineMesh }, faces, stopwatch, signal) {
    const crops = cropsOf(faces, (mesh) => cropFromMesh(mesh, fineMesh.size));
    const fitted = await stopwatch.measure('landmarks', () => fineMesh.fit(crops, signal));
    faces.forEach((face, i) => (face.fineMesh = fitted[i]!));
  },
  async traits({ traits }, faces, stopwatch, signal) {
    const found = await stopwatch.measure('traits', () =>
      traits.describe(cropsOf(faces, traitsCrop), signal),
    );
    faces.forEach((face, i) => (face.traits = found[i]!));
  },
  async occlusion({ occlusion }, faces, stopwatch, signal) {
    const crops = cropsOf(faces, occlusionCrop).map((crop, i) => ({ ...crop, mesh: faces[i]!.mesh!.points }));
    const found = await stopwatch.measure('occlusion', () => occlusion.measure(crops, signal));
    faces.forEach((face, i) => (face.covered = found[i]!));
  },
  async demographics({ demographics }, faces, stopwatch, signal) {
    const crops = cropsOf(faces, demographicsCrop);
    const found = await stopwatch.measure('demographics', () => demographics.estimate(crops, signal));
    faces.forEach((face, i) => (face.demographics = found[i]!));
  },
  async emotions({ emotions }, faces, stopwatch, signal) {
    const crops = cropsOf(faces, emotionsCrop);
    const seen = crops.map((crop, i) => ({ ...crop, mesh: faces[i]!.mesh!.points }));
    const found = await stopwatch.measure('emotions', () => emotions.estimate(seen, signal));
    faces.forEach((face, i) => {
      face.emotions = { ...found[i]!, sleepy: sleepiness(face.mesh!.points) };
    });
  },
};

function cropsOf(faces: readonly FaceInWork[], cropOf: (mesh: Float32Array) => Affine): readonly Crop[] {
  return faces.map(({ image, mesh }) => ({ image: image.pyramid, toImage: cropOf(mesh!.points) }));
}

function measureQualities({ canonicalFace }: Models, faces: readonly FaceInWork[]): void {
  for (const face of faces) {
    const { found, image, mesh, covered } = face;
    const input = { image: image.pyramid, box: found.box, mesh: mesh!, canonicalFace };
    face.quality = { ...measureQuality(input), completeness: completenessOf(covered!) };
  }
}

/** The attributes of the groups asked for, of a face that their stages have seen. */
export function attributesOf(
  { traits, covered, demographics, emotions }: FaceInWork,
  groups: readonly AttributeGroup[],
): Attributes {
  const has = (group: AttributeGroup): boolean => groups.includes(group);
  const { bangs, facialHair, glasses, hat } = traits ?? {};
  const seen = emotions && traits && covered && emotionsSeen(emotions, traits.masked, covered);
  return {
    ...(has('demographics') && demographics),
    ...(seen && has('emotions') && { emotions: seen }),
    ...(bangs && facialHair && glasses && hat && has('appearance') && { bangs, facialHair, glasses, hat }),
    ...(traits && covered && has('mask') && { mask: maskOf(traits.masked, covered) }),
  };
}
