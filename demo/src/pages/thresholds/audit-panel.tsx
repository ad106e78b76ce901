import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FaceRecord } from 'nearface';
import { count } from '../../model/format.ts';
import { FINDING_KINDS } from '../../model/finding-words.ts';
import { useStore } from '../../state/store.ts';
import { Problem } from '../../ui/problem.tsx';
import { TaskProgress } from '../../ui/task-progress.tsx';
import { FaceDialog } from '../people/face-dialog.tsx';
import { FindingCard } from './finding-card.tsx';

/** Findings of a kind that are shown with each step. */
const STEP = 10;

/** Looks through the gallery for wrong names and faces that are there twice, and puts them right. */
export function AuditPanel(): VNode {
  const { thresholds, library, announcement } = useStore();
  const { auditing } = thresholds;
  const [opened, setOpened] = useState<{ readonly face: FaceRecord; readonly version: number }>();
  const found = auditing.result.value;
  const isRunning = auditing.progress.value !== undefined;
  useEffect(() => {
    if (found && !isRunning) announcement.value = `${count(found.list.length, 'finding')}.`;
  }, [isRunning]);
  const close = (): void => {
    if (opened && opened.version !== library.version.peek()) thresholds.settle(opened.face.id);
    setOpened(undefined);
  };
  return (
    <section class="panel stack-3" aria-label="What looks wrong">
      <div class="row between">
        <h2>What looks wrong in the gallery</h2>
        {!isRunning && (
          <button type="button" class="button" onClick={() => void auditing.start()}>
            {found ? 'Look again' : 'Look through it'}
          </button>
        )}
      </div>
      {!found && !isRunning && (
        <p class="muted narrow">
          Faces that are unlike their namesakes, names that look like one person, and faces that are there
          twice are looked for. Nothing is changed until you say so.
        </p>
      )}
      <TaskProgress task={auditing} label="Faces looked at" />
      {auditing.error.value !== undefined && (
        <Problem error={auditing.error.value} onRetry={() => void auditing.start()} />
      )}
      {found && found.list.length === 0 && !isRunning && <p>Nothing is left that looks wrong.</p>}
      {found &&
        FINDING_KINDS.map((kind) => (
          <FindingGroup
            key={kind.kind}
            {...kind}
            onOpen={(face) => setOpened({ face, version: library.version.peek() })}
          />
        ))}
      {found?.hasMore && !isRunning && (
        <p class="muted small">There is more: put these right, and look again.</p>
      )}
      {opened && <FaceDialog key={opened.face.id} record={opened.face} onClose={close} />}
    </section>
  );
}

type FindingGroupProps = (typeof FINDING_KINDS)[number] & { readonly onOpen: (face: FaceRecord) => void };

function FindingGroup({ kind, title, meaning, onOpen }: FindingGroupProps): VNode | null {
  const { thresholds } = useStore();
  const [shown, setShown] = useState(STEP);
  const list = (thresholds.auditing.result.value?.list ?? []).filter((finding) => finding.kind === kind);
  if (list.length === 0) return null;
  return (
    <section class="stack-2" aria-label={title(list.length)}>
      <h3>{title(list.length)}</h3>
      <p class="muted small">{meaning}</p>
      <ul class="stack-2">
        {list.slice(0, shown).map((finding) => (
          <FindingCard key={keyOf(finding)} finding={finding} onOpen={onOpen} />
        ))}
      </ul>
      {list.length > shown && (
        <div class="row center">
          <button type="button" class="button" onClick={() => setShown(shown + 2 * STEP)}>
            Show more ({(list.length - shown).toLocaleString('en')})
          </button>
        </div>
      )}
    </section>
  );
}

function keyOf(finding: Parameters<typeof FindingCard>[0]['finding']): string {
  switch (finding.kind) {
    case 'unlike':
      return finding.face.id;
    case 'alike':
      return finding.people.map(({ faces }) => faces[0]?.id).join(' ');
    case 'duplicate':
      return finding.faces.map(({ id }) => id).join(' ');
  }
}
