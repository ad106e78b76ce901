import type { BestShotEvent, PostedEvent, Untold } from '../video/events.ts';
import type { Host } from '../platform/port.ts';
import type { PostToOptions } from './watch-options.ts';

const TIMEOUT_MS = 3000;
/** Of an answer, as much is told. */
const MOST_BODY = 65_536;

/**
 * Sends a report as multipart; what went wrong is told by the event.
 *
 * @param shiftMs - what is added to the shot's time, to get that of the day
 * @param stop - aborts when the session was stopped and waits no longer
 */
export async function postShot(
  host: Host,
  { url, headers, imageField = 'photo', timeoutMs = TIMEOUT_MS }: PostToOptions,
  shot: BestShotEvent,
  shiftMs: number,
  stop: AbortSignal,
): Promise<Untold<PostedEvent>> {
  const { trackId } = shot;
  if (stop.aborted) return { type: 'posted', trackId, status: 0, body: 'not sent: the session was stopped' };
  const ending = new AbortController();
  const late = `no answer within ${timeoutMs} ms`;
  const timer = setTimeout(() => ending.abort(late), timeoutMs);
  const end = (): void => ending.abort('no answer by the time the session was stopped');
  stop.addEventListener('abort', end, { once: true });
  const { signal } = ending;
  try {
    const answer = await fetch(new URL(url, host.baseUrl()), {
      method: 'POST',
      body: formOf(shot, imageField, shiftMs),
      signal,
      ...(headers && { headers }),
    });
    const body = (await answer.text()).slice(0, MOST_BODY);
    return { type: 'posted', trackId, status: answer.status, body };
  } catch (error) {
    return { type: 'posted', trackId, status: 0, body: String(signal.aborted ? signal.reason : error) };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
  }
}

function formOf(shot: BestShotEvent, imageField: string, shiftMs: number): FormData {
  const { left, top, width, height } = shot.box;
  const { yaw, pitch } = shot.angle;
  const radians = Math.PI / 180;
  const frontal = Math.max(0, Math.cos(yaw * radians) * Math.cos(pitch * radians));
  const form = new FormData();
  form.set('camera', shot.cameraId ?? '');
  form.set('timestamp', new Date(shot.timeMs + shiftMs).toISOString());
  form.set('bbox', JSON.stringify([[left, top, left + width, top + height]]));
  form.set('detectorParams', JSON.stringify({ score: shot.score, direction_score: frontal }));
  if (shot.photo) form.set(imageField, shot.photo, `${imageField}.jpg`);
  if (shot.aligned?.file) form.set('face0', shot.aligned.file, 'face0.png');
  return form;
}
