import { badParam } from '../../core/errors.ts';

/** A getter of each kind that reads what only the object itself has, so that it throws for a proxy. */
const OWN_GETTERS: Readonly<Record<string, string>> = {
  Blob: 'size',
  File: 'size',
  ArrayBuffer: 'byteLength',
  URL: 'href',
  ImageData: 'width',
  ImageBitmap: 'width',
  HTMLImageElement: 'naturalWidth',
  HTMLCanvasElement: 'width',
  OffscreenCanvas: 'width',
  HTMLVideoElement: 'videoWidth',
  VideoFrame: 'codedWidth',
};

/** What a reactive proxy of Vue stands for; anything else is given back as it is. */
export function unproxied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return (value as { __v_raw?: unknown }).__v_raw ?? value;
}

/**
 * Refuses a proxy around an object of the browser, which neither can be read nor sent to a worker. `tag` is the object's
 * kind. @throws NearFaceError `BAD_PARAM`
 */
export function refuseProxy(value: unknown, tag: string, param: string): void {
  const getter = OWN_GETTERS[tag];
  if (getter === undefined) return;
  try {
    void (value as Record<string, unknown>)[getter];
  } catch {
    const remedy =
      'reactive frameworks make such: pass the raw object (in Vue toRaw(it)), or keep it out of reactive state (markRaw, ' +
      'shallowRef)';
    throw badParam(param, `a proxy around a ${tag}`, `the ${tag} itself, not a proxy around it; ${remedy}`);
  }
}
