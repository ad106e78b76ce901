import { modelChanged } from '../gallery-errors.ts';
import type { WholeFaces, WholeQuery } from '../port.ts';
import { toPortable } from '../stored.ts';
import { upToBytes, WHOLE_FACES } from '../whole-faces.ts';
import { facesAfter, wholePictures } from './queries.ts';
import type { ReadTx } from './schema.ts';
import { readVectors } from './segments.ts';

/** The next faces of a gallery with all that belongs to them. @throws NearFaceError `MODEL_MISMATCH` */
export async function readWhole(
  tx: ReadTx,
  gallery: string,
  { modelId, after, pictures }: WholeQuery,
): Promise<WholeFaces> {
  const { faces: found, seqs } = await facesAfter(tx, gallery, after, WHOLE_FACES);
  const faces = pictures ? upToBytes(found) : found;
  const other = faces.find((face) => face.modelId !== modelId);
  if (other) throw modelChanged(gallery, modelId, other.modelId);
  const vectors = await readVectors(
    tx,
    modelId,
    faces.map(({ seq }) => seq),
  );
  const whole = faces.filter(({ seq }) => vectors.has(seq));
  const kinds = whole.reduce((sum, face) => sum + (pictures ? face.pictures.length : 0), 0);
  const read = await Promise.all(
    whole.map(async (face) => ({
      record: { ...toPortable(face), pictures: [] },
      vector: vectors.get(face.seq) as Float32Array<ArrayBuffer>,
      pictures: pictures ? await wholePictures(tx, face) : [],
    })),
  );
  const isCut = faces.length < found.length;
  const last = (isCut ? faces.at(-1)?.seq : seqs.at(-1)) ?? after;
  return {
    faces: read,
    last,
    atEnd: !isCut && seqs.length < WHOLE_FACES,
    leftOut: {
      // Also those whose records cannot be read.
      faces: seqs.filter((seq) => seq <= last).length - whole.length,
      pictures: kinds - read.reduce((sum, face) => sum + face.pictures.length, 0),
    },
  };
}
