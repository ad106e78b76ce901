import { ATTRIBUTE_GROUPS, type AttributeGroup } from '../core/attributes.ts';
import { NearFaceError } from '../core/errors.ts';
import type { Detection, ImageInput } from '../core/types.ts';
import { isUndecoded } from '../core/undecoded.ts';
import { decodeInPage } from '../image/decode-in-page.ts';
import { toWireImage } from '../image/input.ts';
import type { Analysis, AnalysisRequest } from '../core/analysis.ts';
import type { EmbedOptions, FindOptions } from './options.ts';
import type { Session } from './session.ts';

/** A request but for the images' names. */
export type Request = Omit<AnalysisRequest, 'names'>;

type Find = Required<Pick<FindOptions, 'mode' | 'minScore' | 'minFaceSize' | 'maxFaces' | 'autoRotate'>> &
  Pick<FindOptions, 'area'>;

/** The request that resolved options ask for; details that are not named are not computed. */
export function requestFor(
  options: Find & Pick<EmbedOptions, 'faces' | 'boxes' | 'returnDetails'>,
  rest: Partial<Pick<AnalysisRequest, 'required' | 'enrol'>> & { readonly embedding?: boolean } = {},
): Request {
  return {
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
  };
}

/** The details asked for; what is not named is not computed. */
export function detailsFor(
  details: EmbedOptions['returnDetails'],
  embedding: boolean = false,
): AnalysisRequest['details'] {
  const { angle = false, landmarks = false, mesh = false, crop = false } = details ?? {};
  const { quality = false, attributes = false } = details ?? {};
  return { angle, landmarks, mesh, crop, quality, attributes: groupsOf(attributes), embedding };
}

function groupsOf(attributes: boolean | readonly AttributeGroup[]): readonly AttributeGroup[] {
  if (typeof attributes !== 'boolean') return attributes;
  return attributes ? ATTRIBUTE_GROUPS : [];
}

/**
 * Hands images to the vision worker and answers their analyses, in order. What the worker's decoders refuse is decoded in
 * the page, and the images are sent once more.
 */
export async function analyse(
  session: Session,
  images: readonly { readonly image: ImageInput; readonly param: string }[],
  request: Request,
  signal: AbortSignal | undefined,
): Promise<readonly Analysis[]> {
  session.throwIfDisposed();
  const names = images.map(({ param }) => param);
  const inPage = new Set<number>();
  for (;;) {
    const wires = await Promise.all(
      images.map(async ({ image, param }, i) => {
        const wire = await toWireImage(image, param, signal);
        if (wire.image.kind !== 'encoded' || !inPage.has(i)) return wire;
        return (await decodeInPage(wire.image.blob, session.decode, param, signal)) ?? wire;
      }),
    );
    try {
      return (await session.analyse(wires, { ...request, names }, signal)).analyses;
    } catch (error) {
      const index = isUndecoded(error) ? Number(error.details['index']) : -1;
      if (index < 0 || inPage.has(index)) throw error;
      inPage.add(index);
    }
  }
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
export function toDetection({ width, height, rotation, faces }: Analysis): Detection {
  return { width, height, rotation, faces };
}
