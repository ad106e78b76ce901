import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';

interface AbsentProps {
  readonly what: string;
  /** Whether the page asks for it. */
  readonly asked: Signal<boolean>;
}

/** Says that a detail is not in the answer, and why. */
export function Absent({ what, asked }: AbsentProps): VNode {
  if (asked.value) return <p class="muted">The answer has no {what} for this face.</p>;
  return (
    <div class="stack-2">
      <p class="muted">The {what} of faces is not asked for, so that the answer does not have it.</p>
      <div class="row">
        <button type="button" class="button" onClick={() => (asked.value = true)}>
          Ask for it
        </button>
      </div>
    </div>
  );
}
