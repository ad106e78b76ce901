/** Audits of galleries in memory. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { xorshift32 } from '../../search/xorshift.ts';
import type { EngineAudit, EngineAuditPage, EngineFinding } from '../audit-findings.ts';
import { GalleryEngine } from '../gallery-engine.ts';
import { testFace } from '../test-face.ts';
import { inMemory } from './memory-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

let engine: GalleryEngine;
beforeEach(async () => {
  engine = await GalleryEngine.open(inMemory(), { kernel: await kernel });
});
afterEach(() => engine.close());

/** A unit vector by seed; those of different seeds have nothing to do with each other. */
function random(seed: number): Float32Array<ArrayBuffer> {
  const next = xorshift32(seed * 7919 + 1);
  for (let i = 0; i < 20; i++) next();
  const raw = Float32Array.from(
    { length: 64 },
    () => next() / 2 ** 32 + next() / 2 ** 32 + next() / 2 ** 32 - 1.5,
  );
  const length = Math.hypot(...raw);
  return raw.map((x) => x / length);
}

/** A photo of a person: its cosine with other photos of that person is about 0.7. */
function photoOf(person: number, photo: number): Float32Array<ArrayBuffer> {
  const [who, how] = [random(5000 + person), random(9000 + 100 * person + photo)];
  const mixed = who.map((x, i) => Math.sqrt(0.7) * x + Math.sqrt(0.3) * (how[i] as number));
  const length = Math.hypot(...mixed);
  return mixed.map((x) => x / length);
}

const face = (id: string, person: number, photo: number, change: object = {}): ReturnType<typeof testFace> =>
  testFace(0, {
    id,
    modelId: 'model-64',
    vector: photoOf(person, photo),
    meta: `name-${person}`,
    reliability: 1,
    ...change,
  });

const REQUEST: EngineAudit = {
  modelId: 'model-64',
  kinds: ['unlike', 'alike', 'duplicate'],
  levels: { unlike: { minCosine: 0.4 }, alike: { minCosine: 0.6 }, duplicate: { minCosine: 0.95 } },
  limit: 100,
};

/** Twenty people with four photos each, and what is wrong among them. */
async function fill(): Promise<void> {
  const all = Array.from({ length: 80 }, (_, i) => face(`p${i >> 2}-${i & 3}`, i >> 2, i & 3));
  await engine.addFaces([
    ...all,
    // Somebody else's photo, under the name of person 3.
    face('moved', 7, 50, { meta: 'name-3' }),
    // A stranger under the name of person 5.
    face('stranger', 99, 0, { meta: 'name-5' }),
    // Person 11 under a second name, and person 12 by a single photo under another.
    face('alias-1', 11, 51, { meta: 'alias' }),
    face('alias-2', 11, 52, { meta: 'alias' }),
    face('lone', 12, 53, { meta: 'lone' }),
    // Two people with one photo each who look like one, and somebody whom nobody named.
    face('single-1', 60, 1, { meta: 'single one' }),
    face('single-2', 60, 2, { meta: 'single two' }),
    face('nameless', 13, 54, { meta: '' }),
    // The same photo twice, once under the same name and once under another.
    face('twice', 14, 0),
    face('thrice', 15, 1, { meta: 'name-16' }),
  ]);
}

const idsOf = ({ sides }: EngineFinding): readonly string[] =>
  sides.map(({ faces }) => faces[0]?.id ?? '').sort();

async function allPages(limit: number): Promise<readonly EngineFinding[]> {
  const findings: EngineFinding[] = [];
  let page: EngineAuditPage | undefined;
  do {
    page = await engine.audit('default', {
      ...REQUEST,
      limit,
      ...(page?.cursor !== undefined && { cursor: page.cursor }),
    });
    findings.push(...page.findings);
  } while (page.cursor !== undefined);
  return findings;
}

test('tells what is under a wrong name, who looks like one, and what is there twice', async () => {
  await fill();
  const { findings, cursor } = await engine.audit('default', REQUEST);
  expect(cursor).toBeUndefined();
  const of = (kind: EngineFinding['kind']): readonly EngineFinding[] =>
    findings.filter((each) => each.kind === kind);
  expect(
    of('unlike').map(({ sides: [{ faces }], better }) => [faces[0]?.id, better?.faces[0]?.meta]),
  ).toEqual([
    ['moved', 'name-7'],
    ['stranger', undefined],
    ['thrice', 'name-15'],
  ]);
  expect(of('unlike')[0]?.sides[1]).toMatchObject({ count: 4 });
  expect(of('alike').map((finding) => idsOf(finding).join(' '))).toEqual([
    'alias-1 p11-0',
    'lone p12-0',
    'single-1 single-2',
  ]);
  expect(of('duplicate').map((finding) => idsOf(finding).join(' '))).toEqual(['p14-0 twice', 'p15-1 thrice']);
  for (const { kind, cosine } of findings)
    expect(
      cosine >= { unlike: -1, alike: 0.6, duplicate: 0.95 }[kind] &&
        cosine < (kind === 'unlike' ? 0.4 : 1.001),
    ).toBe(true);
});

test('pages hold the same together, and an abort ends it', async () => {
  await fill();
  const { findings: whole } = await engine.audit('default', REQUEST);
  for (const limit of [1, 3]) expect(await allPages(limit)).toEqual(whole);
  const seen: number[] = [];
  await engine.audit('default', REQUEST, { report: ({ done, total }) => void seen.push(done / total) });
  expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
  expect(seen.at(-1)).toBe(1);
  const ended = engine.audit('default', REQUEST, { signal: AbortSignal.abort() });
  await expect(ended).rejects.toMatchObject({ code: 'ABORTED' });
  const wrong = engine.audit('default', { ...REQUEST, cursor: 'z-1' });
  await expect(wrong).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param: 'cursor' } });
});

test('people of whom it was said that they are two are not told, and an empty gallery has nothing', async () => {
  expect(await engine.audit('default', REQUEST)).toEqual({ findings: [] });
  await engine.addFaces(
    [1, 2, 3, 4].map((i) => face(`a${i}`, 1, i, { personId: `person-${i % 2}`, meta: '' })),
  );
  const alike = { ...REQUEST, kinds: ['alike'] as const };
  const { findings } = await engine.audit('default', alike);
  expect(findings.map((finding) => idsOf(finding).join(' '))).toEqual(['a1 a2']);
  await engine.people.notSame('person-0', 'person-1');
  expect(await engine.audit('default', alike)).toEqual({ findings: [] });
  // Of two faces of one name nothing tells which is wrong: the later one is told.
  await engine.addFaces([face('b1', 2, 1, { meta: 'two' }), face('b2', 3, 1, { meta: 'two' })]);
  const { findings: unlike } = await engine.audit('default', { ...REQUEST, kinds: ['unlike'] });
  expect(unlike.map(({ sides: [{ faces }] }) => faces[0]?.id)).toEqual(['b2']);
});
