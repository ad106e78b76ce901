import type { VNode } from 'preact';
import { percent } from '../model/format.ts';
import type { Level } from '../model/thresholds.ts';

interface MeterProps {
  /** 0..1. */
  readonly value: number;
  readonly label: string;
  /** Levels marked on the scale. */
  readonly marks?: readonly Level[];
  /** Whether the marks carry their names; neighbours stand above and below by turns. */
  readonly named?: boolean;
  readonly good?: boolean;
}

/** A share of 1 as a bar. */
export function Meter({ value, label, marks = [], named = false, good = false }: MeterProps): VNode {
  return (
    <div
      class={`meter${good ? ' good' : ''}${named ? ' named' : ''}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={Number(value.toFixed(3))}
      aria-valuetext={percent(value)}
    >
      <div class="meter-fill" style={{ width: `${value * 100}%` }} />
      {marks.map((mark, i) => (
        <div key={mark.choice} class="meter-mark" style={{ left: `${mark.confidence * 100}%` }}>
          {named && (
            <span class={`meter-name ${mark.choice}${i % 2 ? ' above' : ''}`} aria-hidden="true">
              {mark.label}
            </span>
          )}
        </div>
      ))}
    </div>
  );
}
