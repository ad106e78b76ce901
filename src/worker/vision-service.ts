import { transfer } from 'comlink';
import { abortedError, NearFaceError } from '../core/errors.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { AnalysisRequest } from '../core/analysis.ts';
import type {
  FrameDetails,
  FrameFace,
  FrameLook,
  MeasuredFace,
  TakeFrame,
  TakenFrame,
} from '../core/frames.ts';
import type { ReportFormat, ReportInput } from '../core/report.ts';
import { closeWire, type WireImage } from '../core/wire-image.ts';
import { ofImage } from '../core/undecoded.ts';
import type { ImageDecoder, LeasedImage, VisionHost } from '../platform/port.ts';
import { analyse, type AnalysisImage } from '../pipeline/analyse.ts';
import type { Models } from '../pipeline/models.ts';
import { workingPixels } from '../pipeline/working-pixels.ts';
import { Stopwatch } from '../pipeline/stopwatch.ts';
import type {
  AnalysisBatch,
  ReportProgress,
  VisionApi,
  VisionConfig,
  VisionInfo,
  WireResult,
} from './contract.ts';
import { RunningCalls } from './calls.ts';
import { HeldFrames } from '../pipeline/held-frames.ts';
import { writeReport } from '../video/report/write-report.ts';
import { ModelSet } from './model-set.ts';

/** What there is once the models are. */
interface Opened {
  readonly set: ModelSet;
  readonly decoder: ImageDecoder;
  readonly frames: HeldFrames;
}

/** The vision worker's side of the contract: models and pipeline, one analysis at a time. */
export class VisionService implements VisionApi {
  readonly #calls = new RunningCalls();
  readonly #queue = new SerialQueue();
  readonly #stopwatch = new Stopwatch();
  readonly #host: VisionHost;
  #open: Opened | undefined;

  constructor(host: VisionHost) {
    this.#host = host;
  }

  open(callId: number, config: VisionConfig, report: ReportProgress): Promise<WireResult<VisionInfo>> {
    return this.#calls.answer(callId, async (signal) => {
      const set = await ModelSet.open(this.#host, config, report, signal, (load) =>
        this.#stopwatch.exclude(load),
      );
      const decoder = this.#host.createDecoder(set.pixels);
      // Frames are not timed: `nf.info.timings` are those of pictures.
      const { encodeJpeg: encode, encodePng } = this.#host;
      this.#open = { set, decoder, frames: new HeldFrames({ decoder, encode, encodePng }) };
      return set.info;
    });
  }

  analyse(
    callId: number,
    images: readonly WireImage[],
    request: AnalysisRequest,
  ): Promise<WireResult<AnalysisBatch>> {
    return this.#calls.answer(callId, async (signal) => {
      try {
        return await this.#queue.run(() => this.#analyse(images, request, signal), signal);
      } finally {
        // Closing twice does nothing: those that no analysis reached are freed.
        for (const image of images) closeWire(image);
      }
    });
  }

  async takeFrame(callId: number, image: WireImage, how: TakeFrame): Promise<WireResult<TakenFrame>> {
    const taken = await this.#calls.answer(callId, async (signal) => {
      try {
        return await this.#queue.run(
          () => this.#opened.frames.take(image, how, signal),
          signal,
          how.newestOf,
        );
      } finally {
        closeWire(image);
      }
    });
    const grey = taken.ok && taken.value.grey;
    return grey ? transfer(taken, [grey.data.buffer]) : taken;
  }

  findInFrame(callId: number, frame: string, look: FrameLook): Promise<WireResult<readonly FrameFace[]>> {
    return this.#inTurn(callId, (signal) => this.#opened.frames.find(this.#models, frame, look, signal));
  }

  measureInFrame(
    callId: number,
    frame: string,
    faces: readonly FrameFace[],
    wanted: FrameDetails,
  ): Promise<WireResult<readonly MeasuredFace[]>> {
    return this.#inTurn(callId, (signal) =>
      this.#opened.frames.measure(this.#models, frame, faces, wanted, signal),
    );
  }

  giveBackFrame(frame: string): void {
    this.#open?.frames.giveBack(frame);
  }

  writeReport(callId: number, format: ReportFormat, input: ReportInput): Promise<WireResult<Blob>> {
    return this.#calls.answer(callId, () => writeReport(format, input));
  }

  abort(callId: number): void {
    this.#calls.abort(callId);
  }

  /** Answers a call when those before it are done. */
  #inTurn<T>(callId: number, run: (signal: AbortSignal) => Promise<T>): Promise<WireResult<T>> {
    return this.#calls.answer(callId, (signal) => this.#queue.run(() => run(signal), signal));
  }

  get #opened(): Opened {
    if (!this.#open) throw new NearFaceError('DISPOSED', 'The vision worker is not open');
    return this.#open;
  }

  get #models(): Models {
    return this.#opened.set.models;
  }

  async #analyse(
    images: readonly WireImage[],
    request: AnalysisRequest,
    signal: AbortSignal,
  ): Promise<AnalysisBatch> {
    const { set, decoder } = this.#opened;
    const watch = this.#stopwatch;
    const leases: LeasedImage[] = [];
    try {
      const analyses = await watch.measure('total', async () => {
        const decode = (): Promise<AnalysisImage[]> => decodeAll(images, request, decoder, leases, signal);
        const decoded = await watch.measure('decode', decode);
        const { encodeJpeg, encodePng } = this.#host;
        const tools = { stopwatch: watch, encodeJpeg, encodePng };
        return analyse(set.models, decoded, request, tools, signal);
      });
      if (signal.aborted) throw abortedError();
      watch.finish(true);
      const { loaded, threads } = set;
      return { analyses, timings: watch.timings, models: loaded, threads };
    } catch (error) {
      watch.finish(false);
      throw error;
    } finally {
      for (const lease of leases) lease.giveBack();
    }
  }
}

/** Decodes images in their order; what has to be given back of those decoded is in `leases`, also if a later one fails. */
async function decodeAll(
  images: readonly WireImage[],
  request: AnalysisRequest,
  decoder: ImageDecoder,
  leases: LeasedImage[],
  signal: AbortSignal,
): Promise<AnalysisImage[]> {
  const { names } = request;
  const decoded: AnalysisImage[] = [];
  for (const [i, image] of images.entries()) {
    try {
      const lease = await decoder.decode(image, signal, workingPixels(request));
      leases.push(lease);
      const file = fileOf(image);
      decoded.push({ decoded: lease.image, ...(file && { file }) });
    } catch (error) {
      const name = names[i] ?? 'image';
      const known = NearFaceError.from(error, 'IMAGE_DECODING_FAILED', `${name} could not be decoded`);
      throw known.code.startsWith('IMAGE_') ? ofImage(known, i, name) : known;
    }
  }
  return decoded;
}

function fileOf(image: WireImage): Blob | undefined {
  if (image.kind === 'encoded') return image.blob;
  return image.kind === 'frame' ? undefined : image.file;
}
