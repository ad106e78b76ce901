import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawSteps, unforeseen } from './draw.ts';
import { CHALLENGE_STEPS, type ChallengeStep } from './events.ts';
import type { FaceLook } from './gestures.ts';
import {
  type ChallengeChange,
  type ChallengeRules,
  type ChallengeSight,
  type ChallengeState,
  confirmClaim,
  overdueAt,
  START,
  stepChallenge,
} from './steps.ts';

const FRAME_MS = 50;
const STRAIGHT: FaceLook = { yaw: 1, pitch: -4, eyes: 0.26, smile: 0.55 };

/** How a face looks, frame by frame, that does a step and looks straight on again. */
const ACTS: Readonly<Record<ChallengeStep, readonly Partial<FaceLook>[]>> = {
  blink: [{ eyes: 0.1 }, { eyes: 0.1 }, {}, {}],
  'turn-left': [-10, -24, -28, -28, -28, -26, -12, 0].map((yaw) => ({ yaw })),
  'turn-right': [10, 24, 28, 28, 28, 26, 12, 0].map((yaw) => ({ yaw })),
  smile: Array.from({ length: 12 }, () => ({ smile: 0.75 })),
  nod: [{ pitch: 2 }, { pitch: 9 }, { pitch: 12 }, { pitch: 3 }, {}, {}],
};

/** Somebody before the camera: does what `answers` says to each step that is asked for. */
class Played {
  readonly rules: ChallengeRules;
  state: ChallengeState = START;
  timeMs = 0;
  readonly changes: ChallengeChange[] = [];
  /** Whether frames show the first person. */
  isSame: (claims: number) => boolean = () => true;
  claims = 0;

  constructor(steps: readonly ChallengeStep[], rules: Partial<ChallengeRules> = {}) {
    this.rules = {
      ...{ steps, waitsMs: steps.map(() => 200), stepMs: 8000, wholeMs: 60_000, mistakes: 0 },
      ...rules,
    };
  }

  get end(): ChallengeChange | undefined {
    return this.changes.find(({ type }) => type === 'passed' || type === 'failed');
  }

  show(sight: Omit<ChallengeSight, 'timeMs'>, frames = 1): void {
    for (let i = 0; i < frames && !this.end; i++) {
      this.timeMs += FRAME_MS;
      const full = { timeMs: this.timeMs, ...sight };
      const { state, changes, claim } = stepChallenge(this.state, full, this.rules);
      this.state = state;
      this.changes.push(...changes);
      if (!claim || this.end) continue;
      const answer = confirmClaim(this.state, claim, this.isSame(++this.claims), full, this.rules);
      this.state = answer.state;
      this.changes.push(...answer.changes);
    }
  }

  act(step: ChallengeStep): void {
    for (const look of ACTS[step]) this.show({ face: { ...STRAIGHT, ...look } });
  }

  /** What was asked for so far. */
  get asked(): readonly ChallengeStep[] {
    return this.changes.flatMap((change) => (change.type === 'asked' ? [change.step] : []));
  }

  /** Waits until something is asked for, and answers with what `answers` says. */
  play(answers: (asked: ChallengeStep) => ChallengeStep | undefined = (asked) => asked): void {
    for (let rounds = 0; rounds < 500 && !this.end; rounds++) {
      const before = this.asked.length;
      this.show({ face: STRAIGHT });
      const asked = this.asked[before];
      const answer = asked && answers(asked);
      if (answer) this.act(answer);
    }
  }
}

const told = ({ changes }: Played): readonly string[] =>
  changes.flatMap((change) =>
    change.type === 'hint' ? [] : [`${change.type} ${'step' in change ? change.step : ''}`],
  );

