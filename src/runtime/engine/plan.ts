import { Arena } from './arena.ts';
import { BLOCK_ROOM, type EngineKernel, LANES } from './kernel.ts';
import type { Convolution, Network, Step } from './lower.ts';
import { gateChannels, meanOfChannels } from './gates.ts';
import { UnsupportedGraph } from './onnx-graph.ts';
import type { ThreadRooms } from './placed-calls.ts';
import { type Call, CALLS, OWN_WINDOWS, Program, type PlacedProgram } from './program.ts';
import { lastReadsOf, readsOf } from './reads.ts';
import { MAP_LENGTH, placePoints, regionMap, sampleRegion, type RegionStep } from './regions.ts';
import { CHUNK_WORK, type Range, split, splitLines, splitMatrix } from './split.ts';
import { roundUp, type PackedWeights, type StepConstants } from './weights.ts';
import { isDirect, outputSize } from './windows.ts';

/** Windows are laid out for so many lines at a time that the rows stay in the second cache. */
const BAND_BYTES = 131072;

/** Windows are laid out by the thread that multiplies them where there are so many bands; else first, and the product is shared out. */
const LEAST_BANDS = 4;

/** Multiplications that take as long as to move a number. */
const MOVE_WORK = 4;

/** `planarWindows` may write so far beyond its rows, and read so far beyond the input. */
const OVERRUN = 16;

/** An image in the kernel's memory, channels last, filled up to a multiple of four. */
export interface PlacedImage {
  readonly at: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The network's input, channels first. */
export interface InputShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The calls that run a network on one input of one size. */
export interface Plan {
  readonly input: number;
  /** Every address in use lies below. */
  readonly end: number;
  readonly program: PlacedProgram;
  /** Where the program's words lie while it runs. */
  readonly programAt: number;
  readonly rooms: ThreadRooms;
  readonly images: ReadonlyMap<string, PlacedImage>;
}

/**
 * Places the images of a network in a kernel's memory, above all weights, and makes its calls.
 *
 * @param chunkWork - multiplications that a thread makes at a time, about
 * @throws UnsupportedGraph
 */
export function planNetwork(
  network: Network,
  weights: PackedWeights,
  kernel: EngineKernel,
  input: InputShape,
  chunkWork: number = CHUNK_WORK,
): Plan {
  return new Planner(network, weights, input, kernel, chunkWork).plan();
}

class Planner {
  readonly #network: Network;
  readonly #weights: PackedWeights;
  readonly #shape: InputShape;
  readonly #arena: Arena;
  readonly #threads: number;
  readonly #chunkWork: number;
  readonly #images = new Map<string, PlacedImage>();
  readonly #program = new Program();
  #input = 0;
  /** Bytes of a thread's own room. */
  #roomBytes = BLOCK_ROOM;

  constructor(
    network: Network,
    weights: PackedWeights,
    shape: InputShape,
    kernel: EngineKernel,
    chunkWork: number,
  ) {
    this.#network = network;
    this.#weights = weights;
    this.#shape = shape;
    this.#arena = new Arena(kernel.weights.top);
    this.#threads = kernel.threads;
    this.#chunkWork = chunkWork;
  }

  plan(): Plan {
    const { steps, input } = this.#network;
    const lastReads = lastReadsOf(this.#network);
    this.#input = this.#arena.take(
      4 * this.#shape.channels * this.#shape.height * this.#shape.width + OVERRUN,
    );
    steps.forEach((step, index) => {
      this.#add(step);
      for (const name of new Set(readsOf(step))) {
        if (lastReads.get(name) !== index) continue;
        this.#arena.release(name === input ? this.#input : this.#image(name).at);
      }
    });
    const programAt = this.#arena.end;
    const program = this.#program.place(programAt);
    const rooms = { at: roundUp(programAt + program.words.byteLength, 64), bytes: this.#roomBytes };
    const end = rooms.at + this.#threads * rooms.bytes + OVERRUN;
    return { input: this.#input, end, program, programAt, rooms, images: this.#images };
  }

  #image(name: string): PlacedImage {
    const image = this.#images.get(name);
    if (!image) throw new UnsupportedGraph(`the input is read by something other than a convolution`);
    return image;
  }

  #place(name: string, height: number, width: number, channels: number): PlacedImage {
    if (!(height > 0 && width > 0)) throw new UnsupportedGraph('an input smaller than a window');
    const at = this.#arena.take(4 * height * width * roundUp(channels, LANES));
    const image = { at, height, width, channels };
    this.#images.set(name, image);
    return image;
  }

  #add(step: Step): void {
    switch (step.kind) {
      case 'conv':
        return step.depthwise ? this.#depthwise(step) : this.#convolution(step);
      case 'pointwise':
        return this.#pointwise(step);
      case 'pool':
        return this.#pool(step);
      case 'concat':
        return this.#concat(step);
      case 'mean':
        return this.#mean(step);
      case 'gate':
        return this.#gate(step);
      default:
        return this.#region(step);
    }
  }

