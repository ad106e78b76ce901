import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import { videoTime } from '../../model/person-words.ts';
import { bestOf, type VideoAppearance, type VideoLane } from '../../state/video-appearances.ts';
import { useStore } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { PersonPicture } from '../../ui/person-picture.tsx';
import { NameForm } from '../../ui/name-form.tsx';

interface TimelineProps {
  readonly durationMs: number;
  /** Where the player is. */
  readonly timeMs: number;
  readonly onSelect: (appearance: VideoAppearance) => void;
  readonly onJump: (timeMs: number) => void;
}

/** A lane per person with a bar for each appearance; a press on one goes there. */
export function Timeline({ durationMs, timeMs, onSelect, onJump }: TimelineProps): VNode {
  const { video } = useStore();
  const [naming, setNaming] = useState<VideoLane>();
  const lanes = video.lanes.value;
  const isBusy = video.video.value?.state === 'running';
  return (
    <section class="panel stack-3" aria-label="Timeline">
      <div class="row between">
        <h2>{lanes.length === 0 ? 'Timeline' : count(lanes.length, 'person', 'people')}</h2>
        <span class="muted small num">
          {videoTime(timeMs, true)} / {videoTime(durationMs)}
        </span>
      </div>
      {lanes.length === 0 && (
        <p class="muted">
          {isBusy
            ? 'Whoever is in the video is shown here when they have left the picture.'
            : 'Nobody was seen in this video.'}
        </p>
      )}
      <ul class="lanes" aria-label="People in the video">
        {lanes.map((lane) => (
          <Lane
            key={lane.key}
            {...{ lane, durationMs, timeMs, onSelect, onJump }}
            onName={() => setNaming(lane)}
          />
        ))}
      </ul>
      {naming && <LaneNameDialog lane={naming} onClose={() => setNaming(undefined)} />}
    </section>
  );
}

interface LaneProps extends TimelineProps {
  readonly lane: VideoLane;
  readonly onName: () => void;
}

function Lane({ lane, durationMs, timeMs, onSelect, onJump, onName }: LaneProps): VNode {
  const { video } = useStore();
  const { url } = bestOf(lane);
  const share = (ms: number): number => (durationMs > 0 ? Math.min(100, (100 * ms) / durationMs) : 0);
  return (
    <li class="lane">
      <div class="lane-who">
        <LanePicture lane={lane} />
        <span class="ellipsis">{lane.isNamed ? lane.name : <em>{lane.name}</em>}</span>
        {!lane.isNamed && url && (
          <button type="button" class="button slim" aria-label={`Name ${lane.name}`} onClick={onName}>
            Name
          </button>
        )}
      </div>
      <div
        class="lane-track"
        onClick={(event) => {
          if (event.target !== event.currentTarget) return;
          onJump((event.offsetX / event.currentTarget.clientWidth) * durationMs);
        }}
      >
        {lane.appearances.map((one) => (
          <button
            key={one.trackId}
            type="button"
            class={`lane-bar${lane.isNamed ? ' named' : ''}`}
            style={{ left: `${share(one.startMs)}%`, width: `${share(one.endMs - one.startMs)}%` }}
            aria-label={`${lane.name}, from ${videoTime(one.startMs, true)} to ${videoTime(one.endMs, true)}`}
            aria-pressed={video.selected.value?.trackId === one.trackId}
            onClick={() => onSelect(one)}
          />
        ))}
        <span class="lane-now" style={{ left: `${share(timeMs)}%` }} aria-hidden="true" />
      </div>
    </li>
  );
}

/** The best shot; of somebody known who was never seen well, a stored face. */
function LanePicture({ lane }: { readonly lane: VideoLane }): VNode {
  const { persons } = useStore();
  const { url } = bestOf(lane);
  const person = persons.byId(lane.key);
  if (url) return <img class="thumbnail" src={url} alt="" />;
  return person ? <PersonPicture person={person} /> : <span class="thumbnail empty">?</span>;
}

interface LaneNameDialogProps {
  readonly lane: VideoLane;
  readonly onClose: () => void;
}

function LaneNameDialog({ lane, onClose }: LaneNameDialogProps): VNode {
  const { video, announcement } = useStore();
  return (
    <Dialog title={`Who is ${lane.name}?`} onClose={onClose}>
      <div class="face-detail">
        <img class="thumbnail" src={bestOf(lane).url} alt="" />
        <div class="stack-3">
          <NameForm
            label="Name"
            action="Enrol"
            focus
            onName={async (name) => {
              await video.enrol(lane, name);
              announcement.value = `${name} is enrolled.`;
              onClose();
            }}
          />
          <p class="muted small">
            The best look at this face is enrolled, and all its sightings get the name.
          </p>
        </div>
      </div>
    </Dialog>
  );
}
