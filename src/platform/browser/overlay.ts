import { NearFaceError } from '../../core/errors.ts';
import type { HostPicture } from '../../core/wire-image.ts';
import type { TrackedFace } from '../../video/events.ts';
import type { OverlayStream } from '../port.ts';

/** Where a track was lately: centres in pixels of the frame, oldest first. */
type Trail = { x: number; y: number }[];

/** Places of a trail: a second or two. */
const TRAIL_LENGTH = 40;
/** Colours that can be told apart, one track after the other. */
const COLOURS = ['#4cc9f0', '#ffd166', '#06d6a0', '#ef476f', '#b388ff', '#ff9f1c'] as const;
/** Of the picture's shorter side. */
const LINE = 1 / 240;
const TEXT = 1 / 26;

/**
 * A stream of the frames with boxes, names and trails drawn over them, fitted into `width` × `height`. Needs a page.
 *
 * @throws NearFaceError `BACKEND_UNAVAILABLE` where the browser makes no streams of canvases
 */
export function createOverlay(width: number, height: number): OverlayStream {
  const canvas = typeof document === 'undefined' ? undefined : document.createElement('canvas');
  const context = canvas?.getContext('2d', { alpha: false });
  if (!canvas || !context || typeof canvas.captureStream !== 'function') {
    const text = 'This browser makes no stream of a canvas here; draw session.faces over the video instead';
    throw new NearFaceError('BACKEND_UNAVAILABLE', text);
  }
  canvas.width = width;
  canvas.height = height;
  const trails = new Map<number, Trail>();
  const stream = canvas.captureStream();
  return {
    stream,
    draw(picture: HostPicture, faces: readonly TrackedFace[]): void {
      const image = picture as VideoFrame | ImageBitmap;
      const [w, h] =
        'displayWidth' in image ? [image.displayWidth, image.displayHeight] : [image.width, image.height];
      const scale = Math.min(width / w, height / h);
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = '#000';
      context.fillRect(0, 0, width, height);
      context.setTransform(scale, 0, 0, scale, (width - w * scale) / 2, (height - h * scale) / 2);
      context.drawImage(image, 0, 0, w, h);
      keepTrails(trails, faces);
      for (const face of faces) drawFace(context, face, trails.get(face.trackId)!, Math.min(w, h));
    },
    end(): void {
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** Trails of the faces that are there, with their places now. */
function keepTrails(trails: Map<number, Trail>, faces: readonly TrackedFace[]): void {
  const there = new Set(faces.map(({ trackId }) => trackId));
  for (const id of trails.keys()) if (!there.has(id)) trails.delete(id);
  for (const { trackId, box } of faces) {
    const trail = trails.get(trackId) ?? [];
    trail.push({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    if (trail.length > TRAIL_LENGTH) trail.shift();
    trails.set(trackId, trail);
  }
}

function drawFace(
  context: CanvasRenderingContext2D,
  { trackId, box, matches }: TrackedFace,
  trail: Trail,
  side: number,
): void {
  const colour = COLOURS[(trackId - 1) % COLOURS.length]!;
  context.lineWidth = Math.max(1, side * LINE);
  context.strokeStyle = colour;
  context.beginPath();
  trail.forEach(({ x, y }, i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.stroke();
  context.strokeRect(box.left, box.top, box.width, box.height);
  const name = matches[0]?.record.meta || `${trackId}`;
  context.font = `600 ${Math.max(12, side * TEXT)}px system-ui, sans-serif`;
  context.textBaseline = 'bottom';
  context.lineJoin = 'round';
  context.lineWidth *= 2;
  context.strokeStyle = '#000';
  context.strokeText(name, box.left, box.top);
  context.fillStyle = colour;
  context.fillText(name, box.left, box.top);
}
