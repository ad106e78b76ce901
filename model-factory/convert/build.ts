import { createHash } from 'node:crypto';
import type {
  Calibration,
  FusedNetwork,
  ModelEntry,
  ModelManifest,
  ReliabilityCalibration,
} from '../../src/core/manifest.ts';
import { readCanonicalFace } from './canonical-face.ts';
import {
  CANONICAL_FACE,
  CATALOGUE,
  DEFAULTS,
  type CatalogueEntry,
  type FittedEmbeddings,
} from './catalogue.ts';
import { readFaceApi, type Head } from './face-api-reader.ts';
import { withShapes } from './graph-edit.ts';
import type { Graph } from './graph.ts';
import { readOnnx } from './onnx-reader.ts';
import { projected } from './projection.ts';
import { writeOnnx } from './onnx-writer.ts';
import type { PackageStore } from '../../tools/packages.ts';
import { simplify } from './simplify.ts';
import { readTflite } from './tflite-reader.ts';
import { TRAINED } from '../../tools/trained.ts';
import { readTrained, trainedFile } from './trained-reader.ts';

/** What `models/` holds that is built: file names and their bytes. */
export type BuiltFiles = ReadonlyMap<string, Uint8Array>;

/** Builds every model file, the canonical face and the manifest. The same packages give the same bytes. */
export async function buildModels(
  packages: PackageStore,
  calibrationOf: (id: string) => Promise<Calibration | undefined>,
): Promise<BuiltFiles> {
  const files = new Map<string, Uint8Array>();
  const models: ModelEntry[] = [];
  for (const entry of CATALOGUE) {
    const built = await buildModel(packages, entry);
    const calibration = await calibrationOf(entry.id);
    files.set(built.entry.file, built.bytes);
    const model = { ...built.entry, ...(calibration ? { calibration } : {}) };
    models.push(model);
    for (const fitted of entry.fitted ?? []) {
      const second = fitted.second && (await buildModel(packages, fitted.second));
      if (second) files.set(second.entry.file, second.bytes);
      models.push(await fittedEntry(model, fitted, second?.entry));
    }
  }
  const manifest: ModelManifest = { version: 1, models, defaults: DEFAULTS };
  files.set('canonical-face.json', json(readCanonicalFace(await sourceOf(packages, CANONICAL_FACE))));
  files.set('manifest.json', json(manifest));
  return files;
}

/** What model-factory/train/reliability.py writes. */
interface FittedFile extends Required<Pick<ModelEntry, 'common' | 'reliability'>> {
  readonly points: Calibration['points'];
  readonly byReliability: ReliabilityCalibration;
  readonly measuredOn: string;
  readonly impostorPairs: number;
  /** What the second network's cosine counts, where there are two. */
  readonly weight?: number;
}

/** The same network, perhaps with a second one, and what was fitted to its embeddings, as a model of its own: its embeddings differ. */
async function fittedEntry(
  model: ModelEntry,
  { id, file }: FittedEmbeddings,
  second: ModelEntry | undefined,
): Promise<ModelEntry> {
  const text = new TextDecoder().decode(await trainedFile(file));
  const { common, reliability, weight, ...calibration } = JSON.parse(text) as FittedFile;
  const origin = second ? fusedFields(model, second, weight) : { convertsFrom: model.id };
  return { ...model, id, ...origin, common, reliability, calibration };
}

/** What an entry says of its second network. */
function fusedFields(
  model: ModelEntry,
  { id: _id, role: _role, format: _format, dimension = 0, ...own }: ModelEntry,
  weight = NaN,
): Partial<ModelEntry> {
  const fusedWith: FusedNetwork = { ...own, dimension, weight };
  return { network: model.id, dimension: (model.dimension ?? 0) + dimension, fusedWith };
}

/** What takes the place of what an entry names: the fitted last layer, or a fitted network's weights. */
export interface Replaced {
  readonly head?: Head;
  readonly weights?: Uint8Array;
}

