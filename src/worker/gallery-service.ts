import type { Call } from '../core/call.ts';
import type { GalleryCalls, HostCalls } from '../gallery/calls.ts';
import { deleteDatabase } from '../gallery/indexeddb/slots.ts';
import { listZip } from '../sources/zip.ts';
import { openZipEntry } from '../sources/zip-entry.ts';
import type { GalleryApi, ReportProgress, WireResult } from './contract.ts';
import { answer } from './jobs.ts';
import { OpenGallery } from './open-gallery-service.ts';

/** The gallery worker's side of the contract: errors as plain data, calls that can be aborted by number. */
export class GalleryService extends OpenGallery implements GalleryApi {
  readonly #host: HostCalls = {
    info: () => this.info(),
    encrypt: (passphrase, call) => this.opened().encrypt(passphrase, call),
    changePassphrase: (current, next, rekey, call) =>
      this.opened().changePassphrase(current, next, rekey, call),
    lock: () => this.lock(),
    unlock: (passphrase, call) => this.unlock(passphrase, call),
    listZip: (zip, { signal }) => listZip(zip, signal),
    openZipEntry: (zip, entry, { signal }) => openZipEntry(zip, entry, signal),
  };

  call<Name extends keyof GalleryCalls>(
    job: number,
    name: Name,
    report: ReportProgress | undefined,
    ...args: Parameters<GalleryCalls[Name]>
  ): Promise<WireResult<Awaited<ReturnType<GalleryCalls[Name]>>>> {
    return this.jobs.answer(job, (signal) => {
      const call: Call = { signal, report };
      const given = args.map((arg: unknown) => (isCall(arg) ? call : arg));
      return this.#find(name)(...given) as Promise<Awaited<ReturnType<GalleryCalls[Name]>>>;
    });
  }

  /** @throws NearFaceError where the galleries are not open */
  #find(name: string): (...args: unknown[]) => Promise<unknown> {
    if (Object.hasOwn(this.#host, name))
      return bound(this.#host, name) as (...args: unknown[]) => Promise<unknown>;
    const engine = this.opened();
    for (const part of [engine, engine.jobs, engine.transfer, engine.regenerator]) {
      const method = bound(part, name);
      if (method) return method;
    }
    throw new TypeError(`the galleries have no call ${name}`);
  }

  deleteDatabase(name: string): Promise<WireResult<void>> {
    return answer(() => deleteDatabase(name));
  }

  abort(job: number): void {
    this.jobs.abort(job);
  }
}

/** Crossing to the worker it has lost its identity. */
function isCall(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && 'isPlaceholder' in arg;
}

function bound(part: object, name: string): ((...args: unknown[]) => Promise<unknown>) | undefined {
  const method = (part as Record<string, unknown>)[name];
  return name !== 'constructor' && typeof method === 'function'
    ? (method.bind(part) as (...args: unknown[]) => Promise<unknown>)
    : undefined;
}
