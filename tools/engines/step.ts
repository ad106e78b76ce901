/** Runs in the page: what a step is, and how it is run. */
import type { ErrorCode, NearFace } from '../../src/index.ts';
import type * as Library from '../../src/index.ts';
import type { PageReport, StepResult } from './report.ts';

declare global {
  interface Window {
    report: PageReport;
  }
}

export type Work = () => Promise<void>;
/** Steps in their order. */
export type Steps = readonly (readonly [name: string, work: Work])[];

/** The built library, as a page loads it. */
export const library: typeof Library = (await import(
  /* @vite-ignore */ new URL('/lib/nearface.js', location.href).href
)) as typeof Library;

class Skipped extends Error {}

/** Ends a step that this browser cannot do, with the reason. */
export function skip(why: string): never {
  throw new Skipped(why);
}

export function check(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

export function equal(is: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(is), JSON.stringify(expected)];
  check(a === b, `${what}: ${a}, expected ${b}`);
}

/** Checks that a call ends with an error of this code, and answers its message. */
export async function refused(code: ErrorCode, call: () => Promise<unknown>): Promise<string> {
  let error: unknown;
  await call().catch((thrown: unknown) => (error = thrown));
  check(error instanceof library.NearFaceError, `${String(error)} is not the NearFaceError ${code}`);
  equal(error.code, code, error.message);
  return error.message;
}

export async function create(database: string, more: object = {}): Promise<NearFace> {
  return library.NearFace.create({ assets: '/lib/', device: 'wasm', database, ...more });
}

/** One of the sample photos, 1..6. */
export async function sample(number: number): Promise<Blob> {
  return (await fetch(`/photos/sample${number}.jpg`)).blob();
}

/** A step that takes longer has failed. */
const STEP_MS = 60_000;

/** Runs the steps one after the other; a failed one does not stop the others. */
export async function runSteps(steps: Steps, before: readonly StepResult[]): Promise<readonly StepResult[]> {
  const results = [...before];
  for (const [name, work] of steps) {
    window.report = { results, running: name, done: false };
    const start = performance.now();
    const end = await outcomeOf(work);
    results.push({ name, ...end, ms: Math.round(performance.now() - start) });
  }
  return results;
}

async function outcomeOf(work: Work): Promise<Pick<StepResult, 'outcome' | 'why'>> {
  let timer = 0;
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error(`not done after ${STEP_MS} ms`)), STEP_MS);
  });
  try {
    await Promise.race([work(), late]);
    return { outcome: 'passed' };
  } catch (error) {
    if (error instanceof Skipped) return { outcome: 'skipped', why: error.message };
    return {
      outcome: 'failed',
      why: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  } finally {
    clearTimeout(timer);
  }
}
