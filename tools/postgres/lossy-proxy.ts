import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How a NotificationResponse of PostgreSQL's protocol begins. */
const NOTIFICATION = 'A'.charCodeAt(0);

/** A way to a PostgreSQL on which all notifications are lost. */
export interface LossyProxy {
  readonly port: number;
  /** Notifications that were lost. */
  readonly lost: number;
  close(): void;
}

/** Passes on to a PostgreSQL all that clients without TLS say and hear, but notifications. */
export async function lossyProxy(host: string, port: number): Promise<LossyProxy> {
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(port, host);
    client.pipe(database);
    withoutNotifications(database, client, () => lost++);
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    get lost() {
      return lost;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A message is a letter and its length, of which the letter is no part. */
function withoutNotifications(from: Socket, to: Socket, onLost: () => void): void {
  let held: Buffer = Buffer.alloc(0);
  from.on('data', (data: Buffer) => {
    held = Buffer.concat([held, data]);
    while (held.length >= 5) {
      const end = 1 + held.readUInt32BE(1);
      if (held.length < end) return;
      if (held[0] === NOTIFICATION) onLost();
      else to.write(held.subarray(0, end));
      held = held.subarray(end);
    }
  });
}
