import { effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import type { NearFace } from 'nearface';
import type { RestApi, RestHandler } from 'nearface/rest';
import { API_KEY, type ApiCall, type ApiDialect, type ApiInput, requestOf } from '../model/api-call.ts';
import { API_DIALECTS } from '../model/api-dialects.ts';
import { fetchSample, SAMPLES } from '../model/samples.ts';
import { inputOf } from './api-input.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';

/** What a call answered. */
export type ApiAnswer =
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'done'; readonly status: number; readonly ms: number; readonly body: unknown };

/** A route as the document tells it. */
export interface ApiRoute {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
}

/** What the calls go to. */
export type ApiState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | {
      readonly kind: 'ready';
      /** Whether `fetch` reaches it, by the service worker; the page calls the handler itself otherwise. */
      readonly isServed: boolean;
      readonly routes: Readonly<Record<RestApi, readonly ApiRoute[]>>;
    };

export interface ApiStore {
  readonly state: ReadonlySignal<ApiState>;
  readonly api: Signal<RestApi>;
  /** Number of the sample photo. */
  readonly sample: Signal<number>;
  /** By interface and id of the call. */
  readonly answers: ReadonlySignal<Readonly<Record<string, ApiAnswer>>>;
  /** The path under which the page's calls are answered. */
  readonly basePath: string;
  /** Begins to answer, when the page is opened for the first time. */
  open(): void;
  /** The id that a call needs of the answer of another one, once that is there. */
  idFor(dialect: ApiDialect, call: ApiCall): string | undefined;
  run(dialect: ApiDialect, call: ApiCall): Promise<void>;
}

export const answerKey = ({ api }: ApiDialect, id: string): string => `${api} ${id}`;

/** How long the service worker may take until the page goes on without it. */
const SERVED_MS = 4000;

export function createApiStore(engine: Engine, library: Library): ApiStore {
  const state = signal<ApiState>({ kind: 'waiting' });
  const api = signal<RestApi>('compreface');
  const sample = signal(0);
  const answers = signal<Readonly<Record<string, ApiAnswer>>>({});
  const isOpen = signal(false);
  const basePath = new URL('faces', document.baseURI).pathname;
  let handle: RestHandler | undefined;
  let close = (): void => undefined;
  let run = 0;
  let input: { readonly of: string; readonly made: Promise<ApiInput> } | undefined;

  const begin = async (nf: NearFace): Promise<void> => {
    // Another instance may be started before this one is served.
    const mine = ++run;
    close();
    close = () => undefined;
    try {
      const opened = await openApi(nf, basePath);
      if (mine !== run) return opened.close();
      ({ handle, close } = opened);
      state.value = { kind: 'ready', isServed: opened.isServed, routes: opened.routes };
    } catch (error) {
      if (mine === run) state.value = { kind: 'failed', error };
    }
  };
  effect(() => {
    const now = engine.state.value;
    if (!isOpen.value) return;
    untracked(() => {
      if (now.kind === 'ready') void begin(now.nf);
      else state.value = { kind: 'waiting' };
    });
  });

  /** Of the sample in use; made once. */
  const currentInput = (nf: NearFace): Promise<ApiInput> => {
    const of = SAMPLES[sample.value]!;
    if (input?.of !== of.name) {
      const made = fetchSample(of).then((photo) => inputOf(nf, photo));
      const mine = { of: of.name, made };
      input = mine;
      made.catch(() => {
        if (input === mine) input = undefined;
      });
    }
    return input.made;
  };

  const idFor = (dialect: ApiDialect, { idFrom }: ApiCall): string | undefined => {
    const answer = idFrom && answers.value[answerKey(dialect, idFrom.call)];
    return answer?.kind === 'done' && answer.status < 300 ? idFrom?.take(answer.body) : undefined;
  };

  const runCall = async (dialect: ApiDialect, call: ApiCall): Promise<void> => {
    const key = answerKey(dialect, call.id);
    const note = (answer: ApiAnswer): void => void (answers.value = { ...answers.value, [key]: answer });
    note({ kind: 'running' });
    try {
      const nf = await engine.ready();
      const given = await currentInput(nf);
      const ready = state.value;
      if (ready.kind !== 'ready' || !handle) throw new Error('The models are still starting.');
      const request = await requestOf(call, dialect, location.origin + basePath, given, idFor(dialect, call));
      const started = performance.now();
      const response = await (ready.isServed ? fetch(request) : handle(request));
      const text = await response.text();
      note({ kind: 'done', status: response.status, ms: performance.now() - started, body: read(text) });
      if (call.changes) await library.refresh();
    } catch (error) {
      note({ kind: 'failed', error });
    }
  };
  return { state, api, sample, answers, basePath, open: () => (isOpen.value = true), idFor, run: runCall };
}

/** JSON as what it holds; other text as it is. */
function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface OpenApi {
  readonly handle: RestHandler;
  readonly isServed: boolean;
  readonly routes: Readonly<Record<RestApi, readonly ApiRoute[]>>;
  readonly close: () => void;
}

/** The code of the interfaces is loaded with the first visit. */
async function openApi(nf: NearFace, basePath: string): Promise<OpenApi> {
  const { createHandler } = await import('nearface/rest');
  const tokens = [{ key: API_KEY, inPath: true }];
  const handle = createHandler(nf, { tokens, basePath });
  const told = await Promise.all(
    API_DIALECTS.map(async ({ api }) => {
      const alone = createHandler(nf, { apis: [api], tokens });
      const document = await alone(new Request(new URL('/openapi.json', location.origin)));
      return [api, routesOf((await document.json()) as OpenApiDocument)] as const;
    }),
  );
  const routes = Object.fromEntries(told) as Record<RestApi, readonly ApiRoute[]>;
  const served = await serve(handle, basePath).catch(() => undefined);
  return { handle, routes, isServed: served !== undefined, close: served ?? (() => undefined) };
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>;
}

function routesOf({ paths }: OpenApiDocument): readonly ApiRoute[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary }]) => ({
      ...{ method: method.toUpperCase(), path, summary },
    })),
  );
}

/** Lets the service worker hand `fetch` to the handler. Answers what ends that; rejects where there is none. */
async function serve(handle: RestHandler, basePath: string): Promise<() => void> {
  const { answerRequests } = await import('nearface/service-worker');
  const answering = answerRequests(handle, { basePath });
  const workers = navigator.serviceWorker;
  try {
    await workers.register('./sw.js', { type: 'module' });
    await new Promise<void>((done, failed) => {
      if (workers.controller) return done();
      workers.addEventListener('controllerchange', () => done(), { once: true });
      setTimeout(() => failed(new Error('The service worker did not begin.')), SERVED_MS);
    });
    return () => answering.stop();
  } catch (error) {
    answering.stop();
    throw error;
  }
}
