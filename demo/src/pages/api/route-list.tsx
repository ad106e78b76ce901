import type { VNode } from 'preact';
import type { ApiRoute } from '../../state/api-store.ts';

interface RouteListProps {
  /** Of the interface. */
  readonly title: string;
  readonly routes: readonly ApiRoute[];
}

/** Every route of an interface, as its OpenAPI document tells them. */
export function RouteList({ title, routes }: RouteListProps): VNode {
  return (
    <details class="panel disclosure api-routes">
      <summary>
        <h2>
          All routes of {title} <span class="muted">({routes.length})</span>
        </h2>
      </summary>
      <div class="disclosed scroll-x" tabIndex={0} role="region" aria-label={`All routes of ${title}`}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Method</th>
              <th scope="col">Path</th>
              <th scope="col">What it does</th>
            </tr>
          </thead>
          <tbody>
            {routes.map(({ method, path, summary }) => (
              <tr key={`${method} ${path}`}>
                <td>
                  <code>{method}</code>
                </td>
                <td>
                  <code>{path}</code>
                </td>
                <td>{summary}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
