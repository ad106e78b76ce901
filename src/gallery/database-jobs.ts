import type { JobError, JobItem, JobOutcome, JobStep } from '../core/jobs.ts';
import { DatabaseRecognitions } from './database-recognitions.ts';
import {
  enrolling,
  foreseen,
  inOrder,
  jobItemNotFound,
  newJob,
  outcomeOf,
  retried,
  settled,
  stepped,
  withItems,
} from './job-steps.ts';
import { addJob, type EnrollingTables, type JobTables, type JobWork, readJob } from './job-tables.ts';
import { type Coroutine, of } from './people/coroutine.ts';
import { introduce, type PeoplePlan } from './people/plan.ts';
import type {
  AnyStoredJob,
  JobPhoto,
  JobStore,
  NewJobItem,
  SettledPhoto,
  StoredJob,
  StoredJobItem,
} from './port.ts';
import { triedAgain } from './recognition-steps.ts';

/** The jobs of a database, whichever it is. */
export class DatabaseJobs implements JobStore {
  readonly recognitions: DatabaseRecognitions;
  readonly #work: JobWork;

  constructor(work: JobWork) {
    this.#work = work;
    this.recognitions = new DatabaseRecognitions(work);
  }

  listJobs(): Promise<readonly AnyStoredJob[]> {
    return this.#work.read(function* ({ jobs }) {
      return inOrder(yield* of(jobs.all()));
    });
  }

  readJob(id: string): Promise<AnyStoredJob> {
    return this.#work.read((tx) => readJob(tx, id));
  }

  createJob(id: string, gallery: string, options: StoredJob['options'], tag?: string): Promise<StoredJob> {
    return this.#work.write(function* (tx) {
      yield* of(tx.readGallery(gallery));
      return yield* addJob(tx, newJob(id, gallery, options, tag));
    });
  }

  addJobItems(id: string, items: readonly NewJobItem[]): Promise<void> {
    return this.#work.write(function* (tx) {
      const { job, added } = withItems(yield* readEnrolJob(tx, id), items);
      yield* of(tx.items.put(id, added));
      yield* of(tx.jobs.put(job));
    });
  }

  waitingItems(id: string, from: number, count: number): Promise<readonly StoredJobItem[]> {
    return this.#work.read(function* (tx) {
      const { state } = yield* readEnrolJob(tx, id);
      return state === 'running' ? yield* of(tx.items.ofStatus(id, 'waiting', from, count)) : [];
    });
  }

  listJobItems(id: string): Promise<readonly JobItem[]> {
    return this.#work.read(function* (tx) {
      yield* readEnrolJob(tx, id);
      return yield* of(tx.items.list(id));
    });
  }

  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<StoredJob> {
    return this.#work.write((tx) => settle(tx, id, index, outcome));
  }

  enrolJobItem(id: string, index: number, photo: JobPhoto): Promise<SettledPhoto> {
    return this.#work.enrol((tx) => enrol(tx, id, index, photo));
  }

  enrolJobPeople(id: string, index: number, photo: JobPhoto, plan: PeoplePlan): Promise<SettledPhoto | null> {
    return this.#work.enrol(function* (tx) {
      return plan.asOf === tx.revision ? yield* enrol(tx, id, index, photo, plan) : null;
    });
  }

  stepJob(id: string, step: JobStep, error?: JobError): Promise<AnyStoredJob> {
    return this.#work.write(function* (tx) {
      const before = yield* readJob(tx, id);
      const job = stepped(before, step, error);
      if (job !== before) yield* of(tx.jobs.put(job));
      return job;
    });
  }

  retryJob(id: string): Promise<void> {
    return this.#work.write(function* (tx) {
      const before = yield* readJob(tx, id);
      if (before.kind === 'recognise') {
        const { job, sources } = triedAgain(before);
        for (const source of sources) yield* of(tx.sources.dropAppearances(id, source));
        return yield* of(tx.jobs.put(job));
      }
      const { job, items } = retried(before, yield* of(tx.items.ofStatus(id, 'failed', 0)));
      yield* of(tx.items.put(id, items));
      yield* of(tx.jobs.put(job));
    });
  }

  deleteJob(id: string): Promise<void> {
    return this.#work.write(function* (tx) {
      yield* readJob(tx, id);
      yield* of(tx.jobs.delete(id));
    });
  }

  /** The host's locks reach everybody who has this database. */
  async takeJob(_id: string): Promise<boolean> {
    return true;
  }

  async leaveJob(_id: string): Promise<void> {}

  async isJobTaken(_id: string): Promise<boolean> {
    return false;
  }
}

/** @throws NearFaceError `BAD_PARAM`, also of a job that enrols nothing */
function* readEnrolJob(tx: JobTables, id: string): Coroutine<StoredJob> {
  return enrolling(yield* readJob(tx, id));
}

function* readItem({ items }: JobTables, job: string, index: number): Coroutine<StoredJobItem> {
  const item = yield* of(items.byNumber(job, index));
  if (item) return item;
  throw jobItemNotFound(job, index);
}

/** Notes what became of a photo. Its bytes go, unless it failed and may be tried again. */
function* settle(tx: JobTables, id: string, index: number, outcome: JobOutcome): Coroutine<StoredJob> {
  const { job, item } = settled(yield* readEnrolJob(tx, id), yield* readItem(tx, id, index), outcome);
  yield* of(tx.items.put(id, [item]));
  yield* of(tx.jobs.put(job));
  return job;
}

/** @param plan - people who come with the photo's faces */
function* enrol(
  tx: EnrollingTables,
  id: string,
  index: number,
  photo: JobPhoto,
  plan?: PeoplePlan,
): Coroutine<SettledPhoto> {
  const { faces, duplicates } = photo;
  const job = yield* readEnrolJob(tx, id);
  const before = outcomeOf(yield* readItem(tx, id, index));
  if (before.status !== 'waiting' || job.state === 'cancelled') return { job, outcome: before };
  const hash = faces[0]?.photoHash;
  const isLookedFor = duplicates !== 'add' && hash !== undefined;
  const known = isLookedFor ? yield* of(tx.facesOfPhoto(job.gallery, hash)) : [];
  let outcome = foreseen(
    photo,
    known.map((face) => face.id),
  );
  if (outcome === 'enrol') {
    if (plan) yield* introduce(tx, plan);
    if (known.length > 0) yield* of(tx.removeFromGallery(job.gallery, known));
    const added = yield* of(tx.addFaces(faces));
    outcome = { status: 'added', ids: added.map((face) => face.id) };
  }
  return { job: yield* settle(tx, id, index, outcome), outcome };
}