/** Builds one model, with what is `replaced` in it. */
export async function buildModel(
  packages: PackageStore,
  entry: CatalogueEntry,
  replaced: Replaced = {},
): Promise<{ readonly bytes: Uint8Array; readonly entry: ModelEntry }> {
  const source = await sourceOf(packages, entry.source);
  const head = replaced.head ?? (await headOf(entry));
  const bytes = convert(
    await graphOf(packages, entry, source, { ...replaced, ...(head ? { head } : {}) }),
    entry,
  );
  const shape = head?.shape;
  return { bytes, entry: { ...manifestEntry(entry, source, bytes), ...(shape ? { shape } : {}) } };
}

async function headOf({ source: { head } }: CatalogueEntry): Promise<Head | undefined> {
  return head === undefined
    ? undefined
    : (JSON.parse(new TextDecoder().decode(await trainedFile(head))) as Head);
}

/** The file, or the part of a packed file, that an entry names. */
export async function sourceOf(
  packages: PackageStore,
  source: Pick<CatalogueEntry['source'], 'package' | 'file' | 'bytes'>,
): Promise<Uint8Array> {
  const trained = source.package === TRAINED;
  const file = await (trained ? trainedFile(source.file) : packages.file(source.package, source.file));
  return source.bytes ? file.subarray(...source.bytes) : file;
}

async function graphOf(
  packages: PackageStore,
  entry: CatalogueEntry,
  source: Uint8Array,
  { head, weights: ownWeights }: Replaced,
): Promise<Graph> {
  const { file, weights } = entry.source;
  if (weights !== undefined && entry.source.package === TRAINED) {
    return readTrained(new TextDecoder().decode(source), ownWeights ?? (await trainedFile(weights)));
  }
  if (weights !== undefined && file.endsWith('-weights_manifest.json')) {
    const bytes = await packages.file(entry.source.package, weights);
    return readFaceApi(new TextDecoder().decode(source), bytes, entry.input, head);
  }
  if (file.endsWith('.onnx')) {
    const outputs = entry.outputs.map(({ from }) => from);
    const graph = readOnnx(source, outputs);
    const { projection } = entry.source;
    return projection === undefined ? graph : projected(graph, outputs[0]!, await trainedFile(projection));
  }
  return readTflite(source);
}

function convert(graph: Graph, entry: CatalogueEntry): Uint8Array {
  const wanted = { ...graph, outputs: entry.outputs.map(({ from }) => from) };
  const shapes = new Map(entry.outputs.flatMap(({ from, shape }) => (shape ? [[from, shape] as const] : [])));
  return writeOnnx(simplify(withShapes(wanted, shapes)), {
    name: entry.id,
    inputs: [entry.input.name ?? 'input'],
    outputs: entry.outputs.map(({ name }) => name),
    anySize: entry.anySize ?? false,
    weights: entry.weights ?? 'int8',
    ...(entry.small === undefined ? {} : { small: entry.small }),
  });
}

function manifestEntry(entry: CatalogueEntry, source: Uint8Array, bytes: Uint8Array): ModelEntry {
  const { id, role, version, licence, input, outputs, decoder, dimension, mirror, mayRound } = entry;
  const { package: name, file, bytes: range } = entry.source;
  return {
    id,
    role,
    format: 'onnx',
    file: `${id}.onnx`,
    sha256: sha256(bytes),
    bytes: bytes.length,
    version,
    licence,
    source: { package: name, file, sha256: sha256(source), ...(range ? { bytes: range } : {}) },
    input,
    outputs: outputs.map(({ name: output }) => output),
    ...(decoder === undefined ? {} : { decoder }),
    ...(dimension === undefined ? {} : { dimension }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(mayRound === undefined ? {} : { mayRound }),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** JSON with lists of numbers or words on one line, as Prettier leaves them. */
function json(value: unknown): Uint8Array {
  const compact = JSON.stringify(value, null, 2).replace(/\[\s+[^[\]{}]+?\s+\]/g, (list) =>
    list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  );
  return new TextEncoder().encode(`${compact}\n`);
}
