import type { JobStep } from '../../src/core/jobs.ts';

/** What the store is to know of a face. Its vector and its picture's bytes follow from its id. */
export interface Face {
  readonly meta: string;
  readonly galleries: readonly string[];
  /** Whether it was added with a picture. */
  readonly picture: boolean;
  /** What made its embedding. */
  readonly model: string;
  /** The hash of the photo that a job enrolled it from. */
  readonly photo?: string;
}

/** A call that changes the store, as plain data. Each is to be in the database wholly or not at all. */
export type Operation =
  | { readonly kind: 'add'; readonly faces: readonly NewFace[] }
  /** The faces come in an archive. More than a thousand take several transactions. */
  | { readonly kind: 'import'; readonly gallery: string; readonly faces: readonly NewFace[] }
  /** Out of a gallery, or, of `null`, of all. */
  | { readonly kind: 'delete'; readonly gallery: string | null; readonly ids: readonly string[] }
  | {
      readonly kind: 'update';
      readonly gallery: string;
      readonly id: string;
      readonly meta: string;
      readonly galleries: readonly string[];
    }
  /** Another photo of the same face, with a picture or without. */
  | { readonly kind: 'replace'; readonly id: string; readonly picture: boolean; readonly model: string }
  | { readonly kind: 'create-gallery'; readonly gallery: string; readonly capacity: number | null }
  | { readonly kind: 'delete-gallery'; readonly gallery: string; readonly withFaces?: boolean }
  | { readonly kind: 'erase-all' }
  /** The database goes as a whole, and a new one is made, which is plain. */
  | { readonly kind: 'drop' }
  /** An empty job, whose photos are not all there yet. */
  | { readonly kind: 'create-job'; readonly job: string; readonly gallery: string }
  | { readonly kind: 'stage'; readonly job: string; readonly photos: readonly string[] }
  | { readonly kind: 'step-job'; readonly job: string; readonly step: JobStep }
  /** All faces of a photo; they replace those that the job's gallery has of it. */
  | {
      readonly kind: 'enrol';
      readonly job: string;
      readonly index: number;
      readonly photo: string;
      readonly faces: readonly NewFace[];
    }
  | { readonly kind: 'delete-job'; readonly job: string }
  /** All embeddings by another model. */
  | { readonly kind: 'regenerate'; readonly model: string }
  | { readonly kind: 'encrypt'; readonly passphrase: string }
  /** Another passphrase, with new keys or with the same. */
  | { readonly kind: 'rekey'; readonly passphrase: string; readonly next: string; readonly rekey: boolean }
  /** All vectors rotated by a new secret. */
  | { readonly kind: 'renew' };

/** With what operations go: with others at the same time, or alone since they take their time; some only where the database is encrypted. */
export const KINDS: Readonly<Record<Operation['kind'], 'together' | 'alone' | 'encrypting'>> = {
  add: 'together',
  import: 'together',
  delete: 'together',
  update: 'together',
  replace: 'together',
  'create-gallery': 'together',
  'delete-gallery': 'together',
  'create-job': 'together',
  stage: 'together',
  'step-job': 'together',
  enrol: 'together',
  'delete-job': 'together',
  'erase-all': 'alone',
  regenerate: 'alone',
  drop: 'encrypting',
  encrypt: 'encrypting',
  rekey: 'encrypting',
  renew: 'encrypting',
};

/** A face to add; its vector and its picture follow from the id. */
export interface NewFace extends Face {
  readonly id: string;
}

/** An operation in a few words, for the log. */
export function describe(operation: Operation): string {
  const some = (ids: readonly string[]): string =>
    ids.length > 4 ? `${ids.slice(0, 2).join(' ')} … ${ids.at(-1)} (${ids.length})` : ids.join(' ');
  switch (operation.kind) {
    case 'add':
      return `add ${some(operation.faces.map(({ id }) => id))} to ${operation.faces[0]?.galleries.join(', ')}`;
    case 'import':
      return `import ${some(operation.faces.map(({ id }) => id))} into ${operation.gallery}`;
    case 'delete':
      return `delete ${some(operation.ids)} from ${operation.gallery ?? 'everywhere'}`;
    case 'update':
      return `update ${operation.id}: meta ${operation.meta}, galleries ${operation.galleries.join(', ')}`;
    case 'replace':
      return `replace ${operation.id}, ${operation.picture ? 'with a' : 'without'} picture`;
    case 'create-gallery':
      return `create-gallery ${operation.gallery}`;
    case 'delete-gallery':
      return `delete-gallery ${operation.gallery}${operation.withFaces ? ' with its faces' : ''}`;
    case 'create-job':
      return `create-job ${operation.job} into ${operation.gallery}`;
    case 'stage':
      return `stage ${operation.photos.join(' ')} in ${operation.job}`;
    case 'step-job':
      return `${operation.step} ${operation.job}`;
    case 'enrol':
      return `enrol ${some(operation.faces.map(({ id }) => id))} of ${operation.photo}, number ${operation.index} of ${operation.job}`;
    case 'delete-job':
      return `delete-job ${operation.job}`;
    case 'regenerate':
      return `regenerate by ${operation.model}`;
    case 'encrypt':
      return `encrypt with ${operation.passphrase}`;
    case 'rekey':
      return `change ${operation.passphrase} to ${operation.next}${operation.rekey ? ', with new keys' : ''}`;
    case 'erase-all':
    case 'drop':
    case 'renew':
      return operation.kind;
  }
}
