/** What the library has to do without where a page or worker is not secure; nothing where it is. */
export function missingHere(): readonly string[] {
  if (globalThis.isSecureContext) return [];
  return [
    'This page is not secure (plain http from another host than localhost): models are fetched anew each time, cameras ' +
      'cannot be opened, storage may be cleared by the browser, and pages that have the same database open do not know of ' +
      'each other, so that only one may import, run jobs or regenerate at a time; serve it over https',
  ];
}
