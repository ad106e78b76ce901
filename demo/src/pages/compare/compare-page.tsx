import type { VNode } from 'preact';
import { useCallback } from 'preact/hooks';
import type { Side } from '../../state/compare-store.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { usePaste } from '../../ui/photo-source.tsx';
import { Problem } from '../../ui/problem.tsx';
import { CompareSide } from './compare-side.tsx';
import { PairList } from './pair-list.tsx';
import { Verdict } from './verdict.tsx';

/** Whether two photos show the same person. */
export function ComparePage(): VNode {
  const { compare } = useStore();
  const state = compare.state.value;
  const paste = useCallback((files: readonly File[]) => {
    const free: Side = compare.photos.a.value ? 'b' : 'a';
    compare.set(free, { name: files[0]!.name, blob: files[0]! });
  }, []);
  usePaste(paste);
  return (
    <>
      <PageHead title="Compare" lead="Do two photos show the same person?" />
      <div class="compare-sides">
        <CompareSide side="a" title="First photo" />
        <CompareSide side="b" title="Second photo" />
      </div>
      <div aria-live="polite" class="stack-4">
        {state.kind === 'empty' && <p class="muted">Choose two photos, and the answer appears here.</p>}
        {state.kind === 'working' && <p class="muted">Comparing…</p>}
        {state.kind === 'failed' && <Problem error={state.error} onRetry={compare.retry} />}
        {state.kind === 'done' && (
          <>
            <Verdict comparison={state.comparison} />
            {state.comparison.pairs.length > 1 && <PairList comparison={state.comparison} />}
          </>
        )}
      </div>
    </>
  );
}
