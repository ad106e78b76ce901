/** Addresses that only this machine reaches. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/** Whether a host is this machine, for itself alone. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host.replace(/^\[(.*)\]$/, '$1'));
}

/**
 * Why a server that asks for no key does not answer a request; undefined where it does. A browser on this machine reaches it on behalf of any page: by a name
 * of the page's own that leads here, or by a form that is sent here.
 */
export function refusalOf(
  { url, headers }: Pick<Request, 'url' | 'headers'>,
  origins: readonly string[],
): string | undefined {
  const { hostname, origin: own } = new URL(url);
  const remedy = 'start it with a key (--token)';
  if (!isLoopback(hostname))
    return `A server without a key is called by this machine's own name, as localhost, and not ${hostname}; ${remedy}`;
  const origin = headers.get('origin');
  if (origin === null || origin === own || origins.includes(origin) || origins.includes('*'))
    return undefined;
  return `A server without a key is not called by pages of other origins; ${remedy}, or name the page's by --origin`;
}
