import type { Call } from '../core/call.ts';
import { type GalleryCalls, type HostCalls, PORT_CALLS } from '../gallery/calls.ts';
import { listZip } from '../sources/zip.ts';
import { openZipEntry } from '../sources/zip-entry.ts';
import type { GalleryApi, ReportProgress, WireResult } from './contract.ts';
import { answer } from './calls.ts';
import { OpenGallery } from './open-gallery-service.ts';

type AnyCall = (...args: unknown[]) => Promise<unknown>;

/** Methods that are not asked for from outside. */
const NO_CALLS: ReadonlySet<string> = new Set(['constructor', 'close']);

/** The gallery worker's side of the contract: errors as plain data, calls that can be aborted by number. */
export class GalleryService extends OpenGallery implements GalleryApi {
  readonly #host: HostCalls = {
    info: () => this.info(),
    lock: () => this.lock(),
    unlock: (key, call) => this.unlock(key, call),
    listZip: (zip, { signal }) => listZip(zip, signal),
    openZipEntry: (zip, entry, { signal }) => openZipEntry(zip, entry, signal),
  };

  call<Name extends keyof GalleryCalls>(
    callId: number,
    name: Name,
    report: ReportProgress | undefined,
    ...args: Parameters<GalleryCalls[Name]>
  ): Promise<WireResult<Awaited<ReturnType<GalleryCalls[Name]>>>> {
    type Answer = Awaited<ReturnType<GalleryCalls[Name]>>;
    return this.calls.answer(callId, async (signal): Promise<Answer> => {
      const call: Call = { signal, report };
      const given = args.map((arg: unknown) => (isCall(arg) ? call : arg));
      // Nobody is told of a face whose time is over.
      if (!Object.hasOwn(this.#host, name)) await this.opened().expiry.sweep();
      return (await this.#find(name)(...given)) as Answer;
    });
  }

  /** @throws NearFaceError where the galleries are not open */
  #find(name: string): AnyCall {
    if (Object.hasOwn(this.#host, name)) return this.#host[name as keyof HostCalls] as AnyCall;
    const engine = this.opened();
    for (const port of Object.keys(PORT_CALLS) as (keyof typeof PORT_CALLS)[])
      if (Object.hasOwn(PORT_CALLS[port], name)) return methodOf(engine[port], name);
    const { jobDesk, transfer, historyTransfer, people, entry } = engine;
    for (const part of [engine, jobDesk, transfer, historyTransfer, people, entry])
      if (!NO_CALLS.has(name) && hasOwnMethod(part, name)) return methodOf(part, name);
    throw new TypeError(`the galleries have no call ${name}`);
  }

  deleteDatabase(name: string): Promise<WireResult<void>> {
    return answer(() => this.options.databases.delete(name));
  }

  abort(callId: number): void {
    this.calls.abort(callId);
  }
}

/** Whether its class has it: what every object has is no call. */
function hasOwnMethod(part: object, name: string): boolean {
  const method: unknown = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(part), name)?.value;
  return typeof method === 'function';
}

function methodOf(part: object, name: string): AnyCall {
  return (...args) => (part as Record<string, AnyCall>)[name]?.(...args) as Promise<unknown>;
}

/** Crossing to the worker it has lost its identity. */
function isCall(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && 'isPlaceholder' in arg;
}
