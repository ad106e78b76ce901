import type { VNode } from 'preact';
import type { Comparison, FacePair } from 'nearface';
import { count, likeness } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { faceName } from './compare-side.tsx';

/** Every face of the first photo against every face of the second, as a table to pick a pair from. */
export function PairList({ comparison }: { readonly comparison: Comparison }): VNode {
  const { compare } = useStore();
  const { pairs } = comparison;
  const rows = [...new Set(pairs.map(({ a }) => a))];
  const columns = [...new Set(pairs.map(({ b }) => b))];
  const same = pairs.filter(({ verified }) => verified).length;
  return (
    <section class="panel stack-3" aria-label="All pairs">
      <h2>
        {count(pairs.length, 'pair')}, {same === 0 ? 'none' : same} of the same person
      </h2>
      <div class="scroll-x">
        <table class="pairs">
          <caption class="visually-hidden">Confidence of each pair; press one to see it</caption>
          <thead>
            <tr>
              <td />
              {columns.map((b) => (
                <th key={b} scope="col">
                  {faceName('b', b)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((a) => (
              <tr key={a}>
                <th scope="row">{faceName('a', a)}</th>
                {columns.map((b) => {
                  const at = pairs.findIndex((pair) => pair.a === a && pair.b === b);
                  const pair = pairs[at];
                  return (
                    <td key={b}>
                      {pair && (
                        <button
                          type="button"
                          class={pair.verified ? 'pair same' : 'pair'}
                          aria-pressed={compare.pair.value === at}
                          aria-label={describe(pair)}
                          onClick={() => (compare.pair.value = at)}
                        >
                          {likeness(pair)}
                        </button>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function describe(pair: FacePair): string {
  const verdict = pair.verified ? 'same person' : 'different people';
  return `${faceName('a', pair.a)} and ${faceName('b', pair.b)}: ${likeness(pair)}, ${verdict}`;
}
