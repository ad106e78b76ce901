import type { JsonSchema } from '../fields.ts';
import type { Problem } from '../problem.ts';
import type { Dialect, Reply } from '../route.ts';
import { JobRuns } from './job-runs.ts';
import { MODULE } from './parameters.ts';
import { jobRoutes } from './routes.ts';

const errorSchema: JsonSchema = {
  type: 'object',
  properties: { detail: { type: 'string' }, code: { type: 'string' } },
  required: ['detail', 'code'],
};

const refuse = ({ message, code }: Problem): Reply => ({ json: { detail: message, code } });

const MODULE_FIELDS = `modules.${MODULE}`;
const NAMES = {
  galleries: `${MODULE_FIELDS}.models`,
  maxDistance: `${MODULE_FIELDS}.max_distance`,
  faceDetectionScale: `${MODULE_FIELDS}.face_detection_scale`,
  topK: `${MODULE_FIELDS}.top_k`,
} as const;

/** DeepVA's jobs, with its module `face_recognition`. */
export function deepva(): Dialect {
  const runs = new JobRuns();
  return {
    name: 'deepva',
    title: 'DeepVA-style jobs',
    description: 'Jobs that find out whom videos and images show, when, and who of them nobody knows.',
    keys: [{ in: 'header', name: 'Authorization', scheme: 'Key' }],
    routes: ['/api/v1/jobs', '/api/v2/jobs', '/jobs'].flatMap((base) => jobRoutes(base, runs)),
    prefix: /^(\/api\/v[12])?\/jobs(\/|$)/,
    names: NAMES,
    refuse,
    errorSchema,
  };
}
