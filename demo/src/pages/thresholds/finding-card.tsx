import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { AuditFinding, FaceRecord } from 'nearface';
import { canBeKeptApart, findingText, nameOfFace } from '../../model/finding-words.ts';
import { useStore } from '../../state/store.ts';
import { Problem } from '../../ui/problem.tsx';
import { FaceTile } from './face-tile.tsx';

interface FindingCardProps {
  readonly finding: AuditFinding;
  readonly onOpen: (face: FaceRecord) => void;
}

/** One finding: whom it is about, and what can be done about it. */
export function FindingCard({ finding, onOpen }: FindingCardProps): VNode {
  const { thresholds } = useStore();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = async (work: Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    await work.catch(setError);
    setBusy(false);
  };
  const [left, right] = sidesOf(finding);
  return (
    <li class="finding">
      <div class="finding-faces">
        {left.map((face) => (
          <FaceTile key={face.id} record={face} onOpen={onOpen} />
        ))}
        <span class="finding-versus muted" aria-hidden="true">
          {finding.kind === 'unlike' ? '≠' : '≈'}
        </span>
        {right.map((face) => (
          <FaceTile key={face.id} record={face} onOpen={onOpen} />
        ))}
      </div>
      <div class="stack-2">
        <p>{findingText(finding)}</p>
        {error !== undefined && <Problem error={error} />}
        <fieldset class="row plain" disabled={busy} aria-label="What to do about it">
          <Deeds finding={finding} run={(work) => void run(work)} />
          <button type="button" class="button slim" onClick={() => thresholds.dismiss(finding)}>
            Leave it
          </button>
        </fieldset>
      </div>
    </li>
  );
}

interface DeedsProps {
  readonly finding: AuditFinding;
  readonly run: (work: Promise<void>) => void;
}

function Deeds({ finding, run }: DeedsProps): VNode {
  const { thresholds } = useStore();
  switch (finding.kind) {
    case 'unlike': {
      const { face, better } = finding;
      return (
        <>
          {better && (
            <button type="button" class="button slim primary" onClick={() => run(thresholds.move(finding))}>
              Move to {nameOfFace(better.record)}
            </button>
          )}
          {face.personId !== undefined && (
            <button type="button" class="button slim" onClick={() => run(thresholds.notOf(finding))}>
              Not {nameOfFace(face)}
            </button>
          )}
          <button type="button" class="button slim danger" onClick={() => run(thresholds.deleteFace(face))}>
            Delete the face
          </button>
        </>
      );
    }
    case 'alike':
      return (
        <>
          <button type="button" class="button slim primary" onClick={() => run(thresholds.merge(finding))}>
            Merge
          </button>
          {canBeKeptApart(finding) && (
            <button type="button" class="button slim" onClick={() => run(thresholds.notSame(finding))}>
              Not the same
            </button>
          )}
        </>
      );
    case 'duplicate':
      return (
        <>
          {(['first', 'second'] as const).map((which, i) => (
            <button
              key={which}
              type="button"
              class="button slim danger"
              onClick={() => run(thresholds.deleteFace(finding.faces[i]!))}
            >
              Delete the {which}
            </button>
          ))}
        </>
      );
  }
}

/** Faces of a side that are shown. */
const MOST_FACES = 3;

function sidesOf(finding: AuditFinding): readonly [readonly FaceRecord[], readonly FaceRecord[]] {
  switch (finding.kind) {
    case 'unlike':
      return [[finding.face], finding.namesakes.slice(0, MOST_FACES)];
    case 'alike': {
      const [a, b] = finding.people;
      return [a.faces.slice(0, MOST_FACES), b.faces.slice(0, MOST_FACES)];
    }
    case 'duplicate':
      return [[finding.faces[0]], [finding.faces[1]]];
  }
}
