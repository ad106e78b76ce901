import { signal, type Signal } from '@preact/signals';
import type { Box, Detection } from 'nearface';
import type { NamedPhoto } from '../model/samples.ts';
import type { PhotoState } from './photo-analysis.ts';

/** One photo on the page. */
export interface PhotoItem {
  readonly key: number;
  readonly name: string;
  readonly blob: Blob;
  /** Whether it ships with the page. */
  readonly isSample: boolean;
  /** Object URL of `blob`; revoked when the photo is closed. */
  readonly url: string;
  readonly state: Signal<PhotoState>;
  /** Whether it waits to be looked at, for the first time or again. */
  readonly busy: Signal<boolean>;
  /** Where faces are looked for, in pixels of the photo before quarter turns; all of it if undefined. */
  readonly area: Signal<Box | undefined>;
}

/** A photo that waits to be looked at. */
export function newItem(key: number, { name, blob, isSample = false }: NamedPhoto): PhotoItem {
  return {
    key,
    name,
    blob,
    isSample,
    url: URL.createObjectURL(blob),
    state: signal<PhotoState>({ kind: 'waiting' }),
    busy: signal(true),
    area: signal<Box | undefined>(undefined),
  };
}

/** Width and height of a photo before the answer's quarter turns. */
export function unturnedSize({ width, height, rotation }: Detection): { width: number; height: number } {
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}
