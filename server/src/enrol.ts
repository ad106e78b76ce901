import { writeFile } from 'node:fs/promises';
import type { EnrolJob, EnrolJobSummary, JobItem, NearFace } from '../../src/index.ts';
import { shortfallText } from '../../src/api/shortfall-text.ts';
import { readablePictures } from './database-options.ts';
import { enrolRequest, type EnrolRequest, type NewEnrolment, type OldEnrolment } from './enrol-options.ts';
import type { Library } from './library.ts';
import { photoFiles } from './photo-files.ts';
import { durationOf, ProgressTeller } from './progress.ts';
import { UsageError } from './usage.ts';

/** Photos of a kind that are told one by one. */
const MOST_TOLD = 20;

type Print = (line: string) => void;

/** How jobs are run. */
interface Running {
  readonly nf: NearFace;
  readonly request: EnrolRequest;
  readonly print: Print;
  readonly teller: ProgressTeller;
  readonly signal: AbortSignal;
}

/** `nearface enrol`: enrols photos by stored jobs. */
export async function enrolCommand(
  args: readonly string[],
  load: () => Promise<Library>,
  print: Print,
): Promise<number> {
  const request = enrolRequest(args, process.env);
  const { task, database, models } = request;
  // What is wrong with the places is told before anything is started.
  const files = task.kind === 'new' ? await photoFiles(task.places) : [];
  const { NearFace } = await load();
  const nf = await NearFace.create({ database, ...(models && { models }) });
  const { signal, release } = untilInterrupted(print);
  try {
    const running = { nf, request, print, signal, teller: new ProgressTeller(process.stderr) };
    if (task.kind === 'list') return await listJobs(nf, print);
    if (task.kind === 'job') return await oldJob(running, task);
    return await enrolNew(running, task, files);
  } catch (error) {
    if (signal.aborted && (error as { code?: unknown }).code === 'ABORTED') return INTERRUPTED;
    throw error;
  } finally {
    release();
    await nf.dispose();
  }
}

/** Aborted by the first SIGINT or SIGTERM: what is under way is ended first. A second one ends the process at once. */
function untilInterrupted(print: Print): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    print('Stopping after the photos that are under way');
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const release = (): void => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  return { signal: stop.signal, release };
}

/** What shells expect of a command that was interrupted. */
const INTERRUPTED = 130;

async function enrolNew(running: Running, task: NewEnrolment, files: readonly File[]): Promise<number> {
  const { nf, print, teller, signal } = running;
  const { gallery, options, split, isPrepared } = task;
  for (const warning of readablePictures(running.request.database, options.keep ?? 'crops')) print(warning);
  let jobs = await jobsLeft(running, options.tag as string);
  if (jobs.length === 0) {
    await nf.galleries.create(gallery, { ifExists: 'get' });
    const how = { ...options, signal, split, onListed: (photos: number) => teller.tellStored(photos) };
    jobs = await nf.jobs.enrol(gallery, files, how).finally(() => teller.end());
    for (const job of jobs) print(`Job ${job.id}: ${(await job.info()).counts.waiting} photos`);
  }
  if (isPrepared) {
    print(`Run ${jobs.length === 1 ? 'it' : 'each'} by: nearface enrol --job ID`);
    return 0;
  }
  return runAll(running, jobs, (job) => job.run(runOptions(running)));
}

/** Jobs of the same command that are not done; none where one of them is not whole, as they are made again together. */
async function jobsLeft({ nf, print }: Running, tag: string): Promise<readonly EnrolJob[]> {
  const left: EnrolJob[] = [];
  let isWhole = true;
  for (const job of await nf.jobs.list()) {
    if (job.kind !== 'enrol' || job.tag !== tag || !['waiting', 'paused'].includes(job.state)) continue;
    left.push(await enrolJob(nf, job.id));
    isWhole &&= job.incomplete !== true;
    const told = job.incomplete ? 'was ended before all its photos were stored: it is made again' : 'goes on';
    print(`Job ${job.id} ${told}; ${job.counts.waiting} photos wait`);
  }
  if (isWhole) return left;
  for (const job of left) await job.delete();
  return [];
}

async function enrolJob(nf: NearFace, id: string): Promise<EnrolJob> {
  const job = await nf.jobs.get(id);
  if (job.kind === 'enrol') return job;
  throw new UsageError(`--job ${id} is a job that recognises; nearface enrol --jobs lists those that enrol`);
}

