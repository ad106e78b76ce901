import type { ChallengeFailure, ChallengeStep } from 'nearface';

/** What a step is called in a list. */
export const STEP_NAMES: Readonly<Record<ChallengeStep, string>> = {
  blink: 'Close the eyes for a moment',
  'turn-left': 'Turn the head to the right',
  'turn-right': 'Turn the head to the left',
  smile: 'Smile',
  nod: 'Nod',
};

const FAILURES: Readonly<Record<ChallengeFailure, readonly [title: string, advice: string]>> = {
  timeout: [
    'It took too long',
    'Do what the page says as soon as it says it; good light from the front helps.',
  ],
  'wrong-step': [
    'Something else was done than asked',
    'Wait for each instruction with your face straight to the camera; do only that, and come back.',
  ],
  'another-person': [
    'Somebody else was before the camera',
    'One person has to do all of it. If it was you all the time, try better light, without glare.',
  ],
  'face-lost': ['Your face was out of the picture', 'Stay in the picture until all is done.'],
  'not-live': [
    'It looked like a picture of a face',
    'If it was you: come closer, and avoid strong light from behind.',
  ],
  ended: ['The camera stopped', 'Check that it is connected, and try again.'],
};

/** Why a challenge was not passed, and what to do. */
export function failureWords(reason: ChallengeFailure): { readonly title: string; readonly advice: string } {
  const [title, advice] = FAILURES[reason];
  return { title, advice };
}
