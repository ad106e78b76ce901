#!/usr/bin/env node
/** `nearface COMMAND`: the package `nearface-server` does what is asked, with this copy of the library. */
import { readFile } from 'node:fs/promises';

const server = await import('nearface-server').catch((error) => {
  const isMissing = (name) => error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`${name}'`);
  if (isMissing("'nearface-server"))
    console.error('nearface: the server is a package of its own; install it: npm install nearface-server');
  else if (isMissing('server/dist/main.js'))
    console.error('nearface: this checkout is not built; build it: npm run build');
  // What the server itself lacks is another matter, and says so.
  else throw error;
  process.exit(1);
});
/** The library, which only some commands need. */
async function load() {
  const [{ NearFace }, { createHandler }, manifest] = await Promise.all([
    import('../dist/node/nearface.js'),
    import('../dist/node/rest.js'),
    readFile(new URL('../package.json', import.meta.url), 'utf8'),
  ]);
  return { NearFace, createHandler, version: JSON.parse(manifest).version };
}

try {
  process.exitCode = await server.main(process.argv.slice(2), load);
} catch (error) {
  console.error(`nearface: ${error.message}`);
  process.exitCode = 1;
}
