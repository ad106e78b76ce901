import preact from '@preact/preset-vite';
import { cp, mkdir, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { SAMPLE_NAMES, SAMPLES } from './tools/samples/samples.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const library = resolve(here, 'dist');
const samples = fileURLToPath(SAMPLES);
const output = resolve(here, 'dist-demo');

/** Cross-origin isolation, which lets WebAssembly use threads. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const MIME: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
};

/** What the built page may do: load its own files, and talk to nobody else. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob: mediastream:",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
].join('; ');

/** Puts {@link POLICY} into the built page; in development Vite needs inline styles and a socket. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** Puts the built library at `nearface/` and the sample photos at `samples/`, in dev and in the build. */
function besideThePage(): Plugin {
  const folders = { '/nearface/': library, '/samples/': samples };
  return {
    name: 'beside-the-page',
    configureServer(server) {
      for (const [prefix, folder] of Object.entries(folders)) {
        server.middlewares.use(prefix, (request, response, next) => {
          const { pathname } = new URL(request.url ?? '/', 'http://localhost');
          const path = normalize(join(folder, decodeURIComponent(pathname)));
          if (!path.startsWith(folder + sep)) return next();
          void stat(path).then(
            (stats) => {
              if (!stats.isFile()) return next();
              const type = MIME[extname(path)] ?? 'application/octet-stream';
              response.writeHead(200, { 'Content-Type': type, 'Content-Length': stats.size, ...isolation });
              createReadStream(path).pipe(response);
            },
            () => next(),
          );
        });
      }
    },
    async writeBundle() {
      await cp(library, join(output, 'nearface'), { recursive: true });
      await mkdir(join(output, 'samples'), { recursive: true });
      for (const name of SAMPLE_NAMES) await cp(join(samples, name), join(output, 'samples', name));
      await cp(join(here, 'tools/samples/README.md'), join(output, 'samples', 'README.md'));
    },
  };
}

const config: UserConfig = defineConfig({
  root: 'demo',
  base: './',
  plugins: [preact(), besideThePage(), contentSecurityPolicy()],
  resolve: {
    alias: {
      // The first one that fits is taken.
      'nearface/rest': join(library, 'rest.js'),
      'nearface/service-worker': join(library, 'service-worker.js'),
      nearface: join(library, 'nearface.js'),
    },
  },
  build: { outDir: output, emptyOutDir: true, target: 'es2022' },
  server: { headers: isolation, fs: { allow: ['..'] } },
  preview: { headers: isolation },
});

export default config;
