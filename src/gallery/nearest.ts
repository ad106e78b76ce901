/** Searches of faces whose vectors are not in memory: the database finds candidates. */
import type { FaceFilter } from '../core/records.ts';
import type { ScanOptions } from '../search/scan.ts';
import type { Match } from '../search/top-k.ts';
import type { GalleryDatabase, NearestQuery } from './port.ts';

/** Up to so many faces an index of the database gains nothing. */
const FEW = 5000;

/** Which faces are searched. */
export type Among = Omit<NearestQuery, 'probes' | 'limit' | 'exact'>;

/** The faces of some galleries that pass a filter. */
export function amongOf(
  modelId: string,
  galleries: readonly string[],
  { meta, personId, cameraId, from, until }: FaceFilter,
): Among {
  return {
    ...{ modelId, galleries },
    ...(meta !== undefined && { meta }),
    ...(personId !== undefined && { personId }),
    ...(cameraId !== undefined && { cameraId }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
}

/**
 * The candidates of each probe. Where the index gives fewer than there are, as a filter leaves few of a large gallery, every face is
 * looked at.
 *
 * @param faces - how many are searched
 */
export async function nearestIn(
  database: GalleryDatabase,
  faces: number,
  probes: readonly Float32Array[],
  { limit, minScore, exact = false }: ScanOptions,
  among: Among,
): Promise<readonly (readonly Match[])[]> {
  const ask = database.nearest?.bind(database);
  if (!ask) throw new Error('neither memory nor the database can be searched');
  const isAll = exact || faces <= FEW;
  let found = await ask({ ...among, probes, limit, exact: isAll });
  if (!isAll && found.some(({ length }) => length < Math.min(limit, faces)))
    found = await ask({ ...among, probes, limit, exact: true });
  return found.map((matches) => matches.filter(({ score }) => score >= minScore));
}
