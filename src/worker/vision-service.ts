import { abortedError, NearFaceError } from '../core/errors.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { AnalysisRequest } from '../core/analysis.ts';
import { closeWire, type WireImage } from '../core/wire-image.ts';
import { isUndecoded, undecodedImage } from '../core/undecoded.ts';
import type { ImageDecoder, VisionHost } from '../platform/port.ts';
import { analyse, type AnalysisImage } from '../pipeline/analyse.ts';
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
import { Jobs } from './jobs.ts';
import { ModelSet } from './model-set.ts';

/** The vision worker's side of the contract: models and pipeline, one analysis at a time. */
export class VisionService implements VisionApi {
  readonly #jobs = new Jobs();
  readonly #queue = new SerialQueue();
  readonly #stopwatch = new Stopwatch();
  readonly #host: VisionHost;
  readonly #decoder: ImageDecoder;
  #set: ModelSet | undefined;

  constructor(host: VisionHost) {
    this.#host = host;
    this.#decoder = host.createDecoder();
  }

  open(job: number, config: VisionConfig, report: ReportProgress): Promise<WireResult<VisionInfo>> {
    return this.#jobs.answer(job, async (signal) => {
      this.#set = await ModelSet.open(this.#host, config, report, signal, (load) =>
        this.#stopwatch.exclude(load),
      );
      return this.#set.info;
    });
  }

  analyse(
    job: number,
    images: readonly WireImage[],
    request: AnalysisRequest,
  ): Promise<WireResult<AnalysisBatch>> {
    return this.#jobs.answer(job, async (signal) => {
      try {
        return await this.#queue.run(() => this.#analyse(images, request, signal), signal);
      } finally {
        // Closing twice does nothing: those that no analysis reached are freed.
        for (const image of images) closeWire(image);
      }
    });
  }

  abort(job: number): void {
    this.#jobs.abort(job);
  }

  async #analyse(
    images: readonly WireImage[],
    request: AnalysisRequest,
    signal: AbortSignal,
  ): Promise<AnalysisBatch> {
    const set = this.#set;
    if (!set) throw new NearFaceError('DISPOSED', 'The vision worker is not open');
    const watch = this.#stopwatch;
    try {
      const analyses = await watch.measure('total', async () => {
        const decoded = await watch.measure('decode', () =>
          decodeAll(images, request, this.#decoder, signal),
        );
        const tools = { stopwatch: watch, encode: this.#host.encodeJpeg };
        return analyse(set.models, decoded, request, tools, signal);
      });
      if (signal.aborted) throw abortedError();
      watch.finish(true);
      return { analyses, timings: watch.timings, models: set.loaded };
    } catch (error) {
      watch.finish(false);
      throw error;
    } finally {
      this.#decoder.release();
    }
  }
}

async function decodeAll(
  images: readonly WireImage[],
  request: AnalysisRequest,
  decoder: ImageDecoder,
  signal: AbortSignal,
): Promise<AnalysisImage[]> {
  const { names } = request;
  const decoded: AnalysisImage[] = [];
  for (const [i, image] of images.entries()) {
    try {
      const pixels = await decoder.decode(image, signal, workingPixels(request));
      const file = fileOf(image);
      decoded.push(file ? { decoded: pixels, file } : { decoded: pixels });
    } catch (error) {
      if (isUndecoded(error)) throw undecodedImage(error, i);
      throw NearFaceError.from(error, 'IMAGE_DECODING_FAILED', `${names[i] ?? 'image'} could not be decoded`);
    }
  }
  return decoded;
}

function fileOf(image: WireImage): Blob | undefined {
  if (image.kind === 'encoded') return image.blob;
  return image.kind === 'frame' ? undefined : image.file;
}
