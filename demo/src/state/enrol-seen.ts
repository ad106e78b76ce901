import type { BestShot, NearFace } from 'nearface';

/** Somebody who was seen and is to be enrolled. */
export interface Seen {
  readonly shot: BestShot;
  readonly cameraId: string;
  /** Who it is, where that is known. */
  readonly personId?: string | undefined;
}

/** Enrols somebody who was seen under a name, and names them wherever they were seen. */
export async function enrolSeen(
  nf: NearFace,
  gallery: string,
  seen: Seen,
  name: string,
): Promise<string | undefined> {
  const { shot, cameraId, personId } = seen;
  if (personId !== undefined) await nf.people.rename(personId, name);
  const into = await nf.galleries.get(gallery);
  const facts = { meta: name, cameraId, ...(personId !== undefined && { personId }) };
  const { records } = await into
    .add(shot.crop, { ...facts, faces: 'biggest', mode: 'accurate' })
    .catch(() => ({ records: [] }));
  if (records[0]) return records[0].personId;
  // The cut-out alone is too small for some faces; what was measured in the whole picture is enough.
  const { embedding, modelId, reliability } = shot;
  const more = { modelId, ...(reliability !== undefined && { reliability }) };
  return (await into.addEmbedding(embedding, { ...facts, ...more })).personId;
}

/** Where faces of strangers are kept. */
const UNKNOWNS = 'unknowns';

/** Gives a person a name, or takes it away. A stranger's faces become enrolled ones, so that photos are named by them too. */
export async function namePerson(nf: NearFace, gallery: string, id: string, name: string): Promise<void> {
  if (name === '' || gallery === UNKNOWNS) await nf.people.rename(id, name);
  else await nf.people.enrol(id, name, { galleries: [gallery] });
}
