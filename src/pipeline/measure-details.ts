import type { AnalysisRequest } from '../core/analysis.ts';
import { cropFromMesh } from '../stages/face-mesh.ts';
import type { FaceInWork } from './measure-faces.ts';
import type { DetailStages, Models } from './models.ts';
import type { Stopwatch } from './stopwatch.ts';

type Details = AnalysisRequest['details'];

/** The stages that the details need, in the order in which they run. */
export function stagesFor({ landmarks, mesh }: Details): readonly (keyof DetailStages)[] {
  const needed: Record<keyof DetailStages, boolean> = {
    fineMesh: landmarks || mesh,
  };
  return (Object.keys(needed) as (keyof DetailStages)[]).filter((name) => needed[name]);
}

/** Runs the stages that the details need, on faces whose meshes are fitted. Loading a model counts for no stage's time. */
export async function measureDetails(
  models: Models,
  faces: readonly FaceInWork[],
  details: Details,
  stopwatch: Stopwatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const name of stagesFor(details)) await RUNS[name](models, faces, stopwatch, signal);
}

type Run = (
  models: Models,
  faces: readonly FaceInWork[],
  stopwatch: Stopwatch,
  signal: AbortSignal | undefined,
) => Promise<void>;

const RUNS: Readonly<Record<keyof DetailStages, Run>> = {
  async fineMesh(models, faces, stopwatch, signal) {
    const fineMesh = await models.detail('fineMesh', signal);
    const crops = faces.map(({ image, mesh }) => ({
      image: image.pyramid,
      toImage: cropFromMesh(mesh!.points, fineMesh.size),
    }));
    const fitted = await stopwatch.measure('landmarks', () => fineMesh.fit(crops, signal));
    faces.forEach((face, i) => (face.fineMesh = fitted[i]!));
  },
};
