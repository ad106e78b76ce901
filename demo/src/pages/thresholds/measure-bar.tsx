import type { VNode } from 'preact';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Select } from '../../ui/select.tsx';
import { TaskProgress } from '../../ui/task-progress.tsx';

/** False match rates that can be asked for. */
const RATES = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5];

/** Which gallery is measured, and what is asked of a threshold. */
export function MeasureBar(): VNode {
  const { thresholds, library, settings } = useStore();
  const { measuring, falseMatchRate, isStale } = thresholds;
  const measured = measuring.result.value?.calibration;
  const isRunning = measuring.progress.value !== undefined;
  return (
    <section class="panel stack-3" aria-label="What is measured">
      <div class="gallery-bar">
        <Select
          label="Gallery"
          value={settings.gallery.value}
          options={library.galleries.value.map(({ name, count: faces }) => [name, `${name} (${faces})`])}
          onChange={(name) => (settings.gallery.value = name)}
        />
        <Select
          label="False match rate, at most"
          value={String(falseMatchRate.value)}
          options={RATES.map((rate) => [
            String(rate),
            `1 in ${Math.round(1 / rate).toLocaleString('en')} pairs`,
          ])}
          onChange={(rate) => {
            falseMatchRate.value = Number(rate);
            void measuring.start();
          }}
        />
        {measured && !isRunning && (
          <p class="muted small gallery-fill">
            {count(measured.faces, 'face')} of {count(measured.people, 'person', 'people')} compared,{' '}
            {measured.peopleWithSeveral.toLocaleString('en')} of them with several
          </p>
        )}
        {!isRunning && (
          <div class="row push">
            <button
              type="button"
              class={isStale.value ? 'button primary' : 'button'}
              onClick={() => void measuring.start()}
            >
              {measured ? 'Measure again' : 'Measure'}
            </button>
          </div>
        )}
      </div>
      <TaskProgress task={measuring} label="Faces compared" />
      {isStale.value && !isRunning && (
        <p role="status" class="small">
          Faces have changed since this was measured.
        </p>
      )}
    </section>
  );
}
