import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { explain } from '../../model/explain.ts';
import { count } from '../../model/format.ts';
import type { Batch, BatchOutcome } from '../../state/batch-store.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
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
            <Outcome key={outcome.name} outcome={outcome} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Outcome({ outcome }: { readonly outcome: BatchOutcome }): VNode {
  const { name, added, rejected, error } = outcome;
  if (error === undefined && rejected.length > 0) {
    return (
      <li class="outcome short">
        <Icon name="warning" />
        <span class="ellipsis">{name}</span>
        <span class="small">
          {added > 0 && `${count(added, 'face')} enrolled. `}
          {rejected.map((why, i) => (
            <span key={i} class="block">
              Left out: {why}.
            </span>
          ))}
        </span>
      </li>
    );
  }
  if (error === undefined) {
    return (
      <li class="outcome ok">
        <Icon name="check" />
        <span class="ellipsis">{name}</span>
        <span class="muted small">{count(added, 'face')}</span>
      </li>
    );
  }
  const { title, advice } = explain(error);
  return (
    <li class="outcome bad">
      <Icon name="cross" />
      <span class="ellipsis">{name}</span>
      <span class="small">
        {title}. <span class="muted">{advice}</span>
      </span>
    </li>
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
