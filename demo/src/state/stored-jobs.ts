import { signal, type ReadonlySignal } from '@preact/signals';
import type { EnrolJob, EnrolJobSummary, JobItem, JobProgress, NearFace } from 'nearface';
import type { Library } from './library.ts';
import { saveFile } from './save-file.ts';

/** A photo that was not enrolled, and why. */
export type LeftOut = Pick<JobItem, 'index' | 'name' | 'status' | 'error' | 'shortfalls'>;

/** A stored job, and how it goes if this page runs it. */
export interface ShownJob {
  readonly summary: EnrolJobSummary;
  readonly progress?: JobProgress;
  /** Its photos that failed or were not good enough; nothing while they are not read. */
  readonly leftOut?: readonly LeftOut[];
}

/** The enrolments that are stored and survive a reload. */
export interface StoredJobs {
  readonly jobs: ReadonlySignal<readonly ShownJob[]>;
  /** Stores photos (files, a folder, a zip) as a job and runs it. */
  enrol(files: readonly File[], skipKnown: boolean): Promise<void>;
  run(id: string): Promise<void>;
  retry(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  saveReport(id: string): Promise<void>;
  /** Reads which photos were not enrolled. */
  readLeftOut(id: string): Promise<void>;
}

/** Runs something with the library and keeps what made it fail. Answers whether it did not. */
export type Attempt = (work: (nf: NearFace) => Promise<void>) => Promise<boolean>;

/** The jobs, and the way to read them again. */
export function createStoredJobs(
  library: Library,
  attempt: Attempt,
): StoredJobs & { readonly readJobs: (nf: NearFace) => Promise<void> } {
  const jobs = signal<readonly ShownJob[]>([]);

  const change = (id: string, how: (job: ShownJob) => ShownJob): void => {
    jobs.value = jobs.value.map((job) => (job.summary.id === id ? how(job) : job));
  };

  let round = 0;
  const readJobs = async (nf: NearFace): Promise<void> => {
    const mine = ++round;
    const summaries = (await nf.jobs.list()).filter((job) => job.kind === 'enrol');
    if (mine !== round) return;
    const before = new Map(jobs.peek().map((job) => [job.summary.id, job]));
    jobs.value = summaries.map((summary) => {
      const { progress, leftOut } = before.get(summary.id) ?? {};
      return {
        summary,
        ...(progress && summary.state === 'running' && { progress }),
        ...(leftOut && { leftOut }),
      };
    });
  };

  const run = async (id: string, again: boolean): Promise<void> => {
    await attempt(async (nf) => {
      const job = await jobOf(nf, id);
      if (again) change(id, withoutFailed);
      const onProgress = (progress: JobProgress): void =>
        change(id, (shown) => withProgress(shown, progress));
      try {
        await (again ? job.retry({ onProgress }) : job.run({ onProgress }));
      } finally {
        await readJobs(nf);
        await library.refresh();
      }
    });
  };

  return {
    jobs,
    readJobs,
    async enrol(files, skipKnown) {
      let id = '';
      await attempt(async (nf) => {
        const { name } = await library.gallery();
        const source = files.length === 1 && /\.zip$/i.test(files[0]!.name) ? files[0]! : files;
        const job = await nf.jobs.enrol(name, source, { duplicates: skipKnown ? 'skip' : 'add' });
        id = job.id;
        await readJobs(nf);
      });
      if (id) await run(id, false);
    },
    run: (id) => run(id, false),
    retry: (id) => run(id, true),
    async pause(id) {
      await attempt(async (nf) => (await nf.jobs.get(id)).pause());
    },
    async remove(id) {
      await attempt(async (nf) => {
        await (await nf.jobs.get(id)).delete();
        await readJobs(nf);
      });
    },
    async saveReport(id) {
      await attempt(async (nf) => {
        const report = await (await jobOf(nf, id)).report();
        saveFile(report, 'enrolment.csv');
      });
    },
    async readLeftOut(id) {
      await attempt(async (nf) => {
        const leftOut = (await (await jobOf(nf, id)).items()).filter(isLeftOut);
        change(id, (job) => ({ ...job, leftOut }));
      });
    },
  };
}

async function jobOf(nf: NearFace, id: string): Promise<EnrolJob> {
  return (await nf.jobs.get(id)) as EnrolJob;
}

function isLeftOut({ status }: LeftOut): boolean {
  return status === 'failed' || status === 'rejected';
}

function withProgress({ summary, leftOut = [] }: ShownJob, progress: JobProgress): ShownJob {
  const { item, counts } = progress;
  return {
    summary: { ...summary, state: 'running', counts },
    progress,
    leftOut: item && isLeftOut(item) ? [...leftOut, item] : leftOut,
  };
}

function withoutFailed(job: ShownJob): ShownJob {
  return { ...job, leftOut: (job.leftOut ?? []).filter(({ status }) => status !== 'failed') };
}
