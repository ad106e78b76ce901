import type { ComponentChildren, VNode } from 'preact';

interface PageHeadProps {
  readonly title: string;
  readonly lead: string;
  readonly children?: ComponentChildren;
}

/** A page's heading, which takes the focus when the page is opened, and what belongs beside it. */
export function PageHead({ title, lead, children }: PageHeadProps): VNode {
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        <p class="muted">{lead}</p>
      </div>
      {children && <div class="row page-actions">{children}</div>}
    </header>
  );
}
