import type { VNode } from 'preact';
import { useId } from 'preact/hooks';

/** What is asked for: one that is known already, a new one, or one that there may not be. */
type Kind = 'known' | 'fresh' | 'optional';

const COMPLETE: Readonly<Record<Kind, string>> = {
  known: 'current-password',
  fresh: 'new-password',
  optional: 'off',
};

interface SecretProps {
  readonly label: string;
  readonly value: string;
  readonly kind?: Kind;
  readonly onInput: (value: string) => void;
}

/** A field for a passphrase. */
export function Secret({ label, value, kind = 'known', onInput }: SecretProps): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class="field-label">
        {label}
      </label>
      <input
        id={id}
        type="password"
        required={kind !== 'optional'}
        {...(kind === 'fresh' && { minLength: 8 })}
        maxLength={1024}
        autoComplete={COMPLETE[kind]}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </div>
  );
}
