import { boxAround, iou } from '../geometry/boxes.ts';
import type { Pyramid } from '../image/pyramid.ts';
import { alignFace, fivePoints } from '../stages/align.ts';
import { cropFromMesh, meshRollDeg, upsideDown, type FaceMesh } from '../stages/face-mesh.ts';
import { faceEvidence } from '../stages/face-evidence.ts';
import type { FoundFace } from './found-face.ts';
import { fitMeshes } from './fit-meshes.ts';
import type { Models } from './models.ts';

/** The models that tell faces from what only looks like one. */
export type Judges = Pick<Models, 'nearDetector' | 'mesh' | 'embedder'>;

/** A face of which the detectors are unsure. */
export interface DoubtfulFace {
  readonly found: FoundFace;
  /** The near detector's own score. */
  readonly near: number;
  /** The score of the wide look that proposed it. */
  readonly proposed: number;
}

/**
 * Logit of presence from which a mesh surely stands upright. Measured on 20 portraits at 24 angles: 12.8 or more upright, 10
 * or less where the eyes were put on the mouth.
 */
const UPRIGHT_LOGIT = 11;
/** A mesh that is surer by this much after a half turn shows which way up the face is. */
const TURNED_GAIN = 2;
/** Faces rolled by more are not told: their pose is beyond the documented −90..90, but for what a mesh may be off. */
const MAX_ROLL_DEG = 97;
/** Meshes rolled by more than this are fitted so many times more. */
const SETTLED_ROLL_DEG = 45;
const SETTLING_LOOKS = 2;

/** With an embedding model that {@link faceEvidence} does not know: what a score is multiplied by if the mesh model sees no face at all. */
const WITHOUT_MESH = 0.75;
/** What is added to that if it surely sees one. */
const MESH_GAIN = 0.6;
/** The least overlap of a face with the mesh fitted to it: less is the mesh of a face beside it. The least of 700 doubtful faces had 0.54. */
const MESH_MIN_IOU = 0.5;

/**
 * Looks at faces of which the detectors are unsure with the mesh model, which also tells which way up they are, and with the
 * embedding model, whose vectors of animals and things lie apart from those of people. Answers each face with its new score
 * and its mesh, or undefined where there is none that is upright enough. Costs about 30 ms a face.
 */
export async function judgeFaces(
  { mesh, embedder }: Judges,
  image: Pyramid,
  faces: readonly DoubtfulFace[],
  signal: AbortSignal | undefined,
): Promise<(FoundFace | undefined)[]> {
  if (faces.length === 0) return [];
  const inImage = faces.map(({ found }) => ({ image, found }));
  const asFound = await fitMeshes(mesh, inImage, signal);
  const turned = await turnedMeshes(mesh, image, asFound, signal);
  const fitted = asFound.flatMap((own, i): Fit[] => {
    const other = turned[i];
    return [own, ...(other ? [other] : [])].map((points) => ({ face: faces[i]!, mesh: points }));
  });
  const settled = await settleRolled(mesh, image, fitted, signal);
  const scores = await scoreFits(embedder, image, settled, signal);
  return faces.map((face) => {
    // Of two fits the later one is after a half turn, and was the surer one.
    const best = [...settled.keys()]
      .filter((i) => settled[i]!.face === face)
      .reduce((high, i) => (scores[i]! >= scores[high]! ? i : high));
    const { mesh: own } = settled[best]!;
    if (Math.abs(meshRollDeg(own.points)) > MAX_ROLL_DEG) return undefined;
    return { ...face.found, score: scores[best]!, mesh: own };
  });
}

/** A mesh that may be a face's. */
interface Fit {
  readonly face: DoubtfulFace;
  readonly mesh: FaceMesh;
}

/** How sure it is, 0..1, that each is a person's face as it is fitted. */
async function scoreFits(
  embedder: Judges['embedder'],
  image: Pyramid,
  fits: readonly Fit[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const { id, convertsFrom = id, network = convertsFrom, fusedWith } = embedder.entry;
  const evidence = faceEvidence(network, embedder.dimension - (fusedWith?.dimension ?? 0));
  if (!evidence) return fits.map(({ face, mesh }) => weigh(face.found, mesh));
  const crops = fits.map(({ mesh: { points } }) => ({
    image,
    toImage: alignFace(fivePoints(points), embedder.size),
  }));
  const embeddings = await embedder.embed(crops, signal);
  return fits.map(({ face: { found, near, proposed }, mesh }, i) =>
    isBeside(found, mesh) ? 0 : evidence(embeddings[i]!.unlimited, { near, proposed, mesh: mesh.presence }),
  );
}

/**
 * Where a mesh is not surely upright and the model is surer of a face after a half turn, the mesh that it then sees. A mask
 * over mouth and nose can look so too.
 */
async function turnedMeshes(
  mesh: Judges['mesh'],
  image: Pyramid,
  meshes: readonly FaceMesh[],
  signal: AbortSignal | undefined,
): Promise<(FaceMesh | undefined)[]> {
  const unsure = meshes.filter((one) => logit(one.presence) < UPRIGHT_LOGIT);
  const crops = unsure.map(({ points }) => ({
    image,
    toImage: upsideDown(cropFromMesh(points, mesh.size), mesh.size),
  }));
  const turned = await mesh.fit(crops, signal);
  const better = new Map<FaceMesh, FaceMesh>();
  unsure.forEach((one, i) => {
    const other = turned[i]!;
    if (logit(other.presence) > Math.max(0, logit(one.presence)) + TURNED_GAIN) better.set(one, other);
  });
  return meshes.map((one) => better.get(one));
}

/** A lying face's roll is told by the mesh only when its crop was level: looks again until it is. */
async function settleRolled(
  mesh: Judges['mesh'],
  image: Pyramid,
  fits: readonly Fit[],
  signal: AbortSignal | undefined,
): Promise<Fit[]> {
  const settled = [...fits];
  for (let look = 0; look < SETTLING_LOOKS; look++) {
    const rolled = [...settled.keys()].filter(
      (i) => Math.abs(meshRollDeg(settled[i]!.mesh.points)) > SETTLED_ROLL_DEG,
    );
    const crops = rolled.map((i) => ({ image, toImage: cropFromMesh(settled[i]!.mesh.points, mesh.size) }));
    const again = await mesh.fit(crops, signal);
    rolled.forEach((i, k) => (settled[i] = { ...settled[i]!, mesh: again[k]! }));
  }
  return settled;
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}

function weigh({ box, score }: FoundFace, { points, presence }: FaceMesh): number {
  const certainty = isBeside({ box }, { points }) ? 0 : presence;
  return Math.min(1, score * (WITHOUT_MESH + MESH_GAIN * certainty));
}

/** Whether a mesh is that of another face, which the mesh model saw in the same crop. */
function isBeside({ box }: Pick<FoundFace, 'box'>, { points }: Pick<FaceMesh, 'points'>): boolean {
  return iou(boxAround(points, 3), box) < MESH_MIN_IOU;
}
