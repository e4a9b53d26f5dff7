import { connect, createServer, type Socket } from 'node:net';

/** What travels between the service and its database: forwarded as it is, held back, or cut off. */
export interface CuttableProxy {
  /** The address of the database through the proxy. */
  readonly url: string;
  /** Breaks every connection when the service next sends something that contains this text, after passing it on. */
  cutAfterSending(text: string): void;
  /** Stops passing answers on, as a server that hangs. */
  hang(): void;
  /** Breaks every connection and refuses new ones until `open`. */
  refuse(): void;
  /** Everything flows again. */
  open(): void;
  close(): Promise<void>;
}

/** Stands between the service and its database, to show what the service does when the network fails. */
export async function makeProxy(databaseUrl: string): Promise<CuttableProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let mode: 'open' | 'hanging' | 'refusing' = 'open';
  let cutAt: string | undefined;

  const breakAll = (): void => sockets.forEach((socket) => socket.destroy());
  const server = createServer((service) => {
    if (mode === 'refusing') return void service.destroy();
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [service, database]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    service.on('close', () => database.destroy());
    database.on('close', () => service.destroy());
    database.on('data', (bytes) => mode === 'open' && service.write(bytes));
    service.on('data', (bytes) => {
      const isCut = cutAt !== undefined && bytes.includes(cutAt);
      if (isCut) cutAt = undefined;
      database.write(bytes, () => isCut && service.destroy());
      // The database gets what was sent; only its answer is lost.
      if (isCut) database.pause();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = new URL(databaseUrl);
  url.port = String(address.port);
  return {
    url: url.href,
    cutAfterSending: (text) => void (cutAt = text),
    hang: () => void (mode = 'hanging'),
    refuse: () => {
      mode = 'refusing';
      breakAll();
    },
    open: () => void (mode = 'open'),
    close: () => {
      breakAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
