import { Agent, request } from 'node:http';

/** Calls a server over connections that stay open, so that what is measured is not their making. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #url: string;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Sends a form with a photo; answers the body. @throws Error of another status than 200 */
  post(path: string, form: Form): Promise<string> {
    const { type, body } = form;
    const headers = { 'Content-Type': type, 'Content-Length': body.length };
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.#url}${path}`,
        { method: 'POST', agent: this.#agent, headers },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (piece: string) => (text += piece));
          answer.on('error', reject);
          answer.on('end', () =>
            answer.statusCode === 200
              ? resolve(text)
              : reject(new Error(`${path}: ${answer.statusCode} ${text.slice(0, 200)}`)),
          );
        },
      );
      call.on('error', reject).end(body);
    });
  }

  async get(path: string): Promise<string> {
    return (await fetch(`${this.#url}${path}`)).text();
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** A body that is made once and sent again and again. */
export interface Form {
  readonly type: string;
  readonly body: Buffer;
}

/** A `multipart/form-data` body of fields and one photo. */
export async function formOf(photo: Uint8Array<ArrayBuffer>, fields: Record<string, string>): Promise<Form> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('photo', new Blob([photo], { type: 'image/jpeg' }), 'photo.jpg');
  const response = new Response(form);
  const type = response.headers.get('content-type') as string;
  return { type, body: Buffer.from(await response.arrayBuffer()) };
}
