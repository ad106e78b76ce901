import type { Detection, Face, Match, NearFace, Timings } from 'nearface';
import { detailsOf, findOptions, type PhotoCall } from '../model/call-text.ts';
import { probesOf } from '../model/probes.ts';
import { toThreshold } from '../model/thresholds.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

/** Who a face may be. */
export interface Names {
  /** The best stored face at or above the threshold. */
  readonly name?: Match;
  /** The stored faces most like it, whatever the threshold. */
  readonly nearest: readonly Match[];
}

/** What was found in a photo, and by which call. */
export interface PhotoAnswer {
  readonly kind: 'done';
  readonly call: PhotoCall;
  readonly detection: Detection;
  /** One entry per face. */
  readonly names: readonly Names[];
  /** Milliseconds from the call to its answer, decoding and the way to the worker included. */
  readonly ms: number;
  /** Medians over the last pictures that were looked at, this one among them. */
  readonly timings: Timings;
  /** Object URL of the picture as the answer turned it; its owner revokes it. Absent if it was not turned. */
  readonly turnedUrl?: string;
}

export type PhotoState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly error: unknown; readonly call: PhotoCall }
  | PhotoAnswer;

/** Finds and measures the faces of a photo; a failure is an answer too. */
export async function analyse(
  engine: Engine,
  blob: Blob,
  call: PhotoCall,
  lookUp: (faces: readonly Face[]) => Promise<readonly Names[]>,
): Promise<PhotoState> {
  try {
    const nf: NearFace = await engine.ready();
    const start = performance.now();
    const detection = await nf.embed(blob, { ...findOptions(call), returnDetails: detailsOf(call) });
    const ms = performance.now() - start;
    const timings = nf.info.timings;
    const names = await lookUp(detection.faces);
    const turnedUrl = detection.rotation === 0 ? undefined : await turned(blob, detection);
    return { kind: 'done', call, detection, ms, timings, names, ...(turnedUrl && { turnedUrl }) };
  } catch (error) {
    return { kind: 'failed', error, call };
  }
}

/** Looks the faces up in the gallery in use. */
export async function findNames(
  library: Library,
  settings: Settings,
  faces: readonly Face[],
): Promise<readonly Names[]> {
  const probes = probesOf(faces);
  if (!probes || probes.length === 0) return faces.map(() => ({ nearest: [] }));
  const gallery = await library.gallery();
  const threshold = toThreshold(settings.threshold.value);
  const [named, nearest] = await Promise.all([
    gallery.search(probes, { limit: 1, threshold }),
    gallery.search(probes, { limit: 3, threshold: 'none' }),
  ]);
  return faces.map((_, i) => {
    const name = named[i]?.[0];
    return { nearest: nearest[i] ?? [], ...(name && { name }) };
  });
}

/** The photo after the answer's quarter turns, as an object URL. */
async function turned(blob: Blob, { width, height, rotation }: Detection): Promise<string> {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.translate(width / 2, height / 2);
  context.rotate((rotation * Math.PI) / 180);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  bitmap.close();
  return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 }));
}
