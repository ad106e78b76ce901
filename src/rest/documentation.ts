import { docsPage } from './docs-page.ts';
import type { JsonSchema } from './fields.ts';
import { openApi } from './openapi.ts';
import type { Problem } from './problem.ts';
import type { ResolvedRest } from './resolve-rest.ts';
import { type Call, type Dialect, type Reply, route, type Route } from './route.ts';

/** What is answered where no interface is meant: also the body of its errors. */
export function plainProblem({ code, status, message, param, value }: Problem): Reply {
  const field = code === 'BAD_PARAM' && { param: param ?? '', value: value ?? '' };
  return { json: { code, status, reason: message, ...field } };
}

/** Schema of {@link plainProblem}'s body. */
export const plainProblemSchema: JsonSchema = {
  type: 'object',
  properties: {
    code: { type: 'string', description: 'In capitals' },
    status: { type: 'integer' },
    reason: { type: 'string', description: 'For people' },
    param: { type: 'string' },
    value: {},
  },
  required: ['code', 'reason'],
};

/** The document and the page of the interfaces, which need no key. Both are made once, when they are asked for. */
export function documentation(dialects: readonly Dialect[], options: ResolvedRest): Dialect {
  let document: JsonSchema | undefined;
  const told = (): JsonSchema => (document ??= openApi(dialects, options));
  const html = { description: 'A page with a form for every route', type: 'text/html' };
  const page = (path: string): Route =>
    route({
      ...{ method: 'GET', path, summary: 'The documentation, with forms', isOpen: true },
      answers: { 200: html },
      run: async (call) => docsPage(told(), call.link('/openapi.json')),
    });
  const index = route({
    ...{ method: 'GET', path: '/docs', summary: 'The versions that are documented', isOpen: true },
    answers: { 200: html },
    run: async (call) =>
      prefersHtml(call) ? docsPage(told(), call.link('/openapi.json')) : { json: { results: VERSIONS } },
  });
  const json = route({
    ...{ method: 'GET', path: '/openapi.json', summary: 'The OpenAPI 3.1 document', isOpen: true },
    answers: { 200: { description: 'The document', schema: { type: 'object' } } },
    run: async () => ({ json: told() }),
  });
  const versioned = ['/docs/:v{v[01]}', '/:v{v[01]}/docs', '/:v{v[01]}/docs/:v2{v[01]}/overview.html'];
  return {
    ...{ name: 'documentation', title: 'Documentation', description: 'This document', keys: [] },
    routes: [json, index, ...versioned.map(page)],
    prefix: /^\/(docs|openapi\.json)/,
    refuse: plainProblem,
    errorSchema: plainProblemSchema,
  };
}

const VERSIONS: readonly string[] = ['v0', 'v1'];

/** Whether a browser asks, and not a program. */
function prefersHtml({ request }: Call<unknown, unknown>): boolean {
  const accepted = (request.headers.get('accept') ?? '').split(',').map((part) => part.trim().split(';')[0]);
  const [html, json] = [accepted.indexOf('text/html'), accepted.indexOf('application/json')];
  return html >= 0 && (json < 0 || html < json);
}
