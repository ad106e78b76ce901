import type { VNode } from 'preact';
import type { Timings } from 'nearface';
import { milliseconds } from '../model/format.ts';

const STAGES = [
  'decode',
  'detect',
  'landmarks',
  'align',
  'embed',
  'quality',
  'traits',
  'occlusion',
  'demographics',
  'emotions',
  'liveness',
] as const;

/** Median milliseconds per stage over the last runs of all pages, as bars on one scale. */
export function StageTimes({ timings }: { readonly timings: Timings }): VNode | null {
  const stages = STAGES.flatMap((stage) =>
    timings[stage] === undefined ? [] : [[stage, timings[stage]] as const],
  );
  if (stages.length === 0) return null;
  const longest = Math.max(...stages.map(([, ms]) => ms), 1e-3);
  return (
    <table class="stage-times">
      <caption class="muted small">Per stage, the median of the last pictures looked at on any page</caption>
      <tbody>
        {stages.map(([stage, ms]) => (
          <tr key={stage}>
            <th scope="row">{stage}</th>
            <td class="bar" aria-hidden="true">
              <div style={{ width: `${(ms / longest) * 100}%` }} />
            </td>
            <td class="num">{milliseconds(ms)}</td>
          </tr>
        ))}
        {timings.total !== undefined && (
          <tr class="total">
            <th scope="row">total</th>
            <td aria-hidden="true" />
            <td class="num">{milliseconds(timings.total)}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
