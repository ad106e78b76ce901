import type { NearFace } from '../../api/nearface.ts';
import type { RecogniseJob } from '../../api/recognise-job.ts';
import type { RecogniseJobSummary } from '../../core/recognition.ts';
import { hasCode } from '../problem.ts';
import { givenParameters } from './parameters.ts';

/** Jobs that a handler has set going: nobody waits for them, and what becomes of them is stored with them. */
export class JobRuns {
  readonly #begun = new Set<string>();

  /** Works at a job from now on. */
  start(job: RecogniseJob): void {
    this.#begun.add(job.id);
    job.run().catch((error: unknown) => {
      // Another instance is at it; when that one ends, it may be this one's turn.
      if (hasCode(error, 'BAD_PARAM')) this.#begun.delete(job.id);
    });
  }

  /** Goes on with a job that was made over this interface and left by a page or process that has ended. One that was paused here stays so. */
  async resume(nf: NearFace, { id, state, error, incomplete, extra }: RecogniseJobSummary): Promise<void> {
    const isLeft = (state === 'paused' || state === 'waiting') && !error && !incomplete;
    if (!isLeft || this.#begun.has(id) || !givenParameters(extra)) return;
    // Processes that share a PostgreSQL do not know which of them works at a job.
    if (nf.info.storage.kind === 'postgres') return;
    const job = await nf.jobs.get(id);
    if (job.kind === 'recognise') this.start(job);
  }
}
