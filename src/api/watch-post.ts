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
 */
export async function postShot(
  host: Host,
  { url, headers, imageField = 'photo', timeoutMs = TIMEOUT_MS }: PostToOptions,
  shot: BestShotEvent,
  shiftMs: number,
): Promise<Untold<PostedEvent>> {
  const { trackId } = shot;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(new URL(url, host.baseUrl()), {
      method: 'POST',
      body: formOf(shot, imageField, shiftMs),
      signal: timeout,
      ...(headers && { headers }),
    });
    return {
      type: 'posted',
      trackId,
      status: answer.status,
      body: (await answer.text()).slice(0, MOST_BODY),
    };
  } catch (error) {
    const body = timeout.aborted ? `no answer within ${timeoutMs} ms` : String(error);
    return { type: 'posted', trackId, status: 0, body };
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
