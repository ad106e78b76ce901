import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Order, Report } from './protocol.ts';

/** Takes a page's report; what it returns is the answer (`null` for an empty one), and without one the page waits. */
export type Listener = (report: Report) => Order | null | undefined;

/** Where pages report to. Each page has an address of its own, so that a dead one's last words are not the next one's. */
export class Desk {
  readonly #server = createServer((request, response) => {
    void this.#take(request, response).catch(() => response.destroy());
  });
  readonly #listeners = new Map<string, Listener>();
  #pages = 0;

  static async open(): Promise<Desk> {
    const desk = new Desk();
    await new Promise<void>((done, failed) => {
      desk.#server.once('error', failed);
      desk.#server.listen(0, '127.0.0.1', done);
    });
    return desk;
  }

  /** The address for a page, and how to stop listening to it. */
  listen(listener: Listener): { readonly url: string; close(): void } {
    const path = `/${++this.#pages}`;
    this.#listeners.set(path, listener);
    const { port } = this.#server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}${path}`, close: () => this.#listeners.delete(path) };
  }

  close(): Promise<void> {
    return new Promise((done) => {
      this.#server.close(() => done());
      this.#server.closeAllConnections();
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const report = JSON.parse(Buffer.concat(chunks).toString()) as Report;
    const order = this.#listeners.get(request.url ?? '')?.(report);
    if (order === undefined) return;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' });
    response.end(JSON.stringify(order));
  }
}
