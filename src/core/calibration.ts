import { badParam } from './errors.ts';
import type { Calibration, CalibrationPoint, ReliabilityCalibration } from './manifest.ts';

/** Most knots of a reliability calibration: its tables are handed about with every search. */
const MAX_KNOTS = 64;

/** A calibration that can be used; other fields stay as they are. @throws NearFaceError `BAD_PARAM` naming the field */
export function checkCalibration(value: unknown, path: string): Calibration {
  if (!isObject(value) || !Array.isArray(value['points']))
    throw badParam(path, value, 'a calibration { points, measuredOn, impostorPairs }');
  checkPoints(value['points'], `${path}.points`);
  if (value['byReliability'] !== undefined)
    checkByReliability(value['byReliability'], `${path}.byReliability`);
  return value as unknown as Calibration;
}

function checkPoints(points: readonly unknown[], path: string): void {
  points.forEach((point, i) => {
    const isPoint = isObject(point) && isFinite(point['fmr']) && isFinite(point['cosine']);
    if (!isPoint) throw badParam(`${path}[${i}]`, point, 'a point { fmr, cosine }');
  });
  const measured = points as readonly CalibrationPoint[];
  const has = (fmr: number): boolean =>
    measured.some((point) => Math.abs(Math.log10(point.fmr) - Math.log10(fmr)) < 1e-9);
  const isOrdered = measured.every(({ fmr, cosine }, i) => {
    const before = measured[i - 1];
    const isInRange = cosine > -1 && cosine < 1 && fmr < 1 && fmr > 1e-8;
    return isInRange && (!before || (cosine > before.cosine && fmr < before.fmr));
  });
  if (has(1e-1) && has(1e-3) && has(1e-5) && isOrdered) return;
  throw badParam(
    path,
    points,
    'points by falling fmr and rising cosine, with 1e-1, 1e-3 and 1e-5 among them',
  );
}

function checkByReliability(value: unknown, path: string): asserts value is ReliabilityCalibration {
  if (!isObject(value)) throw badParam(path, value, '{ assumed, knots, shift, scale }');
  const { assumed, knots, shift, scale } = value;
  if (!isFinite(assumed) || assumed < 0 || assumed > 1)
    throw badParam(`${path}.assumed`, assumed, 'a reliability from 0 to 1');
  checkKnots(knots, `${path}.knots`);
  checkMatrix(shift, knots.length, `${path}.shift`);
  checkMatrix(scale, knots.length, `${path}.scale`);
  scale.forEach((row, i) =>
    row.forEach((entry, j) => {
      if (!(entry > 0)) throw badParam(`${path}.scale[${i}][${j}]`, entry, 'a number above 0');
    }),
  );
}

function checkKnots(value: unknown, path: string): asserts value is readonly number[] {
  const knots: readonly unknown[] = Array.isArray(value) ? value : [];
  const isRising = knots.every((knot, i) => {
    const before = knots[i - 1];
    return isFinite(knot) && (typeof before !== 'number' || knot > before);
  });
  const isWhole = knots.length >= 2 && knots.length <= MAX_KNOTS && knots[0] === 0 && knots.at(-1) === 1;
  if (!isWhole || !isRising)
    throw badParam(path, value, `2 to ${MAX_KNOTS} rising reliabilities from 0 to 1`);
}

function checkMatrix(
  value: unknown,
  size: number,
  path: string,
): asserts value is readonly (readonly number[])[] {
  const expected = `${size} rows of ${size} numbers, the same above and below the diagonal`;
  const rows: readonly unknown[] = Array.isArray(value) ? value : [];
  if (rows.length !== size) throw badParam(path, value, expected);
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== size) throw badParam(`${path}[${i}]`, row, expected);
  });
  const table = rows as readonly (readonly unknown[])[];
  table.forEach((row, i) =>
    row.forEach((entry, j) => {
      const isSound = isFinite(entry) && table[j]?.[i] === entry;
      if (!isSound) throw badParam(`${path}[${i}][${j}]`, entry, expected);
    }),
  );
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
