import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { NearFace } from '../../src/index.ts';
import type { RestApi, RestOptions } from '../../src/rest/index.ts';
import { visionWorkers } from '../../src/platform/node/vision-workers.ts';
import { keyOf, Tokens } from '../../src/rest/tokens.ts';
import { cannotEncrypt, cannotListen } from './cannot-listen.ts';
import type { Library } from './library.ts';
import { Listener } from './listener.ts';
import { Metrics } from './metrics.ts';
import { rateOf } from './rate.ts';
import type { ServeOptions } from './serve-options.ts';
import { readablePictures } from './database-options.ts';
import { serveOptions } from './serve-options.ts';
import { refusalOf } from './stranger.ts';

/** How Prometheus sends a key; `Token KEY` is understood too. */
const BEARER = { in: 'header', name: 'Authorization', scheme: 'Bearer' } as const;
/** Calls that are under way have so long to end once the server is told to stop. */
const DRAIN_MS = 30_000;

/** A server that answers. */
export interface Running {
  /** As in `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Answers what is under way, and ends. Safe to call twice. */
  stop(): Promise<void>;
}

/** `nearface serve`: answers until it is told to stop, by SIGTERM or SIGINT. */
export async function serveCommand(
  args: readonly string[],
  load: () => Promise<Library>,
  print: (line: string) => void,
): Promise<number> {
  const options = serveOptions(args, process.env);
  const running = await serve(options, await load(), print);
  await new Promise<void>((stopped) => {
    const stop = (): void => {
      print('Stopping: what is under way is answered first');
      void running.stop().then(stopped);
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
  return 0;
}

/** Starts a server. */
export async function serve(
  options: ServeOptions,
  library: Library,
  print: (line: string) => void,
): Promise<Running> {
  print(`nearface ${library.version}: loading the models`);
  const nf = await library.NearFace.create({
    ...{ database: options.database, keep: options.keep },
    ...(options.models && { models: options.models }),
    visionWorkers: options.workers ?? visionWorkers(),
  });
  try {
    return await listen(nf, options, library, print);
  } catch (error) {
    await nf.dispose();
    throw error;
  }
}

async function listen(
  nf: NearFace,
  options: ServeOptions,
  { createHandler }: Library,
  print: (line: string) => void,
): Promise<Running> {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  const metrics: Metrics = new Metrics(nf, () => answering.calls);
  const handlerOptions: RestOptions = {
    ...{ tokens: options.tokens, basePath: options.basePath, origins: options.origins },
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    ...(options.apis && { apis: options.apis as readonly RestApi[] }),
    ...(options.rate > 0 && { limitRate: rateOf(options.rate) }),
    personIdentify: options.people,
    maxPictures: nf.info.visionWorkers.most + options.queue,
    onAnswered: (answered) => {
      metrics.answered(answered);
      log.info({ ...answered, ms: Math.round(answered.ms * 10) / 10 });
    },
  };
  const handle = createHandler(nf, handlerOptions);
  const keys = new Tokens(options.tokens === 'none' ? [] : options.tokens);
  const mayRead = async (request: Request): Promise<boolean> => {
    if (options.tokens === 'none') return true;
    const key = keyOf(request, new URL(request.url), [BEARER]);
    return key !== undefined && (await keys.find(key)) !== undefined;
  };
  const answering: Listener = new Listener({
    ...{ handle, metrics, mayRead, maxCalls: options.maxCalls },
    ...(options.tokens === 'none' && { refusal: (request) => refusalOf(request, options.origins) }),
  });
  const warnings = [...(await otherModels(nf)), ...readablePictures(options.database, options.keep)];
  const server = serverOf(options, answering);
  await new Promise<void>((listening, failed) => {
    server.once('error', (error) => failed(cannotListen(error, options.host, options.port)));
    server.listen(options.port, options.host, listening);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const url = `${options.tls ? 'https' : 'http'}://${host}:${port}`;
  for (const line of [...warnings, ...startLines(url, options, nf)]) print(line);
  let stopping: Promise<void> | undefined;
  return { url, stop: () => (stopping ??= drain(server, answering, nf)) };
}

/** @throws CannotRun of a certificate or a key that is none */
function serverOf({ tls }: ServeOptions, { listener }: Listener): Server {
  if (!tls) return createServer(listener);
  try {
    return createSecureServer(tls, listener);
  } catch (error) {
    throw cannotEncrypt(error);
  }
}

function startLines(url: string, options: ServeOptions, nf: NearFace): string[] {
  const { tokens, madeToken, basePath } = options;
  const key =
    madeToken !== undefined
      ? `No --token was given: the key of this run is ${madeToken}`
      : tokens === 'none'
        ? 'No key is asked for: whoever is on this machine can call'
        : `${tokens.length} ${tokens.length === 1 ? 'key is' : 'keys are'} accepted`;
  const { most } = nf.info.visionWorkers;
  return [
    key,
    `${most} ${most === 1 ? 'thread looks' : 'threads look'} at photos`,
    storeLine(options, nf),
    `Documentation: ${url}${basePath}/docs`,
    `Listening on ${url}${basePath}`,
  ];
}

/** Galleries whose faces this model cannot be compared with. */
async function otherModels({ galleries, info }: NearFace): Promise<string[]> {
  const { modelId } = info.embedding;
  const others = (await galleries.list()).filter((one) => one.modelId !== null && one.modelId !== modelId);
  return others.map(
    (one) =>
      `Gallery ${one.name} holds faces of the model ${one.modelId}, and nobody is found in it by ${modelId}: give --embedding as it was enrolled, or galleries.regenerate() converts it`,
  );
}

/** The URL of a database has a password in it, so that only its kind is told. */
function storeLine({ database }: ServeOptions, nf: NearFace): string {
  if (!database) return 'Faces are kept in memory: they are gone when the server stops';
  if ('folder' in database) return `Faces are kept in ${database.folder}`;
  return `Faces are kept in ${nf.info.storage.kind}`;
}

async function drain(server: Server, answering: Listener, nf: NearFace): Promise<void> {
  answering.isDraining = true;
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(late);
  await nf.dispose();
}
