import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import type { Box } from '../core/types.ts';
import { blendedNms, greedyNms, type Candidate } from '../geometry/nms.ts';
import { applyAffine, mapBox, type Affine } from '../geometry/similarity.ts';
import { letterbox } from '../image/letterbox.ts';
import type { Pyramid } from '../image/pyramid.ts';
import { blazeFaceAnchors, decodeBlazeFace } from './blazeface.ts';
import { decodeRfb, rfbPriors } from './rfb.ts';
import { runCrops } from './run-crops.ts';

/** Overlap from which two boxes of one pass are the same face. */
const MAX_IOU = 0.3;

/** The most faces of one region, so that noise costs no more than a crowd. */
const MAX_FACES = 1024;

/** A part of an image in which to look for faces. */
export interface Region {
  readonly image: Pyramid;
  /** In pixels of the image. */
  readonly box: Box;
}

/** Finds faces in regions of images. */
export interface Detector {
  /** Whether candidates carry BlazeFace's six points. */
  readonly hasPoints: boolean;
  /** The network's own input size in pixels. */
  readonly size: readonly [width: number, height: number];
  /** Whether it runs at input sizes other than its own. */
  readonly anySize: boolean;
  /**
   * Looks at each region, letterboxed into the input, in batches. Candidates come in pixels of the image, after NMS
   * within their region, in the regions' order.
   */
  find(regions: readonly Region[], options: FindInRegions): Promise<Candidate[][]>;
}

/** How {@link Detector.find} looks. */
export interface FindInRegions {
  readonly minScore: number;
  /** Input size in multiples of 32, for a network of `anySize`; its own by default. */
  readonly size?: readonly [width: number, height: number];
  readonly signal?: AbortSignal | undefined;
}

/** Reads one region's outputs: boxes and points in pixels of the network's input. */
type Decode = (outputs: readonly Float32Array[]) => Candidate[];

/** A detector on `model`, read as its manifest entry says. */
export function createDetector(model: LazyModel): Detector {
  const { entry } = model;
  const decoderOf = decodersFor(entry);
  return {
    hasPoints: entry.decoder !== 'rfb',
    size: entry.input.size,
    anySize: entry.decoder === 'rfb',
    find(regions, { minScore, size = entry.input.size, signal }) {
      const decode = decoderOf(size, minScore);
      const crops = regions.map(({ image, box }) => ({ image, toImage: letterbox(box, size[0], size[1]) }));
      const read = (
        outputs: readonly Float32Array[],
        { toImage }: { readonly toImage: Affine },
      ): Candidate[] => decode(outputs).map((candidate) => inImage(candidate, toImage));
      return runCrops(model, crops, read, { size, outside: entry.input.mean, signal });
    },
  };
}

/** How outputs of an input of `size` are read; priors of the size last asked for are kept. */
function decodersFor(entry: ModelEntry): (size: readonly [number, number], minScore: number) => Decode {
  if (entry.decoder === 'rfb') {
    let last: { readonly size: string; readonly priors: Float32Array } | undefined;
    return ([width, height], minScore) => {
      const size = `${width}×${height}`;
      if (last?.size !== size) last = { size, priors: rfbPriors(width, height) };
      const { priors } = last;
      return ([locations, scores]) =>
        greedyNms(decodeRfb(scores!, locations!, width, height, minScore, priors), MAX_IOU, MAX_FACES);
    };
  }
  if (entry.decoder === 'blazeface-short' || entry.decoder === 'blazeface-full') {
    const anchors = blazeFaceAnchors(entry.decoder === 'blazeface-short' ? 'short' : 'full');
    return ([width], minScore) =>
      ([boxes, scores]) =>
        blendedNms(decodeBlazeFace(boxes!, scores!, anchors, width, minScore), MAX_IOU);
  }
  const text = `The model ${entry.id} has the decoder '${String(entry.decoder)}', which this version does not know`;
  throw new NearFaceError('MODEL_LOAD_FAILED', text, { param: 'decoder', value: entry.decoder });
}

function inImage({ box, score, points }: Candidate, toImage: Affine): Candidate {
  return { box: mapBox(toImage, box), score, points: points.map((point) => applyAffine(toImage, point)) };
}
