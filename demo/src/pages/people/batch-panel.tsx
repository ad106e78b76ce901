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
          {[...batch.outcomes].sort(failedFirst).map((outcome) => (
            <Outcome key={outcome.name} outcome={outcome} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Outcome({ outcome: { name, added, error } }: { readonly outcome: BatchOutcome }): VNode {
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

function failedFirst(a: BatchOutcome, b: BatchOutcome): number {
  return Number(b.error !== undefined) - Number(a.error !== undefined);
}

function summary({ outcomes }: Batch): string {
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  const faces = outcomes.reduce((sum, { added }) => sum + added, 0);
  return `${count(faces, 'face')} enrolled, ${count(failed, 'photo')} failed`;
}
