/** The laws that every database holds: see port.ts. */
import { describe } from 'vitest';
import { mapLaw } from './test-map-law.ts';
import type { Subject } from './test-subject.ts';

export function galleryContract(subject: Subject): void {
  describe(`the gallery contract, ${subject.name}`, () => {
    mapLaw(subject);
  });
}
