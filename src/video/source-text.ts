import type { NearFaceError } from '../core/errors.ts';
import type { SourceChangedEvent, Untold } from './events.ts';
import type { SourceEvent, SourceInfo } from './frame-source.ts';

/** Those that the source tells by itself, and that are told by a sentence alone. */
type Change = Exclude<SourceChangedEvent['change'], 'skipped'>;

/** An event of an image in a row that could not be read. */
export function skippedText(
  frameIndex: number,
  { code, message }: NearFaceError,
): Untold<SourceChangedEvent> {
  const text = `Image ${frameIndex} was left out: ${message}`;
  return { type: 'source', change: 'skipped', frameIndex, text, error: { code, message } };
}

/** An event of what has become of a source, with a sentence for people. `frameIndex`: the frame that comes next. */
export function sourceText(
  change: Change,
  frameIndex: number,
  info: SourceInfo | undefined,
  event?: SourceEvent,
): Untold<SourceChangedEvent> {
  return { type: 'source', change, frameIndex, text: textOf(change, info, event) };
}

function textOf(change: Change, info: SourceInfo | undefined, event: SourceEvent | undefined): string {
  switch (change) {
    case 'resized':
      return event?.type === 'resized'
        ? `The picture has ${event.width} × ${event.height} pixels from now on`
        : 'The picture has another size from now on';
    case 'stalled':
      return 'No frame has come for a while; the session waits';
    case 'resumed':
      return 'Frames come again';
    case 'muted':
      return 'The camera was switched off; the session waits';
    case 'unmuted':
      return 'The camera was switched on again';
    case 'jumped':
      return 'The <video> was moved to another time';
    case 'taken-away':
      return event?.type === 'taken-away' ? event.reason : 'The source was taken away';
    case 'seeking':
      return `The browser's decoders do not read ${info?.codec ?? 'this file'}; it is read by a <video> element, which is slower`;
    case 'recovered':
      return 'A worker died and was replaced; a frame is lost';
  }
}
