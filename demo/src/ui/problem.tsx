import type { ComponentChildren, VNode } from 'preact';
import { explain } from '../model/explain.ts';
import { Icon } from './icon.tsx';

interface ProblemProps {
  readonly error: unknown;
  /** Offered as a button when given. */
  readonly onRetry?: (() => void) | undefined;
  readonly retryLabel?: string;
  readonly children?: ComponentChildren;
}

/** A failure, told where it happened: what, and what to do. */
export function Problem({ error, onRetry, retryLabel = 'Try again', children }: ProblemProps): VNode {
  const { title, detail, advice } = explain(error);
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div class="stack-2">
        <p class="problem-title">{title}</p>
        <p>{advice}</p>
        <p class="problem-detail">{detail}</p>
        {(onRetry || children) && (
          <div class="row">
            {onRetry && (
              <button type="button" class="button" onClick={onRetry}>
                {retryLabel}
              </button>
            )}
            {children}
          </div>
        )}
      </div>
    </div>
  );
}
