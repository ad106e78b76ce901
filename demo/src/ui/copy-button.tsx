import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';

interface CopyButtonProps {
  readonly label: string;
  /** What is copied, made when the button is pressed. */
  readonly text: () => string;
}

/** How long the button says that it worked. */
const SAID_MS = 2000;

/** Copies a text and says so. */
export function CopyButton({ label, text }: CopyButtonProps): VNode {
  const { announcement } = useStore();
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    const outcome = await navigator.clipboard.writeText(text()).then(
      () => 'Copied',
      () => 'The browser refused',
    );
    setSaid(outcome);
    announcement.value = `${outcome}.`;
  };
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      {said || label}
    </button>
  );
}
