import { checkCalibration } from '../core/calibration.ts';
import { badParam } from '../core/errors.ts';
import type {
  CommonDirections,
  DetectorDecoder,
  FusedNetwork,
  ModelEntry,
  ModelInput,
  ModelRole,
  ModelSource,
  ReliabilityFit,
} from '../core/manifest.ts';
import {
  arrayOf,
  boolean,
  integer,
  number,
  oneOf,
  resolveOptions,
  string,
  type Check,
} from '../core/options.ts';
import { commonDirections, reliabilityFit } from './reliability-options.ts';

/** Other models than the manifest's defaults: an id of the manifest, or an entry of your own. */
export interface ModelChoices {
  /** Finds faces, near and far. */
  readonly detector?: string | ModelEntry;
  /** Finds near faces quickly, and confirms others. */
  readonly nearDetector?: string | ModelEntry;
  /** Fits the mesh. */
  readonly landmarks?: string | ModelEntry;
  /** Makes embeddings; a gallery holds those of one model. */
  readonly embedding?: string | ModelEntry;
}

const NAME = string(128, /^\S+$/);
const TEXT = string(2048);
const SHA256 = string(64, /^[0-9a-f]{64}$/);

const size: Check<readonly [number, number]> = (value, path) => {
  const sides = arrayOf(integer(8, 4096), 2)(value, path);
  if (sides.length !== 2) throw badParam(path, value, 'a pair [width, height]');
  return [sides[0]!, sides[1]!];
};

const std: Check<number> = (value, path) => {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw badParam(path, value, 'a number above 0: inputs are (channel − mean) / std');
};

const input: Check<ModelInput> = (value, path) => {
  const fields = {
    name: NAME,
    size,
    layout: oneOf('nchw', 'nhwc'),
    channels: oneOf('rgb', 'bgr', 'grey'),
    mean: number(-1e4, 1e4),
    std,
  };
  const defaults = { layout: 'nchw', channels: 'rgb' } as const;
  const resolved = resolveOptions<ModelInput, typeof defaults>(value, path, fields, defaults);
  for (const key of ['size', 'mean', 'std'] as const) need(resolved[key], `${path}.${key}`);
  return resolved;
};

const source: Check<ModelSource> = (value) => value as ModelSource;

/** Checked once the rest of the entry is known. */
const unchecked = <T>(value: unknown): T => value as T;

const weight: Check<number> = (value, path) => {
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw badParam(path, value, 'a number between 0 and 1: what the second network’s cosine counts');
};

/** Of what a network gives. */
const LEAST_DIMENSION = 2;

/** What is said of every network. */
const NETWORK = {
  file: TEXT,
  sha256: SHA256,
  bytes: integer(1, 2 ** 31),
  version: TEXT,
  licence: TEXT,
  source,
  input,
  outputs: arrayOf(NAME, 64),
  mayRound: boolean,
  dimension: integer(LEAST_DIMENSION, 4096),
};
const NO_OUTPUTS: { readonly outputs: readonly string[] } = { outputs: [] };

const fusedNetwork: Check<FusedNetwork> = (value, path) => {
  const fields = { ...NETWORK, weight };
  const resolved = resolveOptions<FusedNetwork, typeof NO_OUTPUTS>(value, path, fields, NO_OUTPUTS);
  for (const key of ['file', 'input', 'dimension', 'weight'] as const) need(resolved[key], `${path}.${key}`);
  return resolved;
};

const entry: Check<ModelEntry> = (value, path) => {
  const fields = {
    ...NETWORK,
    id: NAME,
    role: oneOf<ModelRole>('detector', 'nearDetector', 'landmarks', 'embedding'),
    format: oneOf('onnx', 'tfjs'),
    decoder: oneOf<DetectorDecoder>('blazeface-short', 'blazeface-full', 'rfb'),
    mirror: boolean,
    calibration: checkCalibration,
    convertsFrom: NAME,
    network: NAME,
    fusedWith: fusedNetwork,
    common: unchecked<CommonDirections>,
    reliability: unchecked<ReliabilityFit>,
  };
  const defaults = { ...NO_OUTPUTS, format: 'onnx' } as const;
  // No role that can be chosen has a layer for the shape.
  const resolved = resolveOptions<Omit<ModelEntry, 'shape'>, typeof defaults>(value, path, fields, defaults);
  for (const key of ['id', 'role', 'file', 'input'] as const) need(resolved[key], `${path}.${key}`);
  if (resolved.role === 'embedding') need(resolved.dimension, `${path}.dimension`);
  if (/detector/i.test(resolved.role)) need(resolved.decoder, `${path}.decoder`);
  const ofEmbedding = embeddingFields(resolved, path);
  checkFused(resolved, path);
  return Object.freeze({ ...resolved, ...ofEmbedding });
};

/** Both networks see one crop. @throws NearFaceError `BAD_PARAM` naming the field */
function checkFused({ input, dimension, fusedWith }: Omit<ModelEntry, 'shape'>, path: string): void {
  if (!fusedWith || dimension === undefined) return;
  const at = `${path}.fusedWith`;
  const { input: other } = fusedWith;
  for (const key of ['size', 'layout', 'channels'] as const)
    if (String(other[key]) !== String(input[key]))
      throw badParam(`${at}.input.${key}`, other[key], `${String(input[key])}, as ${path}.input has it`);
  if (fusedWith.dimension > dimension - LEAST_DIMENSION)
    throw badParam(
      `${at}.dimension`,
      fusedWith.dimension,
      `at most ${dimension - LEAST_DIMENSION}: the rest of ${path}.dimension is the first network's`,
    );
}

/** What an entry says of strangers' embeddings and of reliability, which must fit its dimension. */
function embeddingFields(
  { role, dimension, common, reliability, convertsFrom, fusedWith, network }: Omit<ModelEntry, 'shape'>,
  path: string,
): Pick<ModelEntry, 'common' | 'reliability'> {
  const given = { common, reliability, convertsFrom, fusedWith, network };
  const [misplaced] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (role !== 'embedding' || dimension === undefined) {
    if (misplaced === undefined) return {};
    throw badParam(`${path}.${misplaced}`, given[misplaced as keyof typeof given], 'left out for this role');
  }
  if (convertsFrom !== undefined) need(common, `${path}.common`);
  const checked = common !== undefined ? commonDirections(dimension)(common, `${path}.common`) : undefined;
  const along = checked?.directions.length ?? 0;
  const fit =
    reliability !== undefined ? reliabilityFit(along)(reliability, `${path}.reliability`) : undefined;
  return { ...(checked && { common: checked }), ...(fit && { reliability: fit }) };
}

const choice: Check<string | ModelEntry> = (value, path) =>
  typeof value === 'string' ? NAME(value, path) : entry(value, path);

/** Checks the option `models`. */
export const modelChoice: Check<ModelChoices> = (value, path) =>
  resolveOptions<ModelChoices, object>(
    value,
    path,
    { detector: choice, nearDetector: choice, landmarks: choice, embedding: choice },
    {},
  );

function need(value: unknown, path: string): void {
  if (value === undefined) throw badParam(path, value, 'given');
}