  #constants(step: Step): StepConstants {
    return this.#weights.of.get(step)!;
  }

  #depthwise(step: Convolution): void {
    const { weights, bias, slope } = this.#constants(step);
    const { kernel, stride, pads, dilation } = step.window;
    const from = this.#image(step.input);
    if (from.channels !== step.channels || dilation !== 1) throw new UnsupportedGraph('another filter');
    const to = this.#place(step.output, ...outputSize(from, step.window), step.channels);
    const channels = roundUp(step.channels, LANES);
    const work = to.height * to.width * channels * kernel[0] * kernel[1];
    this.#step(to.height, work, (y, end) => {
      const out = to.at + 4 * y * to.width * channels;
      const sizes = [channels, from.height, from.width, end - y, to.width, ...kernel, ...stride];
      const edges = [pads[0] - y * stride[0], pads[1]];
      return [[CALLS.depthwise, from.at, weights, bias, out, ...sizes, ...edges, slope]];
    });
  }

  /** Adds a step on `count` rows of something, `work` multiplications in all. */
  #step(count: number, work: number, calls: (from: number, end: number) => readonly Call[]): void {
    this.#program.step(split(count, this.#partsOf(work)).map(([from, end]) => calls(from, end)));
  }

  /** Parts of a step that are wanted: as many for each thread, if there is work for more than one. They change no sum. */
  #partsOf(work: number): number {
    if (this.#threads === 1 || work < this.#chunkWork) return 1;
    return this.#threads * Math.ceil(work / this.#chunkWork / this.#threads);
  }

  #convolution(step: Convolution): void {
    const { weights, bias, slope, depth, integers } = this.#constants(step);
    const planar = step.input === this.#network.input;
    const from = planar ? { at: this.#input, ...this.#shape } : this.#image(step.input);
    const taps = step.window.kernel[0] * step.window.kernel[1];
    if (step.weights.length !== step.channels * from.channels * taps)
      throw new UnsupportedGraph('weights for another number of channels');
    const size = outputSize(from, step.window);
    const residual = step.residual === undefined ? undefined : this.#image(step.residual);
    if (
      residual &&
      (residual.height !== size[0] || residual.width !== size[1] || residual.channels > step.channels)
    )
      throw new UnsupportedGraph('an addition of images of different sizes');
    const to = this.#place(step.output, ...size, step.channels);
    const columns = roundUp(step.channels, LANES);
    const addedColumns = roundUp(residual?.channels ?? 0, LANES);
    /** Rows of the matrix at `matrix`, which are the output's from `firstRow` on; some of its rows and columns. */
    const multiply = (matrix: number, firstRow: number, rows: Range, [left, right]: Range): Call => {
      const row = firstRow + rows[0];
      const a = matrix === OWN_WINDOWS ? matrix : matrix + 4 * rows[0] * depth;
      const out = [to.at + 4 * row * columns, rows[1] - rows[0], depth, columns];
      const added = [residual ? residual.at + 4 * row * addedColumns : 0, addedColumns];
      const args = [a, weights, bias, ...out, ...added, slope, left, right];
      return integers ? [CALLS.gemmIntegers, ...args, integers.scales, integers.most] : [CALLS.gemm, ...args];
    };
    const shareOut = (matrix: number, firstRow: number, rows: number): void => {
      const parts = splitMatrix(rows, depth, columns, this.#partsOf(rows * depth * columns));
      this.#program.step(parts.map((part) => [multiply(matrix, firstRow, part.rows, part.columns)]));
    };
    if (!planar && isDirect(step.window)) return shareOut(from.at, 0, to.height * to.width);
    const channels = planar ? from.channels : roundUp(from.channels, LANES);
    const { kernel, stride, dilation, pads } = step.window;
    const layOut = (matrix: number, y: number, end: number): Call => {
      const edges = [pads[0] - y * stride[0], pads[1]];
      const sizes = [from.height, from.width, end - y, to.width, ...kernel, ...stride, dilation, ...edges];
      const args = [from.at, matrix, channels, ...sizes];
      return planar ? [CALLS.planarWindows, ...args, depth] : [CALLS.windows, ...args];
    };
    const lineBytes = 4 * to.width * depth;
    const band = Math.min(to.height, Math.max(1, Math.floor(BAND_BYTES / lineBytes)));
    const work = to.height * to.width * depth * columns;
    const bandsFor = (wanted: number): readonly Range[] => splitLines(to.height, to.width, wanted, band);
    const lines = bandsFor(this.#partsOf(work));
    if (planar || lines.length >= LEAST_BANDS) {
      const windowBytes = roundUp(lines[0]![1] * lineBytes + OVERRUN, 64);
      this.#roomBytes = Math.max(this.#roomBytes, BLOCK_ROOM + windowBytes);
      const all: Range = [0, columns];
      const bands = lines.map(([y, end]) => [
        layOut(OWN_WINDOWS, y, end),
        multiply(OWN_WINDOWS, y * to.width, [0, (end - y) * to.width], all),
      ]);
      return this.#program.step(bands);
    }
    const matrix = this.#arena.take(band * lineBytes);
    for (const [y, end] of bandsFor(1)) {
      this.#program.step([[layOut(matrix, y, end)]]);
      shareOut(matrix, y * to.width, (end - y) * to.width);
    }
    this.#arena.release(matrix);
  }

  #pointwise(step: Step & { kind: 'pointwise' }): void {
    const { activation, slope } = this.#constants(step);
    const [first, second] = [this.#image(step.input), step.residual && this.#image(step.residual)] as const;
    const [from, residual] =
      second && second.channels > first.channels ? [second, first] : [first, second || undefined];
    if (residual && (residual.height !== from.height || residual.width !== from.width))
      throw new UnsupportedGraph('an addition of images of different sizes');
    if (typeof step.activation !== 'string' && step.activation.length !== from.channels)
      throw new UnsupportedGraph('another PRelu');
    const to = this.#place(step.output, from.height, from.width, from.channels);
    const added = roundUp(residual?.channels ?? 0, LANES);
    const channels = roundUp(from.channels, LANES);
    const pixels = from.height * from.width;
    this.#step(pixels, MOVE_WORK * pixels * channels, (first, end) => {
      const [at, out] = [from.at + 4 * first * channels, to.at + 4 * first * channels];
      const extra = [residual ? residual.at + 4 * first * added : 0, added];
      return [[CALLS.pointwise, at, out, end - first, channels, ...extra, activation, slope]];
    });
  }

  #pool(step: Step & { kind: 'pool' }): void {
    const from = this.#image(step.input);
    const { kernel, stride, pads } = step.window;
    const to = this.#place(step.output, ...outputSize(from, step.window), from.channels);
    const channels = roundUp(from.channels, LANES);
    const work = MOVE_WORK * to.height * to.width * channels * kernel[0] * kernel[1];
    this.#step(to.height, work, (y, end) => {
      const out = to.at + 4 * y * to.width * channels;
      const sizes = [channels, from.height, from.width, end - y, to.width];
      const edges = [pads[0] - y * stride[0], pads[1]];
      return [[CALLS.maxPool, from.at, out, ...sizes, ...kernel, ...stride, ...edges]];
    });
  }

  #mean(step: Step & { kind: 'mean' }): void {
    const from = this.#image(step.input);
    const to = this.#place(step.output, 1, 1, from.channels);
    const args = [from.at / 4, to.at / 4, from.height * from.width, roundUp(from.channels, LANES)] as const;
    this.#program.script((memory) => meanOfChannels(memory, ...args));
  }

  #gate(step: Step & { kind: 'gate' }): void {
    const [from, gate] = [this.#image(step.input), this.#image(step.gate)];
    if (gate.height * gate.width !== 1 || gate.channels !== from.channels)
      throw new UnsupportedGraph('a product of images of different sizes');
    const to = this.#place(step.output, from.height, from.width, from.channels);
    const pixels = from.height * from.width;
    const args = [from.at / 4, gate.at / 4, to.at / 4, pixels, roundUp(from.channels, LANES)] as const;
    this.#program.script((memory) => gateChannels(memory, ...args));
  }

  #region(step: RegionStep): void {
    const from = this.#image(step.input);
    if (step.kind === 'regionMap') {
      const { region, output } = step;
      const points = [region.left, region.right, ...region.subset];
      if (from.height * from.width !== 1 || 3 * Math.max(...points) + 2 >= from.channels)
        throw new UnsupportedGraph('another mesh');
      const to = this.#place(output, 1, 1, MAP_LENGTH);
      this.#program.script((memory) => regionMap(memory, from.at / 4, to.at / 4, region));
      return;
    }
    const map = this.#image(step.map).at / 4;
    if (step.kind === 'regionPoints') {
      if (from.height * from.width !== 1 || from.channels % 2) throw new UnsupportedGraph('other points');
      const to = this.#place(step.output, 1, 1, from.channels);
      const count = from.channels / 2;
      this.#program.script((memory) => placePoints(memory, from.at / 4, map, to.at / 4, count, step.unit));
      return;
    }
    if (Math.min(from.height, from.width) < 2) throw new UnsupportedGraph('a region of too small an image');
    const to = this.#place(step.output, step.size, step.size, from.channels);
    const stride = roundUp(from.channels, LANES);
    this.#program.script((memory) => sampleRegion(memory, from, map, to, stride));
  }

  #concat(step: Step & { kind: 'concat' }): void {
    const parts = step.inputs.map((name) => this.#image(name));
    const { height, width } = parts[0]!;
    const fits = (part: PlacedImage): boolean => part.height === height && part.width === width;
    if (!parts.every((part) => fits(part) && part.channels % LANES === 0))
      throw new UnsupportedGraph('another concatenation');
    const channels = parts.reduce((sum, part) => sum + part.channels, 0);
    const to = this.#place(step.output, height, width, channels);
    const pixels = height * width;
    this.#step(pixels, MOVE_WORK * pixels * channels, (first, end) => {
      let at = to.at + 4 * first * channels;
      return parts.map((part) => {
        const call = [
          CALLS.place,
          part.at + 4 * first * part.channels,
          at,
          end - first,
          part.channels,
          channels,
        ];
        at += 4 * part.channels;
        return call;
      });
    });
  }
}
