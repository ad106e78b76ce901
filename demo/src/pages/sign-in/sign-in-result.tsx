import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { failureWords, STEP_NAMES } from '../../model/challenge-words.ts';
import { likeness, percent } from '../../model/format.ts';
import { LEVELS, labelOf } from '../../model/thresholds.ts';
import type { SignInOutcome } from '../../state/sign-in-store.ts';
import { useStore } from '../../state/store.ts';
import { Facts } from '../../ui/facts.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Meter } from '../../ui/meter.tsx';

/** Whether somebody is signed in, and what that rests on. */
export function SignInResult({ outcome }: { readonly outcome: SignInOutcome }): VNode {
  const { signIn } = useStore();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { challenge, name, isSame, match, pictureUrl } = outcome;
  const isIn = challenge.passed && isSame;
  const { title, advice } = wordsOf(outcome);
  return (
    <section class="panel verdict" aria-label="Result">
      {pictureUrl && (
        <div class="crops">
          <figure class="crop-figure">
            <img class="sign-in-picture" src={pictureUrl} alt="The best look at the face" />
            <figcaption class="muted small">Best look</figcaption>
          </figure>
        </div>
      )}
      <div class="stack-3 verdict-text">
        <h2 ref={heading} tabIndex={-1} class={isIn ? 'verdict-line yes' : 'verdict-line no'}>
          <Icon name={isIn ? 'check' : 'cross'} />
          {title}
        </h2>
        <p>{advice}</p>
        {match?.confidence !== undefined && (
          <Meter
            value={match.confidence}
            label={`Confidence that it is ${name}`}
            marks={LEVELS}
            named
            good={isSame}
          />
        )}
        <ChallengeFacts outcome={outcome} />
        <div class="row">
          <button type="button" class="button primary" onClick={() => void signIn.start()}>
            {isIn ? 'Again' : 'Try again'}
          </button>
          <button type="button" class="button" onClick={signIn.stop}>
            Done
          </button>
        </div>
      </div>
    </section>
  );
}

function wordsOf({ challenge, name, isSame }: SignInOutcome): {
  readonly title: string;
  readonly advice: string;
} {
  if (!challenge.passed) return failureWords(challenge.reason);
  if (!isSame)
    return {
      title: `This is not ${name}, or not surely`,
      advice: `All was done as asked, but the face is not enough like the faces of ${name}. Enrol a recent picture, or lower the threshold in the settings.`,
    };
  return {
    title: `Signed in as ${name}`,
    advice: 'One person did all that was asked, in an order drawn just now.',
  };
}

function ChallengeFacts({ outcome: { challenge, match } }: { readonly outcome: SignInOutcome }): VNode {
  const { settings } = useStore();
  const { steps, liveness } = challenge;
  const facts: readonly (readonly [string, string])[] = [
    ...steps.map(({ step, tookMs }) => [STEP_NAMES[step], `${(tookMs / 1000).toFixed(1)} s`] as const),
    ...(!challenge.passed && challenge.step ? [[STEP_NAMES[challenge.step], 'not done'] as const] : []),
    ...(liveness ? [['Looks like a face, not a print', percent(liveness.score)] as const] : []),
    ...(match
      ? [
          [
            'As the enrolled face',
            `${likeness(match)} · threshold ${labelOf(settings.threshold.value)}`,
          ] as const,
        ]
      : []),
  ];
  if (facts.length === 0) return <p class="muted small">No step was done.</p>;
  return <Facts facts={facts} />;
}
