/** The calls that clients make. */

/** A face as the server tells it. */
export interface ToldFace {
  readonly id: number;
  readonly meta: string;
  readonly galleries: readonly string[];
  readonly normalized?: string;
}

/** A call that was not done, or of which nobody knows. */
export class CallFailed extends Error {
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(what: string, status: number, text: string) {
    super(`${what}: ${status === 0 ? 'no answer' : status} ${text.slice(0, 300)}`);
    this.status = status;
  }
}

/** How long an answer may take. */
const ANSWER_MS = 60_000;
const PAGE = 1000;

/** A server's calls. */
export class Api {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async #call(method: string, path: string, body?: BodyInit, type?: string): Promise<Response> {
    const init: RequestInit = {
      method,
      ...(body !== undefined && { body }),
      ...(type !== undefined && { headers: { 'Content-Type': type } }),
      signal: AbortSignal.timeout(ANSWER_MS),
    };
    let answer: Response;
    try {
      answer = await fetch(`${this.url}${path}`, init);
      if (answer.ok) return new Response(await answer.arrayBuffer());
    } catch (error) {
      throw new CallFailed(`${method} ${path}`, 0, String((error as Error).cause ?? error));
    }
    throw new CallFailed(`${method} ${path}`, answer.status, await answer.text().catch(() => ''));
  }

  async addVector(gallery: string, id: number, vector: Float32Array<ArrayBuffer>): Promise<void> {
    await this.#call('POST', `/v1/${gallery}/add/${id}`, vector, 'application/octet-stream');
  }

  async addPhoto(photo: Blob, meta: string, galleries: readonly string[]): Promise<readonly ToldFace[]> {
    const form = new FormData();
    form.append('photo', photo, 'photo.jpg');
    form.append('meta', meta);
    form.append('mf_selector', 'all');
    for (const name of galleries) form.append('galleries', name);
    return ((await (await this.#call('POST', '/v1/face', form)).json()) as { results: ToldFace[] }).results;
  }

  async rename(id: number, meta: string): Promise<void> {
    await this.#call('PUT', `/v1/face/id/${id}`, JSON.stringify({ meta }), 'application/json');
  }

  async deleteFace(id: number): Promise<void> {
    await this.#call('DELETE', `/v1/face/id/${id}`);
  }

  async createGallery(name: string): Promise<void> {
    await this.#call('POST', `/v1/galleries/${name}`);
  }

  /** With all its faces, out of other galleries, too. */
  async deleteGallery(name: string): Promise<void> {
    await this.#call('DELETE', `/v1/galleries/${name}`);
  }

  async galleries(): Promise<readonly string[]> {
    return ((await (await this.#call('GET', '/v1/galleries')).json()) as { results: string[] }).results;
  }

  /** All faces. */
  async faces(): Promise<readonly ToldFace[]> {
    const found: ToldFace[] = [];
    for (let path: string | null = `/v1/faces?limit=${PAGE}`; path !== null;) {
      const page = (await (await this.#call('GET', path)).json()) as {
        readonly results: readonly ToldFace[];
        readonly next_page: string | null;
      };
      found.push(...page.results);
      path = page.next_page;
    }
    return found;
  }

  async vector(id: number): Promise<Float32Array> {
    const { facen } = (await (await this.#call('GET', `/v1/default/get/${id}`)).json()) as { facen: string };
    return new Float32Array(new Uint8Array(Buffer.from(facen, 'base64')).buffer);
  }

  /** The ids of the faces that are most like a vector. */
  async search(
    vector: Float32Array<ArrayBuffer>,
    limit: number,
  ): Promise<readonly { readonly id: number; readonly conf: number }[]> {
    const answer = await this.#call(
      'POST',
      `/v1/default/search/${limit}/0.9`,
      vector,
      'application/octet-stream',
    );
    return (await answer.json()) as { id: number; conf: number }[];
  }

  /** The bytes of a picture by its link. */
  async pictureBytes(link: string): Promise<number> {
    const path = link.replace(this.url, '');
    return (await (await this.#call('GET', path)).arrayBuffer()).byteLength;
  }
}
