import type { VNode } from 'preact';
import {
  fastestOf,
  TASKS,
  type BackendTimes,
  type BenchmarkResult,
  type Task,
} from '../../model/benchmark-words.ts';
import { explain } from '../../model/explain.ts';
import { milliseconds } from '../../model/format.ts';
import { ROUNDS } from '../../state/benchmark-store.ts';

/** The times of each backend, with bars on the scale of each task. */
export function BackendTable({ result }: { readonly result: BenchmarkResult }): VNode {
  const { backends, missing, facesFound } = result;
  const fastest = fastestOf(backends);
  return (
    <section class="panel stack-3" aria-label="Backends">
      <h2>Models</h2>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Times of each backend">
        <table class="table benchmark-table">
          <thead>
            <tr>
              <th scope="col">Backend</th>
              {TASKS.map(([task, label]) => (
                <th key={task} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {backends.map((times) => (
              <tr key={times.choice.id}>
                <th scope="row">
                  {times.choice.label}
                  {times === fastest && <span class="tag">fastest</span>}
                  <span class="muted small block">{times.about}</span>
                  {times.error !== undefined && (
                    <span class="small block failed">{explain(times.error).detail}</span>
                  )}
                </th>
                {TASKS.map(([task]) => (
                  <TimeCell key={task} times={times} task={task} slowest={slowestOf(backends, task)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {missing.map((text) => (
        <p key={text} class="small">
          {text}
        </p>
      ))}
      <p class="muted small">
        From the picture to its embeddings, medians. One face: of {ROUNDS.one} rounds, in a picture of 1280 ×
        960. 20 faces: of {ROUNDS.many} rounds, in one of 1920 × 1280
        {facesFound === undefined ? '' : `, of which ${facesFound} were found`}. To start: with models that
        this browser may have in its cache.
      </p>
    </section>
  );
}

function slowestOf(backends: readonly BackendTimes[], task: Task): number {
  return Math.max(...backends.map(({ ms }) => ms[task] ?? 0), 1e-3);
}

interface TimeCellProps {
  readonly times: BackendTimes;
  readonly task: Task;
  readonly slowest: number;
}

function TimeCell({ times, task, slowest }: TimeCellProps): VNode {
  const ms = times.ms[task];
  if (ms === undefined) return <td class="muted">{times.error === undefined ? '…' : '–'}</td>;
  return (
    <td>
      <span class="num">{milliseconds(ms)}</span>
      <div class="thin-meter" aria-hidden="true">
        <div style={{ width: `${(100 * ms) / slowest}%` }} />
      </div>
    </td>
  );
}
