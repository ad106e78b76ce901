import type { VNode } from 'preact';

interface RangeMeterProps {
  readonly label: string;
  readonly value: number;
  /** `value` as it is read out. */
  readonly text: string;
  readonly min: number;
  readonly max: number;
  /** The part of the scale that is allowed; none is marked without it. */
  readonly allowed?: readonly [from: number, to: number] | undefined;
  readonly bad?: boolean;
}

/** A value as a bar from zero, on a scale with the allowed part marked below it. */
export function RangeMeter({ label, value, text, min, max, allowed, bad = false }: RangeMeterProps): VNode {
  const at = (x: number): number => (100 * (Math.min(max, Math.max(min, x)) - min)) / (max - min);
  const [from, to] = [at(Math.min(0, value)), at(Math.max(0, value))];
  return (
    <div
      class={`range-meter${bad ? ' bad' : ''}`}
      role="meter"
      aria-label={label}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={Number(value.toFixed(3))}
      aria-valuetext={text}
    >
      <div class="range-track">
        <div class="range-fill" style={{ left: `${from}%`, width: `${to - from}%` }} />
        {min < 0 && <div class="range-zero" style={{ left: `${at(0)}%` }} />}
      </div>
      {allowed && (
        <div
          class="range-allowed"
          style={{
            left: `min(${at(allowed[0])}%, 100% - 3px)`,
            width: `${at(allowed[1]) - at(allowed[0])}%`,
          }}
        />
      )}
    </div>
  );
}
