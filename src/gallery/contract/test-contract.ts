/** The laws that every database holds: see port.ts. */
import { describe } from 'vitest';
import { atomicLaws } from './test-atomic-laws.ts';
import { boundaryLaws } from './test-boundary-laws.ts';
import { importLaws } from './test-import-laws.ts';
import { jobLaws } from './test-job-laws.ts';
import { mapLaw } from './test-map-law.ts';
import { pagingLaws } from './test-paging-laws.ts';
import { regenerationLaws } from './test-regeneration-laws.ts';
import type { Subject } from './test-subject.ts';

export function galleryContract(subject: Subject): void {
  describe(`the gallery contract, ${subject.name}`, () => {
    mapLaw(subject);
    pagingLaws(subject);
    atomicLaws(subject);
    importLaws(subject);
    jobLaws(subject);
    regenerationLaws(subject);
    boundaryLaws(subject);
  });
}
