#!/usr/bin/env node
/** `nearface COMMAND`: the package `nearface-server` does what is asked, with this copy of the library. */
import { readFile } from 'node:fs/promises';
import { NearFace } from '../dist/node/nearface.js';
import { createHandler } from '../dist/node/rest.js';

const server = await import('nearface-server').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('nearface: the server is a package of its own; install it: npm install nearface-server');
  process.exit(1);
});
const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
try {
  process.exitCode = await server.main(process.argv.slice(2), { NearFace, createHandler, version });
} catch (error) {
  console.error(`nearface: ${error.message}`);
  process.exitCode = 1;
}
