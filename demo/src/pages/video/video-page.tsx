import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { recordSampleClip } from '../../state/sample-clip.ts';
import type { VideoAppearance } from '../../state/video-appearances.ts';
import { useStore } from '../../state/store.ts';
import { useDrop } from '../../ui/drop.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { DropArea } from '../../ui/photo-source.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AppearancePanel } from './appearance-panel.tsx';
import { Timeline } from './timeline.tsx';
import { VideoBar } from './video-bar.tsx';
import { VideoPlayer } from './video-player.tsx';

/** Whom a video shows, and when. */
export function VideoPage(): VNode {
  const { video: store } = useStore();
  const video = store.video.value;
  const player = useRef<HTMLVideoElement>(null);
  const [timeMs, setTimeMs] = useState(0);
  const take = (files: readonly File[] | FileList | undefined): void => {
    const [file] = files ?? [];
    if (file) void store.open(file);
  };
  const { over, handlers } = useDrop(take);
  const jump = (ms: number): void => {
    if (player.current) player.current.currentTime = ms / 1000;
    setTimeMs(ms);
  };
  const select = (appearance: VideoAppearance): void => {
    store.selected.value = appearance;
    jump(appearance.startMs);
  };
  return (
    <>
      <PageHead
        title="Video"
        lead="Drop a video: who is in it, from when to when. It is looked through on this device."
      />
      {!video ? (
        <DropArea
          label="Choose a video"
          hint="or drop it here: mp4, mov, webm or mkv"
          accept="video/*"
          onPhotos={take}
        >
          <SampleClip />
        </DropArea>
      ) : (
        <div class={`stack-4 video-page${over ? ' over' : ''}`} {...handlers}>
          <VideoBar video={video} />
          {video.error !== undefined && <Problem error={video.error} />}
          <div class="camera-layout">
            <VideoPlayer player={player} video={video} onTime={setTimeMs} />
            <AppearancePanel onJump={jump} />
          </div>
          <Timeline durationMs={video.durationMs} timeMs={timeMs} onSelect={select} onJump={jump} />
        </div>
      )}
    </>
  );
}

/** Length of the clip that is made where there is no video at hand. */
const CLIP_MS = 10_000;

function SampleClip(): VNode {
  const { video } = useStore();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const make = async (): Promise<void> => {
    setBusy(true);
    try {
      const clip = await recordSampleClip(CLIP_MS);
      setError(undefined);
      void video.open(clip);
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  return (
    <div class="stack-2 sample-clip">
      <p class="muted small">No video at hand?</p>
      <button type="button" class="button" disabled={busy} onClick={() => void make()}>
        {busy ? 'Filming the sample photos…' : 'Film the sample photos (10 seconds)'}
      </button>
      {error !== undefined && <Problem error={error} />}
    </div>
  );
}
