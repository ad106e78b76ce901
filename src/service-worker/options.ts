import { boolean, type Check, resolveOptions, string } from '../core/options.ts';

/** Options of {@link answerRequests}. */
export interface AnswerOptions {
  /** The prefix of the paths that are answered: that of the handler, and of {@link forwardRequests}. Default: `/faces`. */
  readonly basePath?: string;
}

/** Options of {@link forwardRequests}. */
export interface ForwardOptions extends AnswerOptions {
  /** Whether pages that were open before the service worker was there are served, too, without being loaded again. Default: true. */
  readonly claim?: boolean;
}

/** A prefix of everything would take the app's own files. */
const basePath: Check<string> = (value, path) =>
  string(1024, /^(\/[\w.~-]+)+\/?$/)(value, path).replace(/\/$/, '');

const DEFAULTS = { basePath: '/faces' } as const;
const FORWARD_DEFAULTS = { ...DEFAULTS, claim: true } as const;

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveAnswer(raw: unknown): Readonly<Required<AnswerOptions>> {
  return resolveOptions<Required<AnswerOptions>, typeof DEFAULTS>(raw, 'options', { basePath }, DEFAULTS);
}

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveForward(raw: unknown): Readonly<Required<ForwardOptions>> {
  const fields = { basePath, claim: boolean };
  return resolveOptions<Required<ForwardOptions>, typeof FORWARD_DEFAULTS>(
    raw,
    'options',
    fields,
    FORWARD_DEFAULTS,
  );
}

/** The lock of the page that answers, which is one at a time; the next one waits for it. */
export const lockOf = (base: string): string => `nearface-requests:${base}`;
