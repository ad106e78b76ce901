import { milliseconds } from './format.ts';

/** Something that the models can run on. */
export interface BackendChoice {
  readonly id: 'wasm' | 'threads' | 'webgpu';
  readonly label: string;
  readonly options: { readonly device: 'wasm' | 'webgpu'; readonly threads?: number };
}

/** What is timed of each backend. */
export type Task = 'start' | 'one' | 'many';

export const TASKS: readonly (readonly [Task, string])[] = [
  ['start', 'To start'],
  ['one', 'One face'],
  ['many', '20 faces'],
];

/** Median milliseconds of each task, as far as they are known, or why there are none. */
export interface BackendTimes {
  readonly choice: BackendChoice;
  readonly ms: Readonly<Partial<Record<Task, number>>>;
  /** Adapter, or level of SIMD. */
  readonly about?: string;
  readonly error?: unknown;
}

/** Search of a gallery of made-up faces. */
export interface SearchTimes {
  readonly rows: number;
  /** Median milliseconds for one probe. */
  readonly oneMs: number;
  /** Milliseconds for each of so many at once. */
  readonly eachMs: number;
  readonly atOnce: number;
}

/** The visitor's machine, as far as the browser tells. */
export interface Machine {
  readonly browser: string;
  readonly cores: number;
  /** GiB, rounded by the browser, 8 at most; absent where it does not tell. */
  readonly memoryGib?: number;
  readonly isIsolated: boolean;
}

/** What a benchmark has found by now. */
export interface BenchmarkResult {
  readonly version: string;
  readonly machine: Machine;
  readonly backends: readonly BackendTimes[];
  /** Why others could not be measured, a sentence each. */
  readonly missing: readonly string[];
  /** Faces that were found in the picture of 20. */
  readonly facesFound?: number;
  readonly search?: SearchTimes;
}

/** Times of both tasks by which backends are compared. */
function workMs({ ms, error }: BackendTimes): number | undefined {
  const { one, many } = ms;
  return error === undefined && one !== undefined && many !== undefined ? Math.sqrt(one * many) : undefined;
}

/** The fastest by the geometric mean of both tasks, and how many times as fast as the next one it is. */
export function bestOf(
  backends: readonly BackendTimes[],
): { readonly best: BackendTimes; readonly next?: BackendTimes; readonly times?: number } | undefined {
  const ranked = backends
    .flatMap((times) => {
      const ms = workMs(times);
      return ms === undefined ? [] : [{ times, ms }];
    })
    .toSorted((a, b) => a.ms - b.ms);
  const [first, second] = ranked;
  if (!first) return undefined;
  return { best: first.times, ...(second && { next: second.times, times: second.ms / first.ms }) };
}

/** Backends that are nearer to each other than this are as fast as each other. */
const CLEARLY = 1.1;

/** The backend that is clearly faster than all others; undefined where two are too near to tell, or only one runs. */
export function fastestOf(backends: readonly BackendTimes[]): BackendTimes | undefined {
  const found = bestOf(backends);
  return (found?.times ?? 0) >= CLEARLY ? found?.best : undefined;
}

/** `1.8 times as fast as WebGPU`, or that two are too near to tell. */
export function verdictOf(backends: readonly BackendTimes[]): string {
  const found = bestOf(backends);
  if (!found) return 'Nothing could be measured.';
  const { best, next, times } = found;
  if (!next || times === undefined) return `${best.choice.label} is the only one that runs here.`;
  if (times < CLEARLY) return `${best.choice.label} and ${next.choice.label} are as fast as each other here.`;
  return `${best.choice.label} is the fastest here: ${times.toFixed(1)} times as fast as ${next.choice.label}.`;
}

/** The call that creates what was fastest. */
export function codeOf({ options: { device, threads } }: BackendChoice): string {
  const more = threads === undefined ? '' : `, threads: ${threads}`;
  return `NearFace.create({ device: '${device}'${more} })`;
}

/** All of it as a text. */
export function reportOf(result: BenchmarkResult): string {
  const { version, machine, backends, missing, search } = result;
  const { browser, cores, memoryGib, isIsolated } = machine;
  const about = [
    `${cores} cores`,
    ...(memoryGib === undefined ? [] : [`${memoryGib} GiB${memoryGib >= 8 ? ' or more' : ''}`]),
    isIsolated ? 'cross-origin isolated' : 'not cross-origin isolated',
  ];
  const best = bestOf(backends)?.best;
  return [
    `nearface ${version}, benchmark`,
    browser,
    about.join(', '),
    '',
    ...backends.map(({ choice, ms, about: more, error }) => {
      const cells = TASKS.map(([task, label]) => {
        const time = ms[task];
        return `${label.toLowerCase()} ${time === undefined ? '–' : milliseconds(time)}`;
      });
      const why =
        error === undefined
          ? ''
          : ` (failed: ${error instanceof Error ? error.message : 'for an unknown reason'})`;
      return `${choice.label}${more ? ` [${more}]` : ''}: ${cells.join(', ')}${why}`;
    }),
    ...missing,
    ...(search
      ? [
          `Search of ${search.rows.toLocaleString('en')} faces: ${milliseconds(search.oneMs)} for one probe, ${milliseconds(search.eachMs)} each for ${search.atOnce} at once`,
        ]
      : []),
    '',
    verdictOf(backends),
    ...(best ? [codeOf(best.choice)] : []),
  ].join('\n');
}
