/** Version 4: what the engine's memory needs of a face lies beside its vector, so that an opening reads no record. */
import { shortHash, textHash } from '../../../core/text-hash.ts';
import type { SqlRow, SqlSession } from '../driver.ts';

/** Faces that are read at a time. */
const PAGE = 2000;

/** Bytes of a face's facts in this version. */
const FACTS = 49;

/** What records have in version 3, as far as it is needed here. */
interface Face {
  readonly seq: number;
  readonly id: string;
  readonly meta: string;
  readonly modelId: string;
  readonly galleries: readonly string[];
  readonly timestamp: number;
  readonly personId?: string;
  readonly photoHash?: string;
  readonly cameraId?: string;
  readonly expiresAt?: number;
  readonly reliability: number;
}

/** What lies beside the vectors of faces whose records are damaged stays empty: they are damaged afterwards, too. */
export async function to4(session: SqlSession, name: (text: string) => string): Promise<void> {
  await session.query(
    name('ALTER TABLE @vectors ADD COLUMN model text, ADD COLUMN galleries text, ADD COLUMN facts bytea'),
  );
  for (let after = 0; ;) {
    const rows = await session.query(
      name('SELECT seq, record FROM @faces WHERE seq > $1 ORDER BY seq LIMIT $2'),
      [after, PAGE],
    );
    await fill(
      session,
      name,
      rows.map(faceIn).filter((face) => face !== undefined),
    );
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

function faceIn({ seq, record }: SqlRow): Face | undefined {
  try {
    const face = JSON.parse(record as string) as Face | null;
    const isWhole =
      face?.seq === Number(seq) &&
      [face.id, face.meta, face.modelId].every((text) => typeof text === 'string') &&
      [face.timestamp, face.reliability].every((value) => typeof value === 'number') &&
      Array.isArray(face.galleries);
    return isWhole ? face : undefined;
  } catch {
    return undefined;
  }
}

async function fill(
  session: SqlSession,
  name: (text: string) => string,
  faces: readonly Face[],
): Promise<void> {
  const facts = new Uint8Array(faces.length * FACTS);
  faces.forEach((face, i) => facts.set(factsOf(face), i * FACTS));
  const rows = faces.map(({ seq, modelId, galleries }, i) => ({
    ...{ seq, at: i * FACTS + 1 },
    ...{ model: JSON.stringify(modelId).slice(1, -1), galleries: JSON.stringify(galleries) },
  }));
  await session.query(
    name(
      `UPDATE @vectors v SET model = t.model, galleries = t.galleries, facts = substr($2::bytea, t.at, ${FACTS})
       FROM json_to_recordset($1::json) AS t(seq bigint, at integer, model text, galleries text) WHERE v.seq = t.seq`,
    ),
    [JSON.stringify(rows), facts],
  );
}

/** Hashes of texts are those that segments of IndexedDB hold, too: they stay what they are. */
function factsOf(face: Face): Uint8Array {
  const hash = (text: string | undefined): number => (text === undefined ? 0 : textHash(text));
  const numbers = Float64Array.of(
    ...[face.timestamp, textHash(face.meta), hash(face.personId), hash(face.cameraId)],
    face.expiresAt === undefined ? 0 : Math.max(1, face.expiresAt),
    0,
  );
  const photo = face.photoHash === undefined ? 0 : shortHash(face.photoHash);
  new Uint32Array(numbers.buffer).set([shortHash(face.id), photo], 10);
  const facts = new Uint8Array(FACTS);
  facts.set(new Uint8Array(numbers.buffer));
  facts[FACTS - 1] = Math.round(Math.min(1, Math.max(0, face.reliability)) * 255);
  return facts;
}
