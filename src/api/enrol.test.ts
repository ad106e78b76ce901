import { describe, expect, it } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import { LENIENT } from '../core/quality-gate.ts';
import type { Quality } from '../core/quality.ts';
import type { FaceRecord } from '../core/records.ts';
import type { Face } from '../core/types.ts';
import type { AddReport, RejectedFace } from './enrol-outcome.ts';
import { addMany } from './enrol.ts';
import { sortByQuality } from './min-quality.ts';
import type { AddOptions } from './options.ts';
import { resolveAdd, resolveAddMany } from './resolve-gallery-options.ts';

const angle = { pitch: 0, yaw: 0, roll: 0, centerX: 0, centerY: 0 };
const part = { leftEyeBrow: 1, rightEyeBrow: 1, leftEye: 1, rightEye: 1, nose: 1, mouth: 1, faceContour: 1 };
const shape = { mouthClosed: 1, centered: 1, size: 0.2, integrity: 1, alignment: 1 };
const quality: Quality = { brightness: 0, sharpness: 0.9, ...shape, completeness: { total: 1, ...part } };
const face = (left: number, sharpness: number): Face => ({
  position: { left, top: 0, width: 100, height: 100 },
  score: 1,
  angle,
  reliability: 0.9,
  quality: { ...quality, sharpness },
});

describe('sortByQuality', () => {
  it('lets every face pass without a gate, measured or not', () => {
    const { position, score } = face(0, 0);
    expect(sortByQuality([{ position, score }, face(1, 0)], { minReliability: 0 })).toEqual({
      accepted: [0, 1],
      rejected: [],
    });
  });

  it('says of each face that fails where it is and what fell short', () => {
    const { accepted, rejected } = sortByQuality([face(0, 0.05), face(200, 0.9), face(400, 0.1)], {
      minQuality: LENIENT,
      minReliability: 0.15,
    });
    expect(accepted).toEqual([1]);
    expect(rejected.map(({ position }) => position.left)).toEqual([0, 400]);
    expect(rejected[0]).toMatchObject({ angle, quality: { sharpness: 0.05 } });
    expect(rejected[0]!.shortfalls).toMatchObject([{ item: 'sharpness', value: 0.05, max: 1 }]);
  });

  it('says that a face is too unreliable, whether its quality was measured or not', () => {
    const { quality: _, ...bare } = face(0, 0.9);
    const unsure = { ...bare, reliability: 0.25 };
    expect(sortByQuality([unsure, { ...bare, reliability: 0.5 }], { minReliability: 0.5 })).toEqual({
      accepted: [1],
      rejected: [
        {
          position: bare.position,
          reliability: 0.25,
          angle,
          shortfalls: [{ item: 'reliability', value: 0.25, min: 0.5, max: 1, by: 0.25 }],
        },
      ],
    });
    const both = { ...face(0, 0.05), reliability: 0.25 };
    const { rejected } = sortByQuality([both], { minQuality: LENIENT, minReliability: 0.5 });
    expect(rejected[0]!.shortfalls.map(({ item }) => item)).toEqual(['reliability', 'sharpness']);
  });
});

