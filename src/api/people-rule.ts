import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import type { AssignRule } from '../worker/contract.ts';
import type { PeopleOptions } from './options.ts';
import { boundsOf } from './search-gallery.ts';
import type { Session } from './session.ts';

/** By what a call finds out who new faces are; nothing where it is not to. What it leaves out is as `create` was told. */
export function peopleRule(session: Session, options: PeopleOptions = {}): AssignRule | undefined {
  const {
    people = 'off',
    global = false,
    personThreshold = DEFAULT_THRESHOLD,
  } = {
    ...session.people,
    ...options,
  };
  if (people === 'off') return undefined;
  const level = PairConfidence.levelFor(personThreshold, session.confidence, 1);
  return { ...boundsOf(session, level), global };
}

/** What of a call's options is about people. */
export function pickPeople({ people, global, personThreshold }: PeopleOptions = {}): PeopleOptions {
  return {
    ...(people && { people }),
    ...(global !== undefined && { global }),
    ...(personThreshold !== undefined && { personThreshold }),
  };
}
