import type { VNode } from 'preact';
import type { Mode } from '../../model/call-text.ts';
import { count, milliseconds } from '../../model/format.ts';
import { RUNS, type ModeTrial } from '../../state/mode-trials.ts';
import type { PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { Problem } from '../../ui/problem.tsx';

const ABOUT: Readonly<Record<Mode, string>> = {
  fast: 'One small pass, for a near face.',
  accurate: 'Several scales and tiles, for near and far faces.',
  auto: 'Fast first, then accurate if that found none or several are wanted.',
};

/** The three modes on the photo shown: what each finds, and how long it takes. */
export function ModePanel({ item }: { readonly item: PhotoItem }): VNode {
  const { modes, settings } = useStore();
  const set = modes.set.value;
  const holds =
    set?.item === item && set.area === item.area.value && set.autoRotate === settings.autoRotate.value;
  const trials = holds ? set.trials : [];
  const slowest = Math.max(...trials.map(({ ms }) => ms), 1e-3);
  return (
    <details class="panel disclosure">
      <summary>
        <h2>Compare the modes</h2>
      </summary>
      <div class="stack-3 disclosed">
        <div class="row">
          <button
            type="button"
            class="button"
            disabled={set?.running ?? false}
            onClick={() => void modes.run(item)}
          >
            {set?.running ? 'Looking…' : trials.length > 0 ? 'Run again' : 'Run all three'}
          </button>
          <span class="muted small">
            Boxes only, without details; the middle of {RUNS} calls each, from the file to the answer.
          </span>
        </div>
        {holds && set.error !== undefined && <Problem error={set.error} />}
        {trials.length > 0 && (
          <ul class="trials" aria-label="Modes">
            {trials.map((trial) => (
              <Trial key={trial.mode} trial={trial} item={item} slowest={slowest} />
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}

interface TrialProps {
  readonly trial: ModeTrial;
  readonly item: PhotoItem;
  readonly slowest: number;
}

function Trial({ trial: { mode, detection, ms }, item, slowest }: TrialProps): VNode {
  const { width, height, faces, rotation } = detection;
  const state = item.state.value;
  const turned = state.kind === 'done' && state.detection.rotation === rotation ? state.turnedUrl : undefined;
  return (
    <li class="trial">
      <div class="trial-picture" style={{ aspectRatio: `${width} / ${height}` }}>
        <img src={turned ?? item.url} alt="" />
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {faces.map(({ position }, i) => (
            <rect
              key={i}
              x={position.left}
              y={position.top}
              width={position.width}
              height={position.height}
            />
          ))}
        </svg>
      </div>
      <h3>{mode.charAt(0).toUpperCase() + mode.slice(1)}</h3>
      <p class="trial-figures">
        <span>{count(faces.length, 'face')}</span>
        <span class="num">{milliseconds(ms)}</span>
      </p>
      <div class="trial-bar" aria-hidden="true">
        <div style={{ width: `${(100 * ms) / slowest}%` }} />
      </div>
      <p class="muted small">{ABOUT[mode]}</p>
    </li>
  );
}
