import { ATTRIBUTE_GROUPS, type AttributeGroup } from '../core/attributes.ts';
import { NearFaceError } from '../core/errors.ts';
import type { Detection } from '../core/types.ts';
import type { ImageInput } from './image-input.ts';
import { isUndecoded } from '../core/undecoded.ts';
import { closeWire, type WireInput } from '../core/wire-image.ts';
import type { Analysis, AnalysisRequest } from '../core/analysis.ts';
import type { Host } from '../platform/port.ts';
import type { EmbedOptions, FindOptions } from './options.ts';
import type { Session } from './session.ts';

/** A request but for the images' names. */
export type Request = Omit<AnalysisRequest, 'names'>;

type Find = Required<Pick<FindOptions, 'mode' | 'minScore' | 'minFaceSize' | 'maxFaces' | 'autoRotate'>> &
  Pick<FindOptions, 'input' | 'area'>;

/** The request that resolved options ask for; details that are not named are not computed. */
export function requestFor(
  options: Find & Pick<EmbedOptions, 'faces' | 'boxes' | 'returnDetails'>,
  rest: Partial<Pick<AnalysisRequest, 'required' | 'enrol'>> & { readonly embedding?: boolean } = {},
): Request {
  const { crop = false } = options.returnDetails ?? {};
  return {
    input: options.input ?? 'photo',
    mode: options.mode,
    minScore: options.minScore,
    minFaceSize: options.minFaceSize,
    maxFaces: options.maxFaces,
    area: options.area ?? null,
    autoRotate: options.autoRotate,
    faces: options.boxes ? { boxes: options.boxes } : (options.faces ?? 'all'),
    required: rest.required ?? false,
    enrol: rest.enrol ?? null,
    details: detailsFor(options.returnDetails, rest.embedding),
    cropType: typeof crop === 'object' ? crop.type : null,
  };
}

/** The details asked for; what is not named is not computed. */
export function detailsFor(
  details: EmbedOptions['returnDetails'],
  embedding: boolean = false,
): AnalysisRequest['details'] {
  const { angle = false, landmarks = false, mesh = false, crop = false } = details ?? {};
  const { quality = false, attributes = false, liveness = false } = details ?? {};
  return {
    angle,
    landmarks,
    mesh,
    crop: crop !== false,
    quality,
    attributes: groupsOf(attributes),
    liveness,
    embedding,
  };
}

/** The groups that were asked for. */
export function groupsOf(attributes: boolean | readonly AttributeGroup[]): readonly AttributeGroup[] {
  if (typeof attributes !== 'boolean') return attributes;
  return attributes ? ATTRIBUTE_GROUPS : [];
}

/** An image that a call was given, and what the caller calls it. */
interface NamedImage {
  readonly image: ImageInput;
  readonly param: string;
}

/**
 * Hands images to the vision worker and answers their analyses, in order. What the worker's decoders refuse is decoded in
 * the page and sent once more with the others, each as it was at the call: what was given is read once.
 */
export async function analyse(
  session: Session,
  images: readonly NamedImage[],
  request: Request,
  signal: AbortSignal | undefined,
): Promise<readonly Analysis[]> {
  session.throwIfDisposed();
  const names = images.map(({ param }) => param);
  const wires = await readAll(session.host, images, signal);
  try {
    for (;;) {
      try {
        return (await session.analyse(maySendAgain(wires), { ...request, names }, signal)).analyses;
      } catch (error) {
        const index = isUndecoded(error) ? Number(error.details['index']) : -1;
        const refused = wires[index]?.image;
        if (refused?.kind !== 'encoded') throw error;
        const name = names[index] ?? 'image';
        const refusal = error as NearFaceError;
        const { host, decode: hook } = session;
        const file = refused.blob;
        const decoded = await host.decodeRefused({ file, hook, param: name, refusal }, signal);
        if (!decoded) throw error;
        wires[index] = decoded;
      }
    }
  } finally {
    for (const { image } of wires) closeWire(image);
  }
}

async function readAll(
  host: Host,
  images: readonly NamedImage[],
  signal: AbortSignal | undefined,
): Promise<WireInput[]> {
  const reading = images.map(({ image, param }) => host.readImage(image, param, signal));
  try {
    return await Promise.all(reading);
  } catch (error) {
    for (const wire of reading)
      wire.then(
        ({ image }) => closeWire(image),
        () => undefined,
      );
    throw error;
  }
}

/** The images, none of them transferred where another may be refused: the worker gets copies of their pixels then. */
function maySendAgain(wires: readonly WireInput[]): readonly WireInput[] {
  const mayBeRefused = wires.some(({ image }) => image.kind === 'encoded');
  return mayBeRefused ? wires.map(({ image }) => ({ image, transfer: [] })) : wires;
}

/** The analysis of one image. */
export async function analyseOne(
  session: Session,
  image: ImageInput,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<Analysis> {
  const [analysis] = await analyse(session, [{ image, param: 'image' }], request, signal);
  if (!analysis) throw new NearFaceError('WORKER_DIED', 'The vision worker gave no answer; repeat the call');
  return analysis;
}

/** The public part of an analysis. */
export function toDetection({ width, height, rotation, orientation, faces }: Analysis): Detection {
  return { width, height, rotation, orientation, faces };
}
