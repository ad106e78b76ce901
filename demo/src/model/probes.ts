import type { EmbeddingProbe, Face } from 'nearface';

/** What the faces are looked up by, one for each; undefined if one has no embedding. A model may tell no reliability. */
export function probesOf(faces: readonly Face[]): readonly EmbeddingProbe[] | undefined {
  const probes = faces.flatMap(({ embedding, reliability }) =>
    embedding ? [{ embedding, ...(reliability !== undefined && { reliability }) }] : [],
  );
  return probes.length === faces.length ? probes : undefined;
}
