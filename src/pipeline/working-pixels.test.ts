import { expect, it } from 'vitest';
import type { AnalysisRequest } from '../core/analysis.ts';
import { workingPixels } from './working-pixels.ts';

const details: AnalysisRequest['details'] = {
  angle: false,
  landmarks: false,
  mesh: false,
  quality: false,
  attributes: [],
  liveness: false,
  embedding: false,
  crop: false,
};
const request: AnalysisRequest = {
  input: 'photo',
  mode: 'accurate',
  minScore: 0.5,
  minFaceSize: 'auto',
  maxFaces: 10,
  area: null,
  autoRotate: false,
  faces: 'all',
  required: false,
  names: [],
  details,
  cropType: null,
  enrol: null,
};

it('works on fewer pixels where faces of the usual sizes are only to be found', () => {
  const fewer = workingPixels(request);
  const most = workingPixels({ ...request, details: { ...details, embedding: true } });
  expect(fewer).toBeLessThan(most);
  // The smallest faces that `auto` looks for, in a square picture of so many pixels.
  expect(0.015 * Math.sqrt(fewer)).toBeGreaterThanOrEqual(24);
  for (const more of [
    { minFaceSize: 20 },
    { area: { left: 0, top: 0, width: 9, height: 9 } },
    { details: { ...details, attributes: ['mask'] as const } },
    { details: { ...details, mesh: true } },
    { enrol: 'none' as const },
  ])
    expect(workingPixels({ ...request, ...more })).toBe(most);
});
