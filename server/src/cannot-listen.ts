import { CannotRun } from './usage.ts';

/** Why a server cannot listen, and what to do. */
export function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new CannotRun(
        `port ${port} of ${host} is taken, by another nearface or another program: stop that, or take another port, as in --port ${otherThan(port)} (--port 0 takes any that is free)`,
      );
    case 'EACCES':
      return new CannotRun(
        `port ${port} of ${host} may not be taken by this user: take one from 1024 on, as in --port 8000`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CannotRun(
        `${host} is no address of this machine: leave --host out for this machine alone, or give 0.0.0.0 for all its addresses`,
      );
    default:
      return new CannotRun(`${host}:${port} cannot be listened at: ${error.message}`);
  }
}

const otherThan = (port: number): number => (port < 65_535 ? port + 1 : 8000);

/** Why a server cannot speak https. */
export function cannotEncrypt(error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return new CannotRun(
    `--tls-cert and --tls-key cannot be used (${why}): give a certificate and its own key, both in PEM and without a passphrase`,
  );
}
