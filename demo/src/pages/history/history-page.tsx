import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { DayChart } from './day-chart.tsx';
import { HistoryFilters } from './history-filters.tsx';
import { PhotoProbe } from './photo-probe.tsx';
import { SightingList } from './sighting-list.tsx';

/** Who was seen, when and where. */
export function HistoryPage(): VNode {
  const { history, library, engine } = useStore();
  const [filter, version] = [history.filter.value, library.version.value];
  const isReady = engine.state.value.kind === 'ready';
  useEffect(() => {
    if (isReady) void history.refresh();
  }, [filter, version, isReady]);
  return (
    <>
      <PageHead title="History" lead="Who was seen, when and where. It stays in this browser." />
      {history.error.value !== undefined && isReady && (
        <Problem error={history.error.value} onRetry={() => void history.refresh()} />
      )}
      {history.isEmpty.value === true && <NothingSeen />}
      {history.isEmpty.value === false && (
        <>
          <HistoryFilters />
          <PhotoProbe />
          <DayChart />
          <SightingList />
        </>
      )}
    </>
  );
}

function NothingSeen(): VNode {
  return (
    <section class="panel stack-3 empty-state">
      <h2>Nobody was seen yet</h2>
      <p class="muted narrow">
        Each time that somebody is seen by a camera or in a video, a line is noted here: who it was, when, and
        by which camera, with a small picture.
      </p>
      <div class="row center">
        <a class="button primary" href="#/camera">
          Open the camera
        </a>
        <a class="button" href="#/video">
          Open a video
        </a>
      </div>
    </section>
  );
}
