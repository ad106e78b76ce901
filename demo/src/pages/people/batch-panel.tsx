import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../../model/format.ts';
import type { Batch, BatchOutcome } from '../../state/batch-store.ts';
import { useStore } from '../../state/store.ts';
import { FailedOutcome, Outcome, ShortOutcome } from '../../ui/outcome.tsx';
import { Problem } from '../../ui/problem.tsx';

/** How an enrolment of many photos is going, and what became of each. */
export function BatchPanel(): VNode | null {
  const { batch: store, announcement } = useStore();
  const batch = store.batch.value;
  const running = batch?.running;
  useEffect(() => {
    if (batch && running === false) announcement.value = summary(batch);
  }, [running]);
  if (!batch) return null;
  return (
    <section class="panel stack-3" aria-label="Enrolment">
      <div class="row between">
        <h2>{batch.running ? `Enrolling ${batch.title.toLowerCase()}` : summary(batch)}</h2>
        {batch.running ? (
          <button type="button" class="button" onClick={store.cancel}>
            Cancel
          </button>
        ) : (
          <button type="button" class="button" onClick={store.dismiss}>
            Done
          </button>
        )}
      </div>
      <div class="row nowrap">
        <progress aria-label="Photos done" max={batch.total} value={batch.done} />
        <span class="num small">
          {batch.done} / {batch.total}
        </span>
      </div>
      {batch.error !== undefined && <Problem error={batch.error} />}
      {batch.outcomes.length > 0 && (
        <ul class="outcomes" aria-label="Outcomes" tabIndex={0}>
          {[...batch.outcomes].sort(worstFirst).map((outcome) => (
            <BatchOutcomeItem key={outcome.name} outcome={outcome} />
          ))}
        </ul>
      )}
    </section>
  );
}

function BatchOutcomeItem({ outcome }: { readonly outcome: BatchOutcome }): VNode {
  const { name, added, rejected, error } = outcome;
  if (error !== undefined) return <FailedOutcome name={name} error={error} />;
  if (rejected.length > 0)
    return (
      <ShortOutcome name={name} reasons={rejected}>
        {added > 0 && `${count(added, 'face')} enrolled. `}
      </ShortOutcome>
    );
  return (
    <Outcome name={name} kind="ok">
      {count(added, 'face')}
    </Outcome>
  );
}

/** Failed photos first, then those with faces left out. */
function worstFirst(a: BatchOutcome, b: BatchOutcome): number {
  const rank = ({ error, rejected }: BatchOutcome): number =>
    error !== undefined ? 2 : rejected.length > 0 ? 1 : 0;
  return rank(b) - rank(a);
}

function summary({ outcomes }: Batch): string {
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  const faces = outcomes.reduce((sum, { added }) => sum + added, 0);
  const short = outcomes.reduce((sum, { rejected }) => sum + rejected.length, 0);
  const left = short > 0 ? `, ${count(short, 'face')} left out` : '';
  return `${count(faces, 'face')} enrolled${left}, ${count(failed, 'photo')} failed`;
}
