/** The laws that every database holds: see port.ts. */
import { describe, test } from 'vitest';
import { assignmentLaws } from './test-assignment-laws.ts';
import { atomicLaws } from './test-atomic-laws.ts';
import { boundaryLaws } from './test-boundary-laws.ts';
import { faceLaws } from './test-face-laws.ts';
import { historyLaws } from './test-history-laws.ts';
import { importLaws } from './test-import-laws.ts';
import { jobLaws } from './test-job-laws.ts';
import { keepingLaws } from './test-keeping-laws.ts';
import { mapLaw } from './test-map-law.ts';
import { pagingLaws } from './test-paging-laws.ts';
import { peopleLaw } from './test-people-law.ts';
import { personLaws } from './test-person-laws.ts';
import { recognitionLaws } from './test-recognition-laws.ts';
import { regenerationLaws } from './test-regeneration-laws.ts';
import { hold, type Laws, type Subject } from './test-subject.ts';

const LAWS: Laws = {
  ...boundaryLaws,
  ...pagingLaws,
  ...atomicLaws,
  ...faceLaws,
  ...importLaws,
  ...jobLaws,
  ...recognitionLaws,
  ...regenerationLaws,
  ...historyLaws,
  ...keepingLaws,
  ...assignmentLaws,
  ...personLaws,
};

/** Holds them against a kind of database. */
export function galleryContract(subject: Subject): void {
  describe(`the gallery contract, ${subject.name}`, () => {
    mapLaw(subject);
    peopleLaw(subject);
    for (const [what, law] of Object.entries(LAWS)) test(what, () => hold(subject, law));
  });
}
