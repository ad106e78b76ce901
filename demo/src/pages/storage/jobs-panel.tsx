import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { NearFaceError, type JobState } from 'nearface';
import { count } from '../../model/format.ts';
import { shortfallWords } from '../../model/gates.ts';
import type { LeftOut, ShownJob } from '../../state/stored-jobs.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { FailedOutcome, ShortOutcome } from '../../ui/outcome.tsx';

const STATES: Readonly<Record<JobState, string>> = {
  waiting: 'Waiting',
  running: 'Under way',
  paused: 'Paused',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** Enrolments that are stored and survive a reload. */
export function JobsPanel(): VNode {
  const { storage, settings } = useStore();
  const [skipKnown, setSkipKnown] = useState(true);
  const jobs = storage.jobs.value;
  return (
    <section class="panel stack-3" aria-label="Jobs">
      <div class="row between">
        <h2>Enrolment jobs</h2>
        <label class="button pick">
          <Icon name="upload" />
          Add photos or a zip
          <input
            type="file"
            class="visually-hidden"
            multiple
            accept="image/*,.zip"
            onChange={({ currentTarget }) => {
              const files = [...(currentTarget.files ?? [])];
              currentTarget.value = '';
              if (files.length > 0) void storage.enrol(files, skipKnown);
            }}
          />
        </label>
      </div>
      <p class="muted small">
        A job is stored with its photos, so that it goes on after a reload. It enrols into “
        {settings.gallery.value}” and names each face after its file; photos are deleted once they are
        enrolled.
      </p>
      <label class="toggle">
        <input
          type="checkbox"
          checked={skipKnown}
          onChange={({ currentTarget }) => setSkipKnown(currentTarget.checked)}
        />
        Leave out photos that are enrolled already
      </label>
      {jobs.length === 0 ? (
        <p class="muted">No jobs are stored.</p>
      ) : (
        <ul class="stack-3" aria-label="Stored jobs">
          {jobs.map((job) => (
            <li key={job.summary.id} class="job">
              <Job job={job} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Job({ job: { summary, progress, leftOut } }: { readonly job: ShownJob }): VNode {
  const { storage } = useStore();
  const { id, gallery, state, counts, error, timeCreated } = summary;
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const facts = [
    `${counts.added} enrolled`,
    ...(counts.rejected > 0 ? [`${counts.rejected} not good enough`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} known already`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.waiting > 0 ? [`${counts.waiting} waiting`] : []),
  ];
  const left = counts.failed + counts.rejected;
  useEffect(() => {
    if (left > 0 && state !== 'running') void storage.readLeftOut(id);
  }, [id, left, state]);
  return (
    <>
      <div class="row between">
        <strong>
          {STATES[state]}: {count(total, 'photo')} into “{gallery}”
        </strong>
        <span class="muted small">{new Date(timeCreated).toLocaleString('en')}</span>
      </div>
      <progress aria-label="Photos done" max={total} value={total - counts.waiting} />
      <p class="small">
        {facts.join(', ')}
        {progress && progress.msLeft !== null && state === 'running' && (
          <span class="muted">
            {' '}
            · {progress.perSecond.toFixed(1)} a second, {Math.ceil(progress.msLeft / 1000)} s left
          </span>
        )}
      </p>
      {error && <p class="small problem-text">{error.message}</p>}
      {leftOut && leftOut.length > 0 && <LeftOutList photos={leftOut} />}
      <div class="row">
        {state === 'running' ? (
          <button type="button" class="button" onClick={() => void storage.pause(id)}>
            Pause
          </button>
        ) : (
          counts.waiting > 0 &&
          (state === 'paused' || state === 'waiting') && (
            <button type="button" class="button" onClick={() => void storage.run(id)}>
              Resume
            </button>
          )
        )}
        {counts.failed > 0 && state !== 'running' && (
          <button type="button" class="button" onClick={() => void storage.retry(id)}>
            Try the failed again
          </button>
        )}
        <button type="button" class="button" onClick={() => void storage.saveReport(id)}>
          Save the report
        </button>
        <button type="button" class="button" onClick={() => void storage.remove(id)}>
          Delete
        </button>
      </div>
    </>
  );
}

/** Photos that are named; the report names all. */
const NAMED = 200;

function LeftOutList({ photos }: { readonly photos: readonly LeftOut[] }): VNode {
  const rest = photos.length - NAMED;
  return (
    <>
      <ul class="outcomes" aria-label="Photos that were not enrolled" tabIndex={0}>
        {photos
          .slice(0, NAMED)
          .map(({ index, name, error, shortfalls = [] }) =>
            error ? (
              <FailedOutcome key={index} name={name} error={new NearFaceError(error.code, error.message)} />
            ) : (
              <ShortOutcome key={index} name={name} reasons={shortfalls.map(shortfallWords)} />
            ),
          )}
      </ul>
      {rest > 0 && <p class="muted small">{count(rest, 'more photo')} in the report.</p>}
    </>
  );
}