async function oldJob(running: Running, { id, work }: OldEnrolment): Promise<number> {
  const { nf, print, request } = running;
  const job = await enrolJob(nf, id);
  switch (work) {
    case 'print':
      for (const item of await job.items()) print(itemLine(item));
      if (request.report !== undefined) await writeReport([job], request.report);
      return 0;
    case 'delete':
      await job.delete();
      print(`Job ${id} is deleted; faces that it enrolled stay`);
      return 0;
    case 'failed':
      return runAll(running, [job], (one) => one.retry(runOptions(running)));
    case 'run':
      return runAll(running, [job], (one) => one.run(runOptions(running)));
  }
}

function runOptions({
  request: { parallel },
  teller,
  signal,
}: Running): Parameters<EnrolJob['run']>[0] & object {
  return {
    ...(parallel !== undefined && { concurrency: parallel }),
    onProgress: (progress) => teller.tell(progress),
    signal,
  };
}

async function runAll(
  running: Running,
  jobs: readonly EnrolJob[],
  run: (job: EnrolJob) => Promise<EnrolJobSummary>,
): Promise<number> {
  const { print, teller, signal, request } = running;
  let isWhole = true;
  for (const job of jobs) {
    if (signal.aborted) return INTERRUPTED;
    const startedMs = performance.now();
    const summary = await run(job).finally(() => teller.end());
    await tellEnd(job, summary, performance.now() - startedMs, print);
    const { failed, rejected, waiting } = summary.counts;
    isWhole &&= failed + rejected + waiting === 0;
    if (waiting > 0) {
      print(`Go on by: nearface enrol --job ${job.id}`);
      if (signal.aborted) return INTERRUPTED;
    }
  }
  if (request.report !== undefined) await writeReport(jobs, request.report);
  return isWhole ? 0 : 1;
}

async function tellEnd(job: EnrolJob, { counts }: EnrolJobSummary, ms: number, print: Print): Promise<void> {
  const { added, skipped, rejected, failed, waiting } = counts;
  const facts = [`${added} enrolled`];
  if (skipped > 0) facts.push(`${skipped} there already`);
  if (rejected > 0) facts.push(`${rejected} rejected`);
  if (failed > 0) facts.push(`${failed} failed`);
  if (waiting > 0) facts.push(`${waiting} wait`);
  print(`${facts.join(', ')}; in ${durationOf(ms)}`);
  for (const status of ['rejected', 'failed'] as const) {
    if (counts[status] === 0) continue;
    const items = await job.items({ status });
    for (const item of items.slice(0, MOST_TOLD)) print(`  ${itemLine(item)}`);
    if (items.length > MOST_TOLD)
      print(`  and ${items.length - MOST_TOLD} more: nearface enrol --job ${job.id} --print`);
  }
  if (failed > 0) print(`Try what failed again by: nearface enrol --job ${job.id} --failed`);
}

/** As in `people/sam.jpg: failed, NO_FACE: …`. */
function itemLine({ name, meta, status, error, shortfalls = [] }: JobItem): string {
  const why = error ? `${error.code}: ${error.message}` : shortfalls.map(shortfallText).join('; ');
  const called = status === 'added' || status === 'waiting' ? meta : '';
  return [`${name}: ${status}`, why || called].filter((part) => part !== '').join(', ');
}

/** One table, or one array, of all jobs. */
async function writeReport(jobs: readonly EnrolJob[], path: string): Promise<void> {
  const format = /\.json$/i.test(path) ? 'json' : 'csv';
  const texts: string[] = [];
  for (const job of jobs) texts.push(await (await job.report(format)).text());
  if (format === 'json') {
    await writeFile(path, texts.length === 1 ? texts[0]! : `[${texts.join(',\n')}]`);
    return;
  }
  // One header: those of the others are left out, and their byte order marks.
  const rows = texts.map((text, i) => (i === 0 ? text : text.slice(text.indexOf('\n') + 1)));
  await writeFile(path, rows.join(''));
}

async function listJobs(nf: NearFace, print: Print): Promise<number> {
  const jobs = (await nf.jobs.list()).filter((job) => job.kind === 'enrol');
  if (jobs.length === 0) print('There are no jobs that enrol');
  for (const { id, state, gallery, counts, incomplete, tag, timeCreated } of jobs) {
    const made = new Date(timeCreated).toISOString().slice(0, 16).replace('T', ' ');
    const numbers = Object.entries(counts).filter(([, count]) => count > 0);
    const told = numbers.map(([status, count]) => `${count} ${status}`).join(', ');
    print(
      `${id}  ${incomplete ? 'incomplete' : state}  ${gallery}  ${told}  ${made}  ${tag ?? ''}`.trimEnd(),
    );
  }
  return 0;
}
