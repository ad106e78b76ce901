/** Runs in the page: each network by this library's kernels, by onnxruntime-web and by LiteRT.js, on one WASM thread. */
import * as ort from 'onnxruntime-web/wasm';
import type { ModelEntry } from '../../src/core/manifest.ts';
import { inputDims } from '../../src/core/model-session.ts';
import { EngineSession } from '../../src/runtime/engine/engine-session.ts';
import { EngineKernel, loadEngineModule } from '../../src/runtime/engine/kernel.ts';
import { type CompiledModel, loadAndCompile, loadLiteRt, Tensor } from './litert.js';

/** A network and where its files are. */
export interface NetworkFiles {
  readonly entry: ModelEntry;
  /** As it is shipped. */
  readonly onnxUrl: string;
  /** As it was published, for LiteRT.js; absent where it was not published so. */
  readonly tfliteUrl?: string;
}

/** Milliseconds a picture, by rounds, with the input copied in and every output copied out. */
export interface NetworkTimes {
  readonly id: string;
  readonly engine: readonly number[];
  readonly ort: readonly number[];
  /** Or why LiteRT.js does not run it. */
  readonly litert: readonly number[] | string;
  /** The largest difference between outputs of the first two, as a share of the largest number of an output. */
  readonly difference: number;
  /** The same of LiteRT.js, whose weights are not rounded to bytes, by outputs of one length; absent where it does not run it. */
  readonly liteDifference?: number;
}

/** Outputs that differ by more than this share are not the network's, whatever bytes the weights were rounded to. */
const SAME_NETWORK = 0.1;

type Run = () => Promise<readonly Float32Array[]>;

/** What the Node side calls. */
export class NetworksPage {
  #kernel: EngineKernel | undefined;

  /** @param assets - absolute URL of the built library */
  async start(assets: string): Promise<void> {
    this.#kernel = new EngineKernel(await loadEngineModule(bytesAt, assets, 'relaxed'));
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = '/ort/';
    await loadLiteRt('/litert/', { threads: false });
  }

  /** The runtimes take turns; the first `warmUp` rounds do not count. Nothing of a network that the kernels do not run. */
  async time(
    { entry, onnxUrl, tfliteUrl }: NetworkFiles,
    rounds: number,
    warmUp: number,
  ): Promise<NetworkTimes | undefined> {
    const bytes = await bytesAt(onnxUrl);
    const input = noise(inputDims(entry, 1).reduce((product, side) => product * side));
    const engine = EngineSession.compile(entry, bytes, this.#kernel!);
    if (!engine) return undefined;
    const session = await ort.InferenceSession.create(bytes);
    const lite = tfliteUrl === undefined ? 'not published as TFLite' : await compileLite(tfliteUrl);
    const model = typeof lite === 'string' ? undefined : lite;
    const pixels = channelsLast(input, inputDims(entry, 1));
    const runs: readonly Run[] = [
      () => engine.run(input, inputDims(entry, 1)),
      () => runOrt(session, entry, input),
      ...(model ? [() => runLite(model, pixels)] : []),
    ];
    const [ours, theirs] = [await runs[0]!(), await runs[1]!()];
    const lites = (await runs[2]?.()) ?? [];
    const pictures = [1, 1, model ? dataLength(model) / input.length : 1];
    const ms = runs.map((): number[] => []);
    for (let round = -warmUp; round < rounds; round++)
      for (const [i, run] of runs.entries()) {
        const startMs = performance.now();
        await run();
        if (round >= 0) ms[i]!.push((performance.now() - startMs) / pictures[i]!);
      }
    await Promise.all([engine.dispose(), session.release()]);
    model?.delete();
    const difference = Math.max(...ours.map((output, i) => differenceOf(output, theirs[i]!)));
    // A model of two pictures gives two rows, of which the first is compared. Outputs of one length, as of two eyes, are in any order.
    const alike = ours.flatMap((output) => {
      const others = lites.filter(({ length }) => length === output.length * pictures[2]!);
      return others.length > 0 ? [Math.min(...others.map((other) => differenceOf(output, other)))] : [];
    });
    const liteDifference = Math.max(0, ...alike);
    const isSame = alike.length > 0 && liteDifference < SAME_NETWORK;
    const notRun =
      typeof lite === 'string' ? lite : 'it answers with other numbers, so it does not run all of it';
    return {
      id: entry.id,
      engine: ms[0]!,
      ort: ms[1]!,
      litert: isSame ? ms[2]! : notRun,
      difference,
      ...(isSame && { liteDifference }),
    };
  }
}

async function bytesAt(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function compileLite(url: string): Promise<CompiledModel | string> {
  try {
    return await loadAndCompile(url, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function runOrt(
  session: ort.InferenceSession,
  entry: ModelEntry,
  input: Float32Array,
): Promise<readonly Float32Array[]> {
  const [name = ''] = session.inputNames;
  const outputs = await session.run({ [name]: new ort.Tensor(input, [...inputDims(entry, 1)]) });
  const names = entry.outputs.length > 0 ? entry.outputs : session.outputNames;
  return names.map((output) => Float32Array.from(outputs[output]!.data as Float32Array));
}

/** A model whose input holds several pictures gets the same one in each. */
async function runLite(model: CompiledModel, picture: Float32Array): Promise<readonly Float32Array[]> {
  const data = new Float32Array(dataLength(model));
  for (let at = 0; at < data.length; at += picture.length) data.set(picture, at);
  const input = new Tensor(data, shapeOf(model));
  const outputs = await model.run([input]);
  const copies = outputs.map((output) => Float32Array.from(output.toTypedArray()));
  for (const tensor of [input, ...outputs]) tensor.delete();
  return copies;
}

function dataLength(model: CompiledModel): number {
  return shapeOf(model).reduce((product, side) => product * side);
}

function shapeOf(model: CompiledModel): Int32Array {
  return model.getInputDetails()[0]!.shape;
}

/** Numbers in [-1, 1) of a stated sequence. */
function noise(length: number): Float32Array<ArrayBuffer> {
  let state = 7;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** The largest difference between two outputs, as a share of the first one's largest number. */
function differenceOf(ours: Float32Array, theirs: Float32Array): number {
  let most = 0;
  let largest = 0;
  ours.forEach((value, i) => {
    most = Math.max(most, Math.abs(value - theirs[i]!));
    largest = Math.max(largest, Math.abs(value));
  });
  return most / largest;
}

/** A picture of one plane after the other, pixel by pixel. */
function channelsLast(
  planes: Float32Array,
  [, channels = 0, height = 0, width = 0]: readonly number[],
): Float32Array {
  const size = height * width;
  return Float32Array.from(planes, (_, i) => planes[(i % channels) * size + Math.floor(i / channels)]!);
}

(globalThis as { networksPage?: NetworksPage }).networksPage = new NetworksPage();
