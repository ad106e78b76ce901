import type { ChallengeHint, ChallengeStep } from './events.ts';

/** What the person is told; left and right are the person's own, which are the other ones than the picture's. */
export const STEP_TEXTS: Readonly<Record<ChallengeStep, string>> = {
  blink: 'Close your eyes for a moment, and open them again.',
  'turn-left': 'Turn your head to your right.',
  'turn-right': 'Turn your head to your left.',
  smile: 'Smile, with the corners of your mouth wide apart.',
  nod: 'Nod: lower your head, and raise it again.',
};

export const HINT_TEXTS: Readonly<Record<ChallengeHint, string>> = {
  'no-face': 'No face can be seen.',
  'several-faces': 'Several faces can be seen; only one person should be before the camera.',
  closer: 'Come closer to the camera.',
  centre: 'Move so that the whole face can be seen.',
  'look-straight': 'Look straight at the camera.',
  'open-eyes': 'Keep your eyes open.',
};
