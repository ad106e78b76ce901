import type { RefObject, VNode } from 'preact';
import type { OpenVideo } from '../../state/video-store.ts';
import { useStore } from '../../state/store.ts';

interface VideoPlayerProps {
  readonly player: RefObject<HTMLVideoElement | null>;
  readonly video: OpenVideo;
  readonly onTime: (timeMs: number) => void;
}

/** The video with the browser's own controls. */
export function VideoPlayer({ player, video: { url, name }, onTime }: VideoPlayerProps): VNode {
  const { video } = useStore();
  return (
    <div class="stage-frame video-frame">
      <video
        key={url}
        ref={player}
        src={url}
        controls
        muted
        playsInline
        preload="auto"
        aria-label={`Player of ${name}`}
        onTimeUpdate={({ currentTarget }) => onTime(currentTarget.currentTime * 1000)}
        onDurationChange={({ currentTarget }) => video.lasts(currentTarget.duration * 1000)}
      />
    </div>
  );
}
