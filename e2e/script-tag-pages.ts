/** Pages that take the built library by a script tag, from folders of their own. */
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serve, type ServeOptions, type StaticServer } from '../tools/serve.ts';

/** The built library's folder. */
export const DIST: string = resolve(import.meta.dirname, '../dist');

/** Folders and servers of a spec, until they are closed. */
export class ScriptTagPages {
  readonly #servers: StaticServer[] = [];
  readonly #folders: string[] = [];

  /** Serves folders; answers the address. */
  async start(options: ServeOptions): Promise<string> {
    const server = await serve(options);
    this.#servers.push(server);
    return server.url;
  }

  /** A folder with the library, but for the files `without`. */
  async libraryFolder(without: readonly string[]): Promise<string> {
    const folder = await this.#newFolder();
    for (const name of await readdir(DIST))
      if (!without.includes(name)) await symlink(join(DIST, name), join(folder, name));
    return folder;
  }

  /** A folder with a page, `index.html`, that loads the library from the address `library`. */
  async pageFolder(library: string): Promise<string> {
    const folder = await this.#newFolder();
    const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>threads</title><script src="${library}/nearface.iife.js"></script></html>`;
    await writeFile(join(folder, 'index.html'), html);
    return folder;
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.close();
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true });
  }

  async #newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'nearface-pages-'));
    this.#folders.push(folder);
    return folder;
  }
}
