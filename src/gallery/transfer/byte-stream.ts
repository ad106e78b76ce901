import { joinBytes } from '../../core/join-bytes.ts';

/** Pieces below this many bytes are put together: a write of a few bytes costs as much as one of many. */
const FULL_PIECE = 65_536;

/**
 * A stream of what `pieces` yields, made as it is read; an error of `pieces` is the stream's. Cancelling it ends the
 * generator, whose `finally` blocks run.
 */
export function byteStream(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const gathered: Uint8Array<ArrayBuffer>[] = [];
        let length = 0;
        while (length < FULL_PIECE) {
          const { done, value } = await pieces.next();
          if (done) break;
          gathered.push(value);
          length += value.length;
        }
        if (length > 0) controller.enqueue(joinBytes(gathered));
        if (length < FULL_PIECE) controller.close();
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
