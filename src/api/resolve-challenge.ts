import { checkPairThreshold } from '../core/confidence.ts';
import { badParam } from '../core/errors.ts';
import {
  abortSignal,
  arrayOf,
  boolean,
  type Check,
  type Fields,
  integer,
  number,
  oneOf,
  resolveOptions,
} from '../core/options.ts';
import { CHALLENGE_STEPS, type ChallengeStep } from '../video/challenge/events.ts';
import type { ChallengeOptions } from './challenge-options.ts';
import { detectDetails, type Resolved } from './resolve-options.ts';

const DEFAULTS = {
  steps: CHALLENGE_STEPS,
  random: true,
  stepTimeoutMs: 8000,
  timeoutMs: 60_000,
  mistakes: 0,
  threshold: 'medium',
  photo: false,
  minFaceSize: 80,
  fps: 25,
} as const satisfies Partial<ChallengeOptions>;

const steps: Check<readonly ChallengeStep[]> = (value, path) => {
  const given = arrayOf(oneOf(...CHALLENGE_STEPS), CHALLENGE_STEPS.length)(value, path);
  if (given.length === 0) throw badParam(path, value, 'at least one step');
  const twice = given.find((step, i) => given.indexOf(step) !== i);
  if (twice !== undefined) throw badParam(path, twice, 'each step at most once');
  return given;
};

const FIELDS: Fields<ChallengeOptions> = {
  steps,
  count: integer(1, CHALLENGE_STEPS.length),
  random: boolean,
  stepTimeoutMs: number(1000, 120_000),
  timeoutMs: number(1000, 600_000),
  mistakes: integer(0, 5),
  threshold: checkPairThreshold,
  minLiveness: number(0, 1),
  returnDetails: detectDetails,
  photo: boolean,
  minFaceSize: number(1, 1e5),
  fps: number(1e-3, 1000),
  signal: abortSignal,
};

/** What `challenge` was asked for, checked, with its defaults. */
export type ResolvedChallenge = Resolved<ChallengeOptions, Defaulted>;

type Defaulted = Exclude<keyof ChallengeOptions, 'minLiveness' | 'returnDetails' | 'signal'>;

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveChallenge(raw: unknown): ResolvedChallenge {
  const resolved = resolveOptions<ChallengeOptions, typeof DEFAULTS>(raw, 'options', FIELDS, DEFAULTS);
  const { count = resolved.steps.length } = resolved;
  if (count > resolved.steps.length)
    throw badParam('options.count', count, `at most ${resolved.steps.length}, as many as there are steps`);
  return { ...resolved, count };
}
