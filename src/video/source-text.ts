import type { SourceChangedEvent, Untold } from './events.ts';
import type { SourceEvent, SourceInfo } from './frame-source.ts';

/** An event of what has become of a source, with a sentence for people. `frameIndex`: the frame that comes next. */
export function sourceText(
  change: SourceChangedEvent['change'],
  frameIndex: number,
  info: SourceInfo | undefined,
  event?: SourceEvent,
): Untold<SourceChangedEvent> {
  return { type: 'source', change, frameIndex, text: textOf(change, info, event) };
}

function textOf(
  change: SourceChangedEvent['change'],
  info: SourceInfo | undefined,
  event: SourceEvent | undefined,
): string {
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
