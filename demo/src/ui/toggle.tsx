import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';

/** A check box for a yes or no that the page remembers. */
export function Toggle({ label, on }: { readonly label: string; readonly on: Signal<boolean> }): VNode {
  return (
    <label class="toggle">
      <input
        type="checkbox"
        checked={on.value}
        onChange={({ currentTarget }) => (on.value = currentTarget.checked)}
      />
      {label}
    </label>
  );
}
