import { DOCS_SCRIPT } from './docs-script.ts';
import type { JsonSchema } from './fields.ts';
import type { Reply } from './route.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: end; justify-content: space-between }
details { border: 1px solid #8884; border-radius: .4rem; margin: .4rem 0; padding: 0 .8rem }
summary { padding: .5rem 0; cursor: pointer }
summary code { font-weight: 600 }
.method { display: inline-block; min-width: 4.5rem; font: 600 .85rem ui-monospace, monospace }
.field { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .2rem .8rem; margin: .5rem 0 }
.field small { grid-column: 2; opacity: .75 }
input, select, textarea { font: inherit; padding: .25rem .4rem; max-width: 100%; box-sizing: border-box }
pre { overflow: auto; max-height: 28rem; padding: .6rem; background: #8882; border-radius: .3rem; white-space: pre-wrap; overflow-wrap: anywhere }
@media (max-width: 40rem) { .field { grid-template-columns: 1fr } .field small { grid-column: 1 } }
`;

/** The page of all routes, each with a form to try it. It holds all that it needs, and loads nothing. */
export function docsPage(document: JsonSchema, documentUrl: string): Reply {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));
  // Text that could end the element, or begin a comment in it, is written as an escape of JSON.
  const data = JSON.stringify(document).replaceAll('<', '\\u003c');
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>nearface: the API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="${nonce}">${STYLE}</style></head>
<body><header><h1>nearface: the API</h1>
<label>Key <input id="key" type="password" autocomplete="off" size="34"></label></header>
<p>Each form makes a real call. The same as <a href="${escaped(documentUrl)}">OpenAPI 3.1</a>.</p>
<main id="routes"></main>
<script type="application/json" id="document">${data}</script>
<script nonce="${nonce}">${DOCS_SCRIPT}</script></body></html>`;
  const policy = [
    ...["default-src 'none'", `style-src 'nonce-${nonce}'`, `script-src 'nonce-${nonce}'`],
    ...["connect-src 'self'", "img-src 'self' blob: data:", "base-uri 'none'", "form-action 'none'"],
    "frame-ancestors 'self'",
  ].join('; ');
  return {
    content: { type: 'text/html; charset=UTF-8', data: html },
    headers: { 'Content-Security-Policy': policy },
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
