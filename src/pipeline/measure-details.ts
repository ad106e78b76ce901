import type { AttributeGroup, Attributes } from '../core/attributes.ts';
import type { Details } from '../stages/detail-stage.ts';
import { emotionsSeen } from '../stages/emotions-seen.ts';
import { completenessOf } from '../stages/occlusion.ts';
import { measureQuality } from '../stages/quality.ts';
import { maskOf } from '../stages/traits.ts';
import { type DetailName, DETAIL_STAGES, stagesFor } from './detail-stages.ts';
import type { FaceInWork } from './face-in-work.ts';
import type { Models } from './models.ts';
import type { StageTimer } from './stopwatch.ts';

/** Runs the stages that the details need, on faces whose meshes are fitted. */
export async function measureDetails(
  models: Models,
  faces: readonly FaceInWork[],
  details: Details,
  stopwatch: StageTimer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const meshed = faces.map(({ image, mesh }) => ({ image: image.pyramid, mesh: mesh! }));
  const look = async <Name extends DetailName>(name: Name): Promise<void> => {
    const { timedAs } = DETAIL_STAGES[name];
    const seen = await stopwatch.measure(timedAs, () => models.details[name](meshed, signal));
    faces.forEach((face, i) => (face.seen[name] = seen[i] as (typeof face.seen)[Name]));
  };
  for (const name of stagesFor(details)) await look(name);
  if (details.quality) await stopwatch.measure('quality', () => measureQualities(models, faces));
}

function measureQualities({ canonicalFace }: Models, faces: readonly FaceInWork[]): void {
  for (const face of faces) {
    const { found, image, mesh, seen } = face;
    const input = { image: image.pyramid, box: found.box, mesh: mesh!, canonicalFace };
    face.quality = { ...measureQuality(input), completeness: completenessOf(seen.occlusion!) };
  }
}

/** The attributes of the groups asked for, of a face that their stages have seen. */
export function attributesOf(
  { seen: { traits, occlusion: covered, demographics, emotions } }: FaceInWork,
  groups: readonly AttributeGroup[],
): Attributes {
  const has = (group: AttributeGroup): boolean => groups.includes(group);
  const { masked: _, ...worn } = traits ?? {};
  const shown = emotions && traits && covered && emotionsSeen(emotions, traits.masked, covered);
  return {
    ...(has('demographics') && demographics),
    ...(shown && has('emotions') && { emotions: shown }),
    ...(has('appearance') && worn),
    ...(traits && covered && has('mask') && { mask: maskOf(traits.masked, covered) }),
  };
}
