import type { ComponentChildren, VNode } from 'preact';
import { explain } from '../model/explain.ts';
import { Icon } from './icon.tsx';

interface OutcomeProps {
  readonly name: string;
  /** Whether it worked, in part or not at all. */
  readonly kind: 'ok' | 'short' | 'bad';
  readonly children: ComponentChildren;
}

const ICONS = { ok: 'check', short: 'warning', bad: 'cross' } as const;

/** What became of one of many files: a list item. */
export function Outcome({ name, kind, children }: OutcomeProps): VNode {
  return (
    <li class={`outcome ${kind}`}>
      <Icon name={ICONS[kind]} />
      <span class="break">{name}</span>
      <span class={kind === 'ok' ? 'muted small' : 'small'}>{children}</span>
    </li>
  );
}

/** A file that failed, with what to do about it. */
export function FailedOutcome({ name, error }: { readonly name: string; readonly error: unknown }): VNode {
  const { title, advice } = explain(error);
  return (
    <Outcome name={name} kind="bad">
      {title}. <span class="muted">{advice}</span>
    </Outcome>
  );
}

/** A file whose faces were not good enough, each reason in words. */
export function ShortOutcome({
  name,
  reasons,
  children,
}: {
  readonly name: string;
  readonly reasons: readonly string[];
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <Outcome name={name} kind="short">
      {children}
      {reasons.map((why, i) => (
        <span key={i} class="block">
          Left out: {why}.
        </span>
      ))}
    </Outcome>
  );
}