describe('addMany', () => {
  const record = { id: 'a' } as FaceRecord;
  const { position } = face(0, 0);
  const low: RejectedFace = { position, reliability: 0.1, quality, angle, shortfalls: [] };
  const answers: Record<string, () => AddReport> = {
    good: () => ({ records: [record], rejected: [] }),
    mixed: () => ({ records: [record], rejected: [low] }),
    low: () => ({ records: [], rejected: [low] }),
    none: () => {
      throw new NearFaceError('NO_FACE', 'no face');
    },
    full: () => {
      throw new NearFaceError('GALLERY_FULL', 'full');
    },
  };
  const seen: AddOptions[] = [];
  const add = async (image: unknown, options: AddOptions): Promise<AddReport> => {
    seen.push(options);
    return Promise.resolve(answers[image as string]!());
  };

  it('tells rejected photos from failed ones, and counts both', async () => {
    const options = { minQuality: LENIENT, concurrency: 1 };
    const report = await addMany(add, ['good', 'low', 'none', 'mixed'], options, { atOnce: 3 });
    expect(report).toMatchObject({ processed: 4, added: 2, rejected: 1, failed: 1 });
    expect(report.outcomes.map(({ status }) => status)).toEqual(['added', 'rejected', 'failed', 'added']);
    expect(report.outcomes[1]).toEqual({ index: 1, name: 'low', status: 'rejected', rejected: [low] });
    expect(report.outcomes[3]).toMatchObject({ records: [record], rejected: [low] });
    expect(seen.every(({ minQuality }) => minQuality !== undefined)).toBe(true);
  });

  it('stores in the order of the photos, whichever is looked at first, also past one that fails', async () => {
    const stored: string[] = [];
    const looked: string[] = [];
    const slowly = async (image: unknown, _: AddOptions, turn: Promise<void>): Promise<AddReport> => {
      const [name, ms] = (image as string).split(' ');
      await new Promise((done) => setTimeout(done, Number(ms)));
      looked.push(name!);
      if (name === 'bad') throw new NearFaceError('NO_FACE', 'no face');
      await turn;
      stored.push(name!);
      return { records: [record], rejected: [] };
    };
    const photos = ['a 60', 'b 1', 'bad 20', 'c 1', 'd 40', 'e 1'];
    const report = await addMany(slowly, photos, {}, { atOnce: 3 });
    expect(looked.slice(0, 2)).toEqual(['b', 'bad']);
    expect(stored).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(report).toMatchObject({ processed: 6, added: 5, failed: 1 });
  });

  it('counts what was done before an error that ends it', async () => {
    const ended = addMany(add, ['good', 'low', 'full', 'good'], { concurrency: 1 }, { atOnce: 3 });
    await expect(ended).rejects.toMatchObject({
      code: 'GALLERY_FULL',
      details: { processed: 2, added: 1, rejected: 1, failed: 0 },
    });
  });
});

describe('the options of enrolment', () => {
  it('take an id, or what makes one for each face; several photos at once have none', () => {
    const id = (): string => 'a';
    expect(resolveAdd({ id })).toMatchObject({ id });
    expect(resolveAdd({ id: 'a' })).toMatchObject({ id: 'a' });
    for (const bad of ['', 'a'.repeat(129), 1]) expect(() => resolveAdd({ id: bad })).toThrow(/options\.id/);
    expect(() => resolveAddMany({ id })).toThrow(/options\.id/);
  });

  it('take a gate and details, and name what is wrong with them', () => {
    const options = {
      minQuality: { sharpness: [0.3, 1] },
      minReliability: 0.4,
      returnDetails: { quality: true, attributes: ['mask'] },
    };
    expect(resolveAdd(options)).toMatchObject(options);
    expect(resolveAddMany(options)).toMatchObject(options);
    for (const resolve of [resolveAdd, resolveAddMany]) {
      expect(() => resolve({ minQuality: { sharpnes: [0, 1] } })).toThrow(
        /options\.minQuality\.sharpnes.*did you mean sharpness/,
      );
      expect(() => resolve({ minQuality: { sharpness: [0, 2] } })).toThrow(/options\.minQuality\.sharpness/);
      expect(() => resolve({ minQuality: 0.5 })).toThrow(/options\.minQuality/);
      for (const bad of [-0.1, 1.1, NaN, '0.5', null])
        expect(() => resolve({ minReliability: bad })).toThrow(/options\.minReliability/);
      expect(() => resolve({ returnDetails: { mesh: true } })).toThrow(/options\.returnDetails\.mesh/);
      expect(() => resolve({ returnDetails: { attributes: ['wings'] } })).toThrow(/attributes\[0\]/);
    }
  });
});
