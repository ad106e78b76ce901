import type { VNode } from 'preact';
import type { SearchTimes } from '../../model/benchmark-words.ts';
import { milliseconds } from '../../model/format.ts';

/** How fast a large gallery is searched. */
export function SearchPanel({ search }: { readonly search: SearchTimes }): VNode {
  const { rows, oneMs, eachMs, atOnce } = search;
  return (
    <section class="panel stack-3" aria-label="Search">
      <h2>Search of {rows.toLocaleString('en')} faces</h2>
      <dl class="figures two">
        <div>
          <dt>one probe</dt>
          <dd>{milliseconds(oneMs)}</dd>
        </div>
        <div>
          <dt>each of {atOnce} at once</dt>
          <dd>{milliseconds(eachMs)}</dd>
        </div>
      </dl>
      <p class="muted small">
        Made-up faces in memory, which are gone again. A search runs on the processor, whatever the models run
        on.
      </p>
    </section>
  );
}
