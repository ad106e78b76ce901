import type { VNode } from 'preact';
import { percent } from '../model/format.ts';

interface MeterProps {
  /** 0..1. */
  readonly value: number;
  readonly label: string;
  /** Marks on the scale, 0..1. */
  readonly marks?: readonly number[];
  readonly good?: boolean;
}

/** A share of 1 as a bar. */
export function Meter({ value, label, marks = [], good = false }: MeterProps): VNode {
  return (
    <div
      class={good ? 'meter good' : 'meter'}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={Number(value.toFixed(3))}
      aria-valuetext={percent(value)}
    >
      <div class="meter-fill" style={{ width: `${value * 100}%` }} />
      {marks.map((mark) => (
        <div key={mark} class="meter-mark" style={{ left: `${mark * 100}%` }} />
      ))}
    </div>
  );
}
