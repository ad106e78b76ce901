import type SharpModule from 'sharp';
import { NearFaceError } from '../../core/errors.ts';

/** The package that decodes and encodes pictures. */
export type Sharp = typeof SharpModule;

/** Not written out where it is imported: bundlers of a server would look for it, installed or not. */
const PACKAGE = ['sharp'].join();

/** Loads it when the first picture comes. @throws NearFaceError `BACKEND_UNAVAILABLE` where it is not installed, or does not run here */
export async function loadSharp(): Promise<Sharp> {
  try {
    const module: unknown = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ PACKAGE
    );
    return (module as { readonly default: Sharp }).default;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const text =
      `In Node pictures are decoded and encoded by the package sharp, which could not be loaded (${why}); install it: npm install ` +
      'sharp. Pixels { width, height, data } are analysed without it';
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { package: 'sharp' }, error);
  }
}