describe('a challenge', () => {
  it.each(CHALLENGE_STEPS)('%s is seen, alone', (step) => {
    const played = new Played([step]);
    played.play();
    expect(told(played)).toEqual([`asked ${step}`, `done ${step}`, 'passed ']);
    expect(played.state.taken).toMatchObject([{ step }]);
  });

  it('is passed in every order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...CHALLENGE_STEPS], { minLength: 1 }), (steps) => {
        const played = new Played(steps);
        played.play();
        expect(played.end).toEqual({ type: 'passed' });
        expect(played.state.taken.map(({ step }) => step)).toEqual(steps);
      }),
    );
  });

  it('is failed by another step than the one asked for, but for blinking, which comes by chance', () => {
    for (const asked of CHALLENGE_STEPS)
      for (const did of CHALLENGE_STEPS) {
        if (did === asked) continue;
        const played = new Played([asked]);
        played.play(() => did);
        expect(told(played), `${did} for ${asked}`).toContain(`asked ${asked}`);
        expect(told(played)).not.toContain(`done ${asked}`);
        const reason = did === 'blink' || did === 'smile' ? expect.any(String) : 'wrong-step';
        expect(played.end).toEqual({ type: 'failed', reason });
      }
  });

  it('a smile that lasts is held against whoever was asked for something else, a short one is not', () => {
    const smiling = { face: { ...STRAIGHT, smile: 0.75 } };
    const short = new Played(['nod']);
    short.play((step) => (short.show(smiling, 8), step));
    expect(short.end).toEqual({ type: 'passed' });
    const long = new Played(['nod']);
    long.play((step) => (long.show(smiling, 24), step));
    expect(long.end).toEqual({ type: 'failed', reason: 'wrong-step' });
  });

  it('a recording of all steps in one order passes another order in no case', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...CHALLENGE_STEPS], { minLength: 3, maxLength: 5 }), (steps) => {
        const recorded = CHALLENGE_STEPS.filter((step) => steps.includes(step)).filter(
          (step) => step !== 'blink',
        );
        const asked = steps.filter((step) => step !== 'blink');
        fc.pre(asked.join() !== recorded.join());
        const played = new Played(steps);
        // It goes on whatever is asked.
        for (let i = 0; i < 40 && !played.end; i++) {
          played.show({ face: STRAIGHT }, 12);
          if (i > 0) played.act(recorded[(i - 1) % recorded.length]!);
        }
        expect(played.end).toMatchObject({ type: 'failed' });
      }),
    );
  });

  it('one that lets mistakes pass asks for the step again', () => {
    const played = new Played(['turn-left'], { mistakes: 1 });
    let asked = 0;
    played.play((step) => (asked++ === 0 ? 'turn-right' : step));
    expect(told(played)).toEqual([
      ...['asked turn-left', 'wrong turn-left'],
      ...['asked turn-left', 'done turn-left', 'passed '],
    ]);
  });

  it('is failed when somebody else is there at a peak, or straight on between steps', () => {
    const peaks = new Played(['smile', 'nod']);
    peaks.isSame = (claims) => claims === 1;
    peaks.play();
    expect(peaks.end).toEqual({ type: 'failed', reason: 'another-person' });
    expect(told(peaks)).not.toContain('done smile');
    const between = new Played(['turn-left', 'nod']);
    between.isSame = (claims) => claims <= 2;
    between.play();
    expect(told(between)).toContain('done turn-left');
    expect(between.end).toEqual({ type: 'failed', reason: 'another-person' });
  });

  it('a frame in which the person is not known is looked at again', () => {
    const played = new Played(['turn-left']);
    played.isSame = (claims) => claims !== 2;
    played.play();
    expect(played.end).toEqual({ type: 'passed' });
    expect(played.claims).toBe(4);
  });

  it('takes no longer than its limits', () => {
    const still = new Played(['nod'], { stepMs: 2000 });
    still.play(() => undefined);
    expect(still.end).toEqual({ type: 'failed', reason: 'timeout' });
    expect(still.timeMs).toBeLessThan(4000);
    const nobody = new Played(['nod'], { wholeMs: 5000 });
    nobody.show({ hint: 'no-face' }, 200);
    expect(nobody.end).toEqual({ type: 'failed', reason: 'timeout' });
    expect(nobody.timeMs).toBe(5000);
  });

  it('is failed when nobody is there for a second, once it has begun', () => {
    const played = new Played(['nod', 'smile']);
    played.play((step) => {
      played.show({ hint: 'no-face' }, step === 'smile' ? 30 : 5);
      return step;
    });
    expect(told(played)).toContain('done nod');
    expect(played.end).toEqual({ type: 'failed', reason: 'face-lost' });
    const missing = { ...START, missingSince: 100 };
    expect(overdueAt({ ...missing, neutral: STRAIGHT }, 1100, played.rules)).toBe('face-lost');
    expect(overdueAt(missing, 1100, played.rules)).toBeUndefined();
  });

  it('a machine that looks at a frame every two seconds loses nobody', () => {
    const played = new Played(['turn-left'], { stepMs: 30_000 });
    for (let i = 0; i < 12 && !played.end; i++) {
      played.timeMs += 2000;
      const isTurned = played.asked.length > 0 && !played.changes.some(({ type }) => type === 'done');
      played.show({ face: { ...STRAIGHT, yaw: isTurned ? -30 : 1 } });
    }
    expect(played.end).toEqual({ type: 'passed' });
  });

  it('says what is in the way once it has been for a while, and that nothing is at once', () => {
    const played = new Played(['nod']);
    played.show({ hint: 'closer' }, 4);
    expect(played.changes).toEqual([]);
    played.show({ hint: 'closer' }, 8);
    played.show({ face: { ...STRAIGHT, yaw: 30 } }, 10);
    played.show({ face: { ...STRAIGHT, eyes: 0.1 } }, 10);
    played.show({ face: STRAIGHT }, 2);
    expect(played.changes).toEqual([
      { type: 'hint', hint: 'closer' },
      { type: 'hint', hint: 'look-straight' },
      { type: 'hint', hint: 'open-eyes' },
      { type: 'hint' },
    ]);
  });

  it('nothing is asked of a face that does not look straight on', () => {
    const played = new Played(['nod']);
    played.show({ face: { ...STRAIGHT, yaw: -20 } }, 100);
    expect(told(played)).toEqual([]);
  });

  it('a head that is bowed does not blink', () => {
    const played = new Played(['blink']);
    played.play((step) => {
      played.show({ face: { ...STRAIGHT, pitch: 20, eyes: 0.1 } }, 2);
      played.show({ face: { ...STRAIGHT, pitch: 12, eyes: 0.2 } }, 2);
      expect(told(played)).not.toContain('done blink');
      return step;
    });
  });
});

describe('drawSteps', () => {
  it('draws every order of so many steps, each about as often', () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const { steps, waitsMs } = drawSteps({ steps: CHALLENGE_STEPS, count: 2, random: true }, unforeseen);
      expect(new Set(steps).size).toBe(2);
      expect(waitsMs).toHaveLength(2);
      for (const ms of waitsMs) expect(ms).toBeGreaterThanOrEqual(200);
      const key = steps.join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(20);
    for (const times of seen.values()) expect(Math.abs(times - 300)).toBeLessThan(120);
  });

  it('keeps the order where it is asked to', () => {
    const { steps } = drawSteps({ steps: ['nod', 'blink', 'smile'], count: 3, random: false }, unforeseen);
    expect(steps).toEqual(['nod', 'blink', 'smile']);
    for (let i = 0; i < 20; i++) {
      const drawn = drawSteps({ steps: ['nod', 'blink', 'smile'], count: 2, random: false }, unforeseen);
      expect(['nod,blink', 'nod,smile', 'blink,smile']).toContain(drawn.steps.join());
    }
  });
});
