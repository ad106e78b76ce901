import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { FaceRecord, MeasuredPair, OwnCalibration } from 'nearface';
import { percent } from '../../model/format.ts';
import { measuredAt } from '../../model/rate-words.ts';
import { useStore } from '../../state/store.ts';
import { Tabs } from '../../ui/tabs.tsx';
import { FaceDialog } from '../people/face-dialog.tsx';
import { FaceTile } from './face-tile.tsx';

/** Pairs that are shown with each step. */
const STEP = 12;

type Kind = 'strangers' | 'one';

/** The pairs that the threshold gets wrong, in pictures. */
export function WrongPairs({ calibration }: { readonly calibration: OwnCalibration }): VNode {
  const { thresholds } = useStore();
  const [kind, setKind] = useState<Kind>('strangers');
  const [shown, setShown] = useState(STEP);
  const [face, setFace] = useState<FaceRecord>();
  const place = thresholds.place.value;
  const point = measuredAt(calibration, place);
  const [wrong, missed] = [point?.falseMatch.errors ?? 0, point?.falseNonMatch.errors ?? 0];
  const pairs =
    kind === 'strangers'
      ? calibration.likestStrangers.filter(({ confidence }) => confidence >= place)
      : calibration.unlikestOfOne.filter(({ confidence }) => confidence < place);
  const all = kind === 'strangers' ? wrong : missed;
  return (
    <section class="panel stack-3" aria-label="Wrong pairs">
      <h2>What goes wrong at {place.toFixed(3)}</h2>
      <Tabs<Kind>
        label="Wrong pairs"
        tabs={[
          { name: 'strangers', label: `Taken for one (${wrong.toLocaleString('en')})` },
          { name: 'one', label: `Not known again (${missed.toLocaleString('en')})` },
        ]}
        chosen={kind}
        onChoose={(name) => {
          setKind(name);
          setShown(STEP);
        }}
      >
        {pairs.length === 0 && <p class="muted">None at this threshold.</p>}
        <ul class="pair-grid" aria-label="Pairs">
          {pairs.slice(0, shown).map((pair) => (
            <PairCard key={`${pair.a.id} ${pair.b.id}`} pair={pair} onOpen={setFace} />
          ))}
        </ul>
        {pairs.length > shown && (
          <div class="row center">
            <button type="button" class="button" onClick={() => setShown(shown + 2 * STEP)}>
              Show more ({(pairs.length - shown).toLocaleString('en')})
            </button>
          </div>
        )}
        {all > pairs.length && pairs.length > 0 && pairs.length <= shown && (
          <p class="muted small">
            The {pairs.length.toLocaleString('en')} {kind === 'strangers' ? 'likest' : 'least alike'} of{' '}
            {all.toLocaleString('en')} pairs.
          </p>
        )}
      </Tabs>
      {face && <FaceDialog key={face.id} record={face} onClose={() => setFace(undefined)} />}
    </section>
  );
}

interface PairCardProps {
  readonly pair: MeasuredPair;
  readonly onOpen: (face: FaceRecord) => void;
}

function PairCard({ pair: { a, b, confidence }, onOpen }: PairCardProps): VNode {
  return (
    <li class="pair-card">
      <FaceTile record={a} onOpen={onOpen} />
      <FaceTile record={b} onOpen={onOpen} />
      <span class="num small pair-score">{percent(confidence)} alike</span>
    </li>
  );
}
