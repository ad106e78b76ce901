import type { VNode } from 'preact';
import type { Face } from 'nearface';
import { degrees } from '../../model/pose-axes.ts';

const TURNS = [
  ['yaw', 'Yaw', 'left', 'right'],
  ['pitch', 'Pitch', 'up', 'down'],
  ['roll', 'Roll', 'clockwise', 'counter-clockwise'],
] as const;

/** Where the face is, which way it looks, and what else the answer holds of it. */
export function NumbersPane({ face }: { readonly face: Face }): VNode {
  const { position, score, angle, landmarks, mesh, embedding, modelId } = face;
  const { left, top, width, height } = position;
  const facts: readonly (readonly [string, string])[] = [
    ['Box', `${Math.round(width)} × ${Math.round(height)} px at ${Math.round(left)}, ${Math.round(top)}`],
    ['Score', score.toFixed(3)],
    ...(angle ? [['Centre', `${angle.centerX.toFixed(0)}, ${angle.centerY.toFixed(0)} px`] as const] : []),
    ['Landmarks', landmarks ? `${landmarks.length} points` : 'not in the answer'],
    ['Mesh', mesh ? `${mesh.length} points` : 'not in the answer'],
    ['Embedding', embedding ? `${embedding.length} numbers, ${modelId ?? ''}` : 'not in the answer'],
  ];
  return (
    <>
      {angle ? (
        <dl class="turns">
          {TURNS.map(([turn, label, minus, plus]) => (
            <div key={turn} class={turn}>
              <dt>{label}</dt>
              <dd>
                <strong class="num">{degrees(angle[turn])}</strong>
                <span class="muted small">{wayOf(angle[turn], minus, plus)}</span>
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <p class="muted">The answer has no angle.</p>
      )}
      <dl class="facts num-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="num">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function wayOf(value: number, minus: string, plus: string): string {
  return Math.abs(value) < 0.5 ? 'straight' : value > 0 ? plus : minus;
}
