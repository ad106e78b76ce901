import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { NearFaceError } from 'nearface';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { BatchPanel } from '../people/batch-panel.tsx';
import { AuditPanel } from './audit-panel.tsx';
import { LevelTable } from './level-table.tsx';
import { MeasureBar } from './measure-bar.tsx';
import { Recommendation } from './recommendation.tsx';
import { ScorePanel } from './score-panel.tsx';
import { TooFewPeople } from './too-few-people.tsx';
import { WrongPairs } from './wrong-pairs.tsx';

/** What a threshold means among a gallery's own people, and what is wrong in the gallery. */
export function ThresholdsPage(): VNode {
  const { thresholds, library, engine, settings, batch } = useStore();
  const { measuring } = thresholds;
  // What is stored has been read once: before that every gallery would seem to change.
  const isRead = library.version.value > 0 && library.inUse.value !== undefined;
  const isReady = engine.state.value.kind === 'ready' && isRead;
  const isEnrolling = batch.batch.value?.running === true;
  const [measured, error] = [measuring.result.value, measuring.error.value];
  const tooFew = error instanceof NearFaceError && error.code === 'TOO_FEW_PEOPLE' ? error : undefined;
  useEffect(() => {
    const isNew = measuring.result.peek() === undefined && measuring.progress.peek() === undefined;
    if (isReady && !isEnrolling && isNew) void measuring.start();
  }, [isReady, isEnrolling, settings.gallery.value]);
  return (
    <>
      <PageHead
        title="Thresholds"
        lead="From when on are two faces one person? Measured among the people of your own gallery."
      />
      {isReady && <MeasureBar />}
      <BatchPanel />
      {tooFew && !isEnrolling && <TooFewPeople error={tooFew} />}
      {error !== undefined && !tooFew && isReady && (
        <Problem error={error} onRetry={() => void measuring.start()} />
      )}
      {measured && (
        <>
          <Recommendation measured={measured} />
          <ScorePanel calibration={measured.calibration} />
          <LevelTable calibration={measured.calibration} />
          <WrongPairs calibration={measured.calibration} />
        </>
      )}
      {isReady && (library.inUse.value?.count ?? 0) > 0 && <AuditPanel />}
    </>
  );
}
