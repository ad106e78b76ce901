/** Deletions that go in pieces where the disk is full. */
import { throwIfAborted } from '../../core/errors.ts';
import type { GalleryDeletion } from '../port.ts';
import type { Connection } from './connection.ts';
import { expiredFaces } from './faces.ts';
import { deleteGallery, takeOut } from './galleries.ts';
import { readFaces } from './records.ts';
import { eraseFaces } from './removal.ts';
import type { WriteTx } from './schema.ts';
import type { Writer } from './writer.ts';

/** Deletes a gallery, and the faces that are in no other, or all of its faces. @throws NearFaceError */
export async function deleteGalleryFreely(
  connection: Connection,
  writer: Writer,
  name: string,
  { withFaces = false, signal }: GalleryDeletion,
): Promise<void> {
  const faces = await connection.read(async ({ index, sealer }) => index.inGallery(sealer.tag(name)));
  const remove = (tx: WriteTx): Promise<void> =>
    deleteGallery(tx, name, withFaces, () => throwIfAborted(signal));
  let inPieces = false;
  await writer.free(
    [...faces],
    async (tx, seqs) => {
      if (seqs.length === faces.length) return remove(tx);
      inPieces = true;
      const there = await readFaces(tx, seqs);
      // Another page may have moved some to another gallery.
      const inIt = there.filter(({ galleries }) => galleries.includes(name));
      await takeOut(tx, name, inIt, withFaces);
    },
    signal,
  );
  // On a full disk its faces go piece by piece, and then it, with those that cannot be read or have come meanwhile.
  if (inPieces) await writer.free([], remove, signal);
  writer.compactSoon();
}

/** Erases the faces that are gone by themselves at `now`; not those that nobody sees yet. */
export async function removeExpired(connection: Connection, writer: Writer, now: number): Promise<void> {
  // Most of the time another page was quicker, or an import has not ended: then nothing is written.
  const due = await connection.read((tx) => expiredFaces(tx, now));
  if (due.length === 0) return;
  const seqs = due.map(({ seq }) => seq);
  await writer.free(seqs, async (tx, some) => {
    const there = new Set(some);
    const faces = await expiredFaces(tx, now);
    await eraseFaces(
      tx,
      faces.filter(({ seq }) => there.has(seq)),
    );
  });
  writer.compactSoon();
}
