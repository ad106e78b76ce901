import type { ReportFormat } from 'nearface';
import type { VNode } from 'preact';
import { count } from '../../model/format.ts';
import { videoTime } from '../../model/person-words.ts';
import type { OpenVideo } from '../../state/video-store.ts';
import { useStore } from '../../state/store.ts';
import { PickButton } from '../../ui/photo-source.tsx';

const REPORTS: readonly ReportFormat[] = ['html', 'csv', 'json'];

/** How far the video is, and what can be done with it. */
export function VideoBar({ video }: { readonly video: OpenVideo }): VNode {
  const { video: store } = useStore();
  const { name, state, progress, notice } = video;
  const isBusy = state === 'running' || state === 'paused';
  const lanes = store.lanes.value;
  const take = (files: FileList | null): void => {
    const file = files?.[0];
    if (file) void store.open(file);
  };
  return (
    <section class="panel stack-3" aria-label="The video">
      <div class="row video-bar">
        <h2 class="break">{name}</h2>
        <p class="muted small" role="status">
          {isBusy ? inWork(video) : `${TOLD[state]}: ${count(lanes.length, 'person', 'people')}`}
        </p>
        <div class="row push">
          {state === 'running' && (
            <button type="button" class="button" onClick={() => store.setPaused(true)}>
              Pause
            </button>
          )}
          {state === 'paused' && (
            <button type="button" class="button" onClick={() => store.setPaused(false)}>
              Go on
            </button>
          )}
          {isBusy && (
            <button type="button" class="button" onClick={store.stop}>
              Stop
            </button>
          )}
          {REPORTS.map((format) => (
            <button
              key={format}
              type="button"
              class="button"
              disabled={lanes.length === 0}
              onClick={() => void store.save(format)}
            >
              Save {format.toUpperCase()}
            </button>
          ))}
          <PickButton label="Another video" multiple={false} accept="video/*" onFiles={take} />
        </div>
      </div>
      {isBusy && (
        <progress
          aria-label="Frames looked at"
          {...(progress && progress.total > 0 && { value: progress.done, max: progress.total })}
        />
      )}
      {notice && <p class="muted small">{notice}</p>}
    </section>
  );
}

const TOLD = {
  done: 'Looked through',
  stopped: 'Stopped',
  failed: 'Failed',
  running: '',
  paused: '',
} as const;

function inWork({ state, progress }: OpenVideo): string {
  if (!progress) return 'Opening…';
  const { done, total, perSecond, msLeft } = progress;
  const frames =
    total > 0 ? `${done.toLocaleString('en')} of ${count(total, 'frame')}` : count(done, 'frame');
  if (state === 'paused') return `Paused at ${frames}`;
  const left = msLeft === undefined ? '' : `, ${videoTime(msLeft)} left`;
  return `${frames}, ${perSecond.toFixed(1)} a second${left}`;
}
