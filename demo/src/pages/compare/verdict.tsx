import type { VNode } from 'preact';
import type { AlignedCrop, Comparison } from 'nearface';
import { percent } from '../../model/format.ts';
import { LEVELS, meaningOf } from '../../model/thresholds.ts';
import { useStore } from '../../state/store.ts';
import { Crop } from '../../ui/crop.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Meter } from '../../ui/meter.tsx';
import { faceName } from './compare-side.tsx';

/** The pair in question: its two crops, the answer, and what the answer rests on. */
export function Verdict({ comparison }: { readonly comparison: Comparison }): VNode | null {
  const { compare, settings } = useStore();
  const pair = comparison.pairs[compare.pair.value];
  if (!pair) return null;
  const { verified, confidence, cosine, distance } = pair;
  return (
    <section class="panel verdict" aria-label="Verdict">
      <div class="crops">
        <FaceCrop crop={comparison.a?.faces[pair.a]?.crop} name={faceName('a', pair.a)} />
        <FaceCrop crop={comparison.b?.faces[pair.b]?.crop} name={faceName('b', pair.b)} />
      </div>
      <div class="stack-3 verdict-text">
        <p class={verified ? 'verdict-line yes' : 'verdict-line no'}>
          <Icon name={verified ? 'check' : 'cross'} />
          {verified ? 'Same person' : 'Different people'}
        </p>
        {confidence !== undefined && (
          <Meter
            value={confidence}
            label="Confidence that it is the same person"
            marks={LEVELS}
            named
            good={verified}
          />
        )}
        <p class="num small">
          {confidence !== undefined && <>confidence {percent(confidence)} · </>}cosine {cosine.toFixed(3)} ·
          distance {distance.toFixed(3)}
        </p>
        {confidence !== undefined && <Levels confidence={confidence} />}
        {settings.threshold.value === 'fpir' && (
          <p class="muted small">Threshold in use: {meaningOf('fpir')}.</p>
        )}
      </div>
    </section>
  );
}

function FaceCrop({
  crop,
  name,
}: {
  readonly crop: AlignedCrop | undefined;
  readonly name: string;
}): VNode | null {
  if (!crop) return null;
  return (
    <figure class="crop-figure">
      <Crop crop={crop} label={`Face ${name}, aligned`} large />
      <figcaption class="muted small">{name}</figcaption>
    </figure>
  );
}

/** The named levels, which of them this pair passes, and what each means. */
function Levels({ confidence }: { readonly confidence: number }): VNode {
  const { settings } = useStore();
  return (
    <ul class="levels">
      {LEVELS.map((level) => {
        const passed = confidence >= level.confidence;
        const chosen = level.choice === settings.threshold.value;
        return (
          <li key={level.choice} class={`level${passed ? ' passed' : ''}${chosen ? ' chosen' : ''}`}>
            <Icon name={passed ? 'check' : 'cross'} />
            <span class="visually-hidden">{passed ? 'Passed:' : 'Not passed:'}</span>
            <span>
              <strong>{level.label}</strong> <span class="num">{level.confidence.toFixed(2)}</span>
              {chosen && <span class="tag">in use</span>}
              <span class="muted small block">{level.meaning}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
