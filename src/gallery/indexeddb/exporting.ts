import { modelChanged } from '../gallery-errors.ts';
import type { WholeFaces, WholeQuery } from '../port.ts';
import { toRecord } from '../stored.ts';
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
  const { faces: found, last, asked } = await facesAfter(tx, gallery, after, WHOLE_FACES);
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
      record: { ...toRecord(face), pictures: [] },
      vector: vectors.get(face.seq) as Float32Array<ArrayBuffer>,
      pictures: pictures ? await wholePictures(tx, face) : [],
    })),
  );
  const isCut = faces.length < found.length;
  return {
    faces: read,
    last: isCut ? (faces.at(-1)?.seq ?? after) : last,
    atEnd: !isCut && asked < WHOLE_FACES,
    leftOut: {
      // Records that cannot be read are counted with the slice that is not cut.
      faces: faces.length - whole.length + (isCut ? 0 : asked - found.length),
      pictures: kinds - read.reduce((sum, face) => sum + face.pictures.length, 0),
    },
  };
}
