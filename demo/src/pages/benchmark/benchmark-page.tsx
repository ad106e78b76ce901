import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { bestOf, codeOf, reportOf, verdictOf, type BenchmarkResult } from '../../model/benchmark-words.ts';
import { useStore } from '../../state/store.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { TaskProgress } from '../../ui/task-progress.tsx';
import { BackendTable } from './backend-table.tsx';
import { SearchPanel } from './search-panel.tsx';

/** How fast each backend is on this machine. */
export function BenchmarkPage(): VNode {
  const { benchmark, announcement } = useStore();
  const { progress, result, error } = benchmark;
  const isRunning = progress.value !== undefined;
  const found = result.value;
  useEffect(() => {
    if (!isRunning && found?.search) announcement.value = verdictOf(found.backends);
  }, [isRunning]);
  return (
    <>
      <PageHead
        title="Benchmark"
        lead="What the models run fastest on, measured on your own machine. Nothing is sent anywhere."
      />
      <section class="panel stack-3" aria-label="Measure">
        <p class="narrow">
          Every backend that this browser has looks at the same pictures, by turns, for half a minute or so:
          close what else keeps the machine busy.
        </p>
        {isRunning ? (
          <TaskProgress task={benchmark} label="Measured" />
        ) : (
          <div class="row">
            <button type="button" class="button primary" onClick={() => void benchmark.start()}>
              {found ? 'Measure again' : 'Measure'}
            </button>
            {found && <CopyButton label="Copy as text" text={() => reportOf(found)} />}
          </div>
        )}
      </section>
      {error.value !== undefined && <Problem error={error.value} />}
      {found && !isRunning && <Verdict result={found} />}
      {found && <BackendTable result={found} />}
      {found?.search && <SearchPanel search={found.search} />}
    </>
  );
}

/** Which is best here, and a way to take it. */
function Verdict({ result: { backends } }: { readonly result: BenchmarkResult }): VNode {
  const { engine, settings, announcement } = useStore();
  const state = engine.state.value;
  const best = bestOf(backends)?.best.choice;
  const device = best?.options.device;
  // The page's own instance has one thread.
  const canUse = best !== undefined && best.id !== 'threads';
  const isInUse = canUse && state.kind === 'ready' && state.nf.info.backend === device;
  return (
    <section class="panel recommendation" aria-label="Verdict">
      <Icon name={best ? 'check' : 'warning'} />
      <div class="stack-2">
        <h2>{verdictOf(backends)}</h2>
        {best && (
          <p>
            <code>{codeOf(best)}</code>
          </p>
        )}
      </div>
      {isInUse && <span class="tag">in use</span>}
      {canUse && !isInUse && device && (
        <button
          type="button"
          class="button"
          onClick={() => {
            settings.device.value = device;
            announcement.value = `This page runs on ${best.label} now.`;
          }}
        >
          Use it on this page
        </button>
      )}
    </section>
  );
}
