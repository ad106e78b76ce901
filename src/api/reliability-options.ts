import { badParam } from '../core/errors.ts';
import type { CommonDirections, ReliabilityFit } from '../core/manifest.ts';
import { arrayOf, number, resolveOptions, type Check } from '../core/options.ts';

/** Most directions and hidden units: each costs as much as a row of the network, for every face. */
const MAX_DIRECTIONS = 256;
const MAX_UNITS = 1024;
/** Inputs of the network beside the shares along the common directions; see {@link ReliabilityFit}. */
const MEASUREMENTS = 8;
/** How far lengths may be from 1, and products from 0: a manifest's numbers are rounded. */
const TOLERANCE = 1e-3;

const weight = number(-1e6, 1e6);
const above0 = number(Number.MIN_VALUE, 1e6);

/** Directions for embeddings of `dimension` numbers. @throws NearFaceError `BAD_PARAM` naming the field */
export function commonDirections(dimension: number): Check<CommonDirections> {
  return (value, path) => {
    const fields = { limit: number(0, 1), directions: rows(MAX_DIRECTIONS, dimension) };
    const common = resolveOptions<CommonDirections, object>(value, path, fields, {});
    needAll(common, ['limit', 'directions'], path);
    checkOrthonormal(common.directions, `${path}.directions`);
    return common;
  };
}

/** A network that sees the shares along `directions` common directions. @throws NearFaceError `BAD_PARAM` naming the field */
export function reliabilityFit(directions: number): Check<ReliabilityFit> {
  return (value, path) => {
    const fields = {
      weights: rows(MAX_UNITS, MEASUREMENTS + directions),
      bias: arrayOf(weight, MAX_UNITS),
      out: arrayOf(weight, MAX_UNITS),
      outBias: weight,
      flawless: number(-1, 1),
      useless: number(-1, 1),
      fewPixels: above0,
      fewestPixels: above0,
      crowd: number(0, 2),
    };
    const fit = resolveOptions<ReliabilityFit, object>(value, path, fields, {});
    needAll(fit, Object.keys(fields) as (keyof typeof fields)[], path);
    const units = fit.weights.length;
    for (const key of ['bias', 'out'] as const) {
      if (fit[key].length !== units)
        throw badParam(`${path}.${key}`, fit[key], `an array of ${units}: a number for each row of weights`);
    }
    if (fit.useless <= fit.flawless) throw badParam(`${path}.useless`, fit.useless, 'above flawless');
    if (fit.fewPixels <= fit.fewestPixels)
      throw badParam(`${path}.fewPixels`, fit.fewPixels, 'above fewestPixels');
    return fit;
  };
}

function rows(most: number, columns: number): Check<readonly (readonly number[])[]> {
  const row: Check<readonly number[]> = (value, path) => {
    if (!Array.isArray(value) || value.length !== columns)
      throw badParam(path, value, `an array of ${columns} numbers`);
    return arrayOf(weight)(value, path);
  };
  return (value, path) => {
    if (!Array.isArray(value) || value.length === 0)
      throw badParam(path, value, `an array of 1 to ${most} rows`);
    return arrayOf(row, most)(value, path);
  };
}

function checkOrthonormal(directions: readonly (readonly number[])[], path: string): void {
  directions.forEach((direction, i) => {
    const at = `${path}[${i}]`;
    if (Math.abs(Math.hypot(...direction) - 1) > TOLERANCE) throw badParam(at, direction, 'of unit length');
    const slanted = directions.findIndex(
      (other, j) => j < i && Math.abs(direction.reduce((sum, x, k) => sum + x * other[k]!, 0)) > TOLERANCE,
    );
    if (slanted >= 0) throw badParam(at, direction, `at right angles to ${path}[${slanted}]`);
  });
}

function needAll<T extends object>(given: T, keys: readonly (keyof T & string)[], path: string): void {
  const missing = keys.find((key) => given[key] === undefined);
  if (missing !== undefined) throw badParam(`${path}.${missing}`, undefined, 'given');
}
