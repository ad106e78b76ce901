import type { VNode } from 'preact';
import { callCode, fullJson, shortJson } from '../../model/call-text.ts';
import { gateName } from '../../model/gates.ts';
import type { PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { CopyButton } from '../../ui/copy-button.tsx';

/** The call that the photo was looked at with, and its answer. */
export function CallPanel({ item }: { readonly item: PhotoItem }): VNode | null {
  const { settings } = useStore();
  const state = item.state.value;
  if (state.kind !== 'done') return null;
  const { call, detection } = state;
  const code = callCode(call, call.quality ? gateName(settings.gate.value) : undefined);
  return (
    <details class="panel disclosure">
      <summary>
        <h2>Call and answer</h2>
      </summary>
      <div class="stack-3 disclosed">
        <div class="row between">
          <h3>The call</h3>
          <CopyButton label="Copy the call" text={() => code} />
        </div>
        <pre class="code" tabIndex={0} role="region" aria-label="The call">
          {code}
        </pre>
        <div class="row between">
          <h3>The answer</h3>
          <CopyButton label="Copy all of it" text={() => fullJson(detection)} />
        </div>
        <pre class="code tall" tabIndex={0} role="region" aria-label="The answer">
          {shortJson(detection)}
        </pre>
        <p class="muted small">
          Long lists are cut and numbers rounded here; the copy is whole. A detail that was not asked for is
          absent.
        </p>
      </div>
    </details>
  );
}
