/** What a database should hold: galleries and faces in plain Maps. */
import { patchGalleries } from '../face-input.ts';
import type { FacePatch } from '../../core/records.ts';

export interface ModelFace {
  readonly id: string;
  meta: string;
  personId: string | undefined;
  galleries: readonly string[];
  modelId: string;
  /** Its vector's. */
  seed: number;
  hasCrop: boolean;
  /** The seed that its crop tells of. */
  cropSeed: number;
  expiresAt: number | undefined;
  /** Whether an import has not shown it yet. */
  isHidden: boolean;
  /** Seeds of its new embeddings, by model. */
  readonly fresh: Map<string, number>;
}

/** The model whose vectors have so many numbers. */
export const modelOfDimension = (dimension: number): string => `model-${dimension}`;
export const dimensionOf = (modelId: string): number => Number(modelId.slice(6));

export class GalleryModel {
  /** In the order of enrolment. */
  readonly faces: Map<string, ModelFace> = new Map();
  readonly galleries: Map<string, number | null> = new Map([['default', null]]);
  isImporting = false;
  /** Of the gallery `a`. */
  readonly capacity: number;
  #nextSeed = 1;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  seeds(count: number): readonly number[] {
    return Array.from({ length: count }, () => this.#nextSeed++);
  }

  get seen(): readonly ModelFace[] {
    return [...this.faces.values()].filter(({ isHidden }) => !isHidden);
  }

  /** The faces of a gallery. */
  in(name: string): readonly ModelFace[] {
    return this.seen.filter(({ galleries }) => galleries.includes(name));
  }

  modelOf(name: string, without: readonly ModelFace[] = []): string | null {
    return this.in(name).find((face) => !without.includes(face))?.modelId ?? null;
  }

  /** Why so many faces of a model cannot enter a gallery, when some have left it. */
  refuses(name: string, modelId: string, count: number, without: readonly ModelFace[] = []): string {
    const capacity = this.galleries.get(name);
    if (capacity === undefined) return 'GALLERY_NOT_FOUND';
    if ((this.modelOf(name, without) ?? modelId) !== modelId) return 'MODEL_MISMATCH';
    const there = this.in(name).filter((face) => !without.includes(face)).length;
    return capacity !== null && there + count > capacity ? 'GALLERY_FULL' : 'ok';
  }

  add(
    face: Pick<ModelFace, 'id' | 'meta' | 'galleries' | 'modelId' | 'seed' | 'hasCrop' | 'isHidden'>,
  ): void {
    const rest = { personId: undefined, expiresAt: undefined, cropSeed: face.seed };
    this.faces.set(face.id, { ...face, ...rest, fresh: new Map() });
  }

  leave({ id, galleries }: ModelFace, name: string): void {
    const left = galleries.filter((other) => other !== name);
    if (left.length === 0) this.faces.delete(id);
    else (this.faces.get(id) as ModelFace).galleries = left;
  }

  /** Where faces will be after a patch; nothing if one of them would be nowhere. */
  patchedGalleries(
    faces: readonly ModelFace[],
    patch: FacePatch['galleries'],
  ): readonly (readonly string[])[] | undefined {
    try {
      return faces.map(({ galleries }) => patchGalleries(galleries, patch));
    } catch {
      return undefined;
    }
  }

  erase(): void {
    this.faces.clear();
    this.galleries.clear();
    this.galleries.set('default', null);
    this.isImporting = false;
  }

  /** Ends an import: its faces are shown, or go. */
  endImport(isShown: boolean): void {
    for (const face of [...this.faces.values()].filter(({ isHidden }) => isHidden)) {
      if (isShown) face.isHidden = false;
      else this.faces.delete(face.id);
    }
    this.isImporting = false;
  }
}

/** The first outcome that is not `ok`. */
export function firstRefusal(outcomes: readonly string[]): string {
  return outcomes.find((code) => code !== 'ok') ?? 'ok';
}
