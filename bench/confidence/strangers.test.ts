import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import manifest from '../../models/manifest.json' with { type: 'json' };
import type { ModelEntry } from '../../src/core/manifest.ts';
import { PairConfidence } from '../../src/core/pair-confidence.ts';
import { byteReliability } from '../../src/core/reliability.ts';
import { LEVELS, lowerBound, type Sample } from './cells.ts';
import { fitOf, KEPT_TIMES, strangersOf, type GroupStrangers, type Strangers } from './strangers.ts';

const models = manifest.models as unknown as readonly ModelEntry[];
const folder = new URL('strangers/', import.meta.url);

async function readStrangers(model: string): Promise<Strangers> {
  return JSON.parse(await readFile(new URL(`${model}.json`, folder), 'utf8')) as Strangers;
}

/** False matches at `medium` and `strict`. */
function matchesOf({ likest }: GroupStrangers, calibration: PairConfidence): readonly number[] {
  const confidences = likest.map(([cosine, a, b]) =>
    calibration.confidence(cosine, byteReliability(a), byteReliability(b)),
  );
  return [LEVELS[1], LEVELS[2]].map(
    ([, level]) => confidences.filter((confidence) => confidence >= level).length,
  );
}

/** Times its name that a level may be within a group, at most; at `strict` where the 95 % interval begins, since single pairs count. */
const BOUNDS: Readonly<Record<string, Readonly<Record<string, readonly [medium: number, strict: number]>>>> =
  {
    fused: {
      white: [3, 3],
      black: [3, 3],
      asian: [3, 3],
      indian: [3, 3],
      'under 13': [3, 3],
      'over 70': [4, 10],
    },
  };

it('every model of which strangers are recorded has bounds', async () => {
  const files = await readdir(folder);
  expect(files.sort()).toEqual(
    Object.keys(BOUNDS)
      .map((model) => `${model}.json`)
      .sort(),
  );
});

describe.each(Object.entries(BOUNDS))('the calibration of %s', (id, bounds) => {
  const entry = models.find((model) => model.id === id)!;

  it('is held to strangers measured with the embeddings of today', async () => {
    const { model, fit } = await readStrangers(id);
    expect(model).toBe(id);
    expect(fit).toBe(fitOf(entry));
  });

  it.each(Object.entries(bounds))('keeps its names among strangers: %s', async (name, [medium, strict]) => {
    const { groups } = await readStrangers(id);
    const group = groups.find((found) => found.name === name)!;
    const [atMedium, atStrict] = matchesOf(group, new PairConfidence(entry.calibration!)) as [number, number];
    // Else more of them might match than were kept.
    expect(atMedium).toBeLessThan(group.likest.length);
    expect(atMedium / group.pairs / LEVELS[1][2]).toBeLessThanOrEqual(medium);
    expect(lowerBound(atStrict, group.pairs) / LEVELS[2][2]).toBeLessThanOrEqual(strict);
  });
});

describe('strangersOf', () => {
  const face = (image: string, x: number, reliability: number): Sample => ({
    image,
    person: image,
    embedding: Float32Array.of(x, Math.sqrt(1 - x * x)),
    reliability,
  });
  const faces = Array.from({ length: 30 }, (_, i) => face(`${i}`, i / 30, 1));

  it('keeps the likest by confidence, with cosine and reliabilities, and leaves out who may be one person', () => {
    const found = strangersOf(
      'a group',
      faces,
      (cosine) => cosine,
      (a, b) => [a, b].some(({ image }) => image === '0'),
    );
    expect(found.pairs).toBe((29 * 28) / 2);
    expect(found.likest).toHaveLength(Math.ceil((KEPT_TIMES * found.pairs) / 1000));
    const [first, second] = found.likest;
    expect(first![0]).toBeGreaterThanOrEqual(second![0]);
    expect(first!.slice(1)).toEqual([255, 255]);
    const doubtful = strangersOf(
      'a group',
      [face('a', 1, 0), face('b', 1, 0.2)],
      () => 0.5,
      () => false,
    );
    expect(doubtful.likest).toEqual([[1, 0, 51]]);
  });
});

describe('fitOf', () => {
  it('changes with what embeddings and reliabilities come from, and not with the calibration', () => {
    const [entry] = models.filter(({ fusedWith }) => fusedWith) as [ModelEntry];
    const points = entry.calibration!.points.slice(1);
    expect(fitOf({ ...entry, calibration: { ...entry.calibration!, points } })).toBe(fitOf(entry));
    const { common, reliability } = entry;
    for (const other of [
      { ...entry, sha256: 'another' },
      { ...entry, common: { ...common!, limit: 0.2 } },
      { ...entry, reliability: { ...reliability!, outBias: 0 } },
      { ...entry, fusedWith: { ...entry.fusedWith!, weight: 0.3 } },
    ])
      expect(fitOf(other)).not.toBe(fitOf(entry));
  });
});
