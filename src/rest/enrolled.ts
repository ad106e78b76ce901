import type { AddReport } from '../api/enrol-outcome.ts';
import type { FaceRecord } from '../core/records.ts';
import { noFace } from './problem.ts';

/** The faces that were stored. @throws RestError `NO_FACES` where too little is to be seen of all that were found */
export function enrolled({ records, rejected }: AddReport, param?: string): readonly FaceRecord[] {
  if (records.length > 0) return records;
  const message = `${rejected.length} face(s) were found, but none can be recognised: take a clearer picture`;
  throw noFace(param, message);
}
