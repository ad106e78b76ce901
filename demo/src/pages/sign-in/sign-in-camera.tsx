import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Asked } from '../../state/sign-in-store.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { type PictureSize, stageStyle } from '../../ui/stage-size.ts';
import { STEP_NAMES } from '../../model/challenge-words.ts';

/** The picture of the camera, with what the person is to do. */
export function SignInCamera({ asked }: { readonly asked: Asked }): VNode {
  const { settings } = useStore();
  const { source } = asked;
  const host = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<PictureSize>();
  useEffect(() => {
    const { video } = source;
    const measure = (): void => {
      if (video.videoWidth > 0) setSize({ width: video.videoWidth, height: video.videoHeight });
    };
    video.addEventListener('resize', measure);
    measure();
    host.current?.append(video);
    // Moving an element within the document pauses it.
    void video.play().catch(() => {});
    video.classList.toggle('mirrored', settings.mirror.value);
    return () => {
      video.removeEventListener('resize', measure);
      video.remove();
    };
  }, [source]);
  return (
    <section class="sign-in-camera" aria-label="Before the camera">
      <div class="stage-frame">
        <figure class="stage" style={stageStyle(size)}>
          <div ref={host} class="video-host" />
          <p class={asked.step ? 'sign-in-ask now' : 'sign-in-ask'} aria-live="assertive" role="status">
            {asked.text}
          </p>
          {asked.untilMs !== undefined && (
            <TimeLeft key={asked.untilMs} untilMs={asked.untilMs} limitMs={asked.limitMs ?? 1} />
          )}
        </figure>
      </div>
      <Steps asked={asked} />
    </section>
  );
}

function Steps({ asked: { done, step, steps } }: { readonly asked: Asked }): VNode {
  const left = steps - done.length - (step ? 1 : 0);
  return (
    <ol class="sign-in-steps" aria-label="Steps">
      {done.map((name) => (
        <li key={name} class="done">
          <Icon name="check" />
          <span class="visually-hidden">Done: </span>
          {STEP_NAMES[name]}
        </li>
      ))}
      {step && (
        <li class="now" aria-current="step">
          {STEP_NAMES[step]}
        </li>
      )}
      {Array.from({ length: Math.max(0, left) }, (_, i) => (
        <li key={i} class="muted">
          Not told yet
        </li>
      ))}
    </ol>
  );
}

/** How often the time is drawn, in ms. */
const DRAW_MS = 100;

/** The time that is left for a step, as a bar. */
function TimeLeft({ untilMs, limitMs }: { readonly untilMs: number; readonly limitMs: number }): VNode {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), DRAW_MS);
    return () => clearInterval(timer);
  }, []);
  const share = Math.min(1, Math.max(0, (untilMs - now) / limitMs));
  return (
    <div class="sign-in-time" aria-hidden="true">
      <div style={{ width: `${100 * share}%` }} />
    </div>
  );
}
