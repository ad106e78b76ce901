import type { VNode } from 'preact';
import type { Mode } from '../../model/call-text.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { Select } from '../../ui/select.tsx';
import { Toggle } from '../../ui/toggle.tsx';

const MODE_LABELS: readonly (readonly [Mode, string])[] = [
  ['accurate', 'Accurate: all faces'],
  ['fast', 'Fast: one near face'],
  ['auto', 'Auto: fast first'],
];

interface LookBarProps {
  readonly drawing: boolean;
  readonly onDrawing: (drawing: boolean) => void;
}

/** How faces are looked for, and which details are asked for. */
export function LookBar({ drawing, onDrawing }: LookBarProps): VNode {
  const { settings } = useStore();
  return (
    <section class="look-bar" aria-label="How to look">
      <Select
        label="Mode"
        value={settings.mode.value}
        options={MODE_LABELS}
        onChange={(mode) => (settings.mode.value = mode)}
      />
      <button type="button" class="button" aria-pressed={drawing} onClick={() => onDrawing(!drawing)}>
        <Icon name="area" />
        Area
      </button>
      <Toggle label="Quality" on={settings.askQuality} />
      <Toggle label="Attributes" on={settings.askAttributes} />
      <Toggle label="Liveness" on={settings.askLiveness} />
      <Toggle label="Auto-rotate" on={settings.autoRotate} />
    </section>
  );
}
