import type { VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import { Problem } from './problem.tsx';

interface NameFormProps {
  readonly label: string;
  readonly action: string;
  readonly initial?: string;
  /** Stores the name; what it rejects with is shown below the field. */
  readonly onName: (name: string) => Promise<void>;
  readonly focus?: boolean;
}

/** A field for a name, with the names of the gallery as suggestions. */
export function NameForm({ label, action, initial = '', onName, focus = false }: NameFormProps): VNode {
  const { library } = useStore();
  const [name, setName] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (focus) input.current?.focus({ preventScroll: true });
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const text = name.trim();
    if (!text || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await onName(text);
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  return (
    <form class="stack-2" onSubmit={(event) => void submit(event)}>
      <label for={id} class="field-label">
        {label}
      </label>
      <div class="joined">
        <input
          ref={input}
          id={id}
          type="text"
          list={`${id}-names`}
          maxLength={1024}
          autoComplete="off"
          required
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
        <button type="submit" class="button primary" disabled={busy || !name.trim()}>
          {busy ? 'Saving…' : action}
        </button>
      </div>
      <datalist id={`${id}-names`}>
        {library.metas.value.slice(0, 500).map(({ meta }) => (
          <option key={meta} value={meta} />
        ))}
      </datalist>
      {error !== undefined && <Problem error={error} />}
    </form>
  );
}
