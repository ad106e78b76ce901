import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { API_DIALECTS } from '../../model/api-dialects.ts';
import { SAMPLES } from '../../model/samples.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { CallCard } from './call-card.tsx';
import { RouteList } from './route-list.tsx';

/** The interfaces over HTTP, answered by this page. */
export function ApiPage(): VNode {
  const { api, engine } = useStore();
  useEffect(() => api.open(), []);
  const state = api.state.value;
  const dialect = API_DIALECTS.find((each) => each.api === api.api.value)!;
  return (
    <>
      <PageHead
        title="API"
        lead="Clients of other systems call nearface over HTTP. Here this page is the server: nothing leaves it."
      >
        {state.kind === 'ready' && state.isServed && (
          <a class="button" href={`${api.basePath}/docs/v1`} target="_blank" rel="noreferrer">
            Open the documentation
            <span class="visually-hidden"> in a new tab</span>
          </a>
        )}
      </PageHead>
      {state.kind === 'failed' && <Problem error={state.error} />}
      {engine.state.value.kind === 'ready' && state.kind === 'waiting' && (
        <p class="muted" role="status">
          Loading the interfaces…
        </p>
      )}
      <SamplePanel />
      <section class="panel api-dialects" aria-label="Interfaces">
        <Tabs
          label="Interfaces"
          tabs={API_DIALECTS.map(({ api: name, title }) => ({ name, label: title }))}
          chosen={dialect.api}
          onChoose={(name) => (api.api.value = name)}
        >
          <p class="muted">{dialect.lead}</p>
          {dialect.calls.map((call) => (
            <CallCard key={`${dialect.api} ${call.id}`} dialect={dialect} call={call} />
          ))}
          {state.kind === 'ready' && (
            <RouteList key={dialect.api} title={dialect.title} routes={state.routes[dialect.api]} />
          )}
        </Tabs>
      </section>
    </>
  );
}

/** Which photo the calls are made with, and how they are made. */
function SamplePanel(): VNode {
  const { api } = useStore();
  const state = api.state.value;
  return (
    <section class="panel stack-3" aria-labelledby="api-sample">
      <h2 id="api-sample">The photo of the calls</h2>
      <ul class="sample-strip">
        {SAMPLES.map(({ name, url, alt }, i) => (
          <li key={name}>
            <button
              type="button"
              class="sample api-sample"
              aria-pressed={api.sample.value === i}
              onClick={() => (api.sample.value = i)}
            >
              <img src={url} alt={alt} width="96" height="68" loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
      <p class="muted small narrow">
        <code>photo.jpg</code> is this photo, <code>selfie.jpg</code> its biggest face alone.{' '}
        {state.kind === 'ready' &&
          (state.isServed ? (
            <>
              The calls are made by <code>fetch</code>: a service worker hands what begins with{' '}
              <code>{api.basePath}/</code> to this page.
            </>
          ) : (
            'This browser runs no service worker here, so that the handler is called as a function.'
          ))}
      </p>
    </section>
  );
}
