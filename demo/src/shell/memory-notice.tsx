import type { VNode } from 'preact';
import { useStore } from '../state/store.ts';
import { Icon } from '../ui/icon.tsx';

/** Whether galleries lie in memory: the browser gives this page no storage. */
export function isInMemory({ engine }: Pick<ReturnType<typeof useStore>, 'engine'>): boolean {
  const state = engine.state.value;
  return state.kind === 'ready' && state.nf.info.storage.kind === 'memory';
}

/** Says that nothing is stored, and how to keep it all the same. */
export function MemoryNotice(): VNode | null {
  if (!isInMemory(useStore())) return null;
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div class="stack-2">
        <p class="problem-title">The browser does not let this page store anything</p>
        <p>
          Everything works, but whoever is enrolled is forgotten when this page is closed:{' '}
          <a href="#/storage">export a gallery</a> to keep it. Private windows and strict privacy settings can
          forbid storage; allow site data for this page, or use a normal window.
        </p>
      </div>
    </div>
  );
}
