import type { VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

/** What is asked for: one that is known already, or a new one. */
type Kind = 'known' | 'fresh';

const COMPLETE: Readonly<Record<Kind, string>> = {
  known: 'current-password',
  fresh: 'new-password',
};

/** Characters that a new passphrase has at least. */
const SHORTEST = 8;

interface SecretProps {
  readonly label: string;
  readonly value: string;
  readonly kind?: Kind;
  readonly required?: boolean;
  /** What is wrong with it, if the browser cannot see that by itself. */
  readonly fault?: string;
  readonly onInput: (value: string) => void;
}

/** A field for a passphrase. */
export function Secret({
  label,
  value,
  kind = 'known',
  required = true,
  fault = '',
  onInput,
}: SecretProps): VNode {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.setCustomValidity(fault), [fault]);
  return (
    <div class="field">
      <label for={id} class="field-label">
        {label}
      </label>
      <input
        ref={input}
        id={id}
        type="password"
        required={required}
        {...(kind === 'fresh' && { minLength: SHORTEST })}
        maxLength={1024}
        autoComplete={required ? COMPLETE[kind] : 'off'}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </div>
  );
}

/**
 * Two fields for a new passphrase, as nobody sees what is typed and nobody can restore it. Their form is not sent while
 * they differ.
 */
export function FreshSecret(props: Pick<SecretProps, 'label' | 'value' | 'required' | 'onInput'>): VNode {
  const { value, required = true } = props;
  const [again, setAgain] = useState('');
  const fault = again === value ? '' : 'This is not the same passphrase as above. Type it again.';
  return (
    <>
      <Secret {...props} kind="fresh" />
      {(required || value) && (
        <Secret
          label="The same passphrase again"
          value={again}
          kind="fresh"
          fault={fault}
          onInput={setAgain}
        />
      )}
    </>
  );
}
