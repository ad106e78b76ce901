import type { VNode } from 'preact';
import { percent } from '../model/format.ts';
import type { LongTask } from '../state/long-task.ts';

interface TaskProgressProps {
  readonly task: Pick<LongTask<unknown>, 'progress' | 'cancel'>;
  /** What is counted. */
  readonly label: string;
}

/** How far something is that takes long, and a way to end it; nothing while it does not run. */
export function TaskProgress({ task, label }: TaskProgressProps): VNode | null {
  const progress = task.progress.value;
  if (progress === undefined) return null;
  return (
    <div class="row nowrap">
      <progress aria-label={label} max={1} value={progress} />
      <span class="num small">{percent(progress)}</span>
      <button type="button" class="button" onClick={task.cancel}>
        Cancel
      </button>
    </div>
  );
}
