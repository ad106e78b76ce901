import type { Random } from '../random.ts';
import { type Api, CallFailed } from './api.ts';
import { vectorOf } from './faces.ts';
import { apply, type Known, NOTHING, type Operation, type State } from './model.ts';

/** Ids of one client: those that the server gives faces of photos are far above. */
const IDS = 1_000_000;

/** A client that has as many faces rather deletes some. */
const MOST_FACES = 150;

/** Share of the operations that send a photo, which takes a server some hundred times as long as an embedding. */
const PHOTOS = 0.01;

/** A client that writes, one call after the other. Its faces and galleries are its own. */
export class WritingClient {
  readonly #number: number;
  readonly #random: Random;
  readonly #photo: Blob;
  readonly #dimension: number;
  #state: State = NOTHING;
  #inFlight: Operation | undefined;
  #made = 0;
  #isStopped = true;
  /** Faces of which something was acknowledged, or was in flight, since the last look. */
  readonly touched = new Set<number>();
  acknowledged = 0;

  constructor(number: number, random: Random, photo: Blob, dimension: number) {
    this.#number = number;
    this.#random = random;
    this.#photo = photo;
    this.#dimension = dimension;
  }

  get known(): Known {
    return { state: this.#state, inFlight: this.#inFlight };
  }

  /** Goes on from what the store turned out to hold. */
  goOnFrom(state: State): void {
    this.#state = state;
    this.#inFlight = undefined;
    this.touched.clear();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Writes until it is stopped, or a call is not answered, or refused. Answers when the last call was acknowledged. */
  async write(api: Api, onAcknowledged: () => void = () => undefined): Promise<void> {
    this.#isStopped = false;
    while (!this.#isStopped) {
      const next = this.#next();
      this.#inFlight = next;
      if ('id' in next) this.touched.add(next.id);
      if (next.kind === 'delete-gallery')
        for (const [id, { gallery }] of this.#state.faces) if (gallery === next.gallery) this.touched.add(id);
      try {
        const ids = await this.#do(api, next);
        for (const id of ids) this.touched.add(id);
        this.#state = apply(this.#state, next, ids);
        this.#inFlight = undefined;
        this.acknowledged++;
        onAcknowledged();
      } catch (error) {
        // What is refused as wrong is a fault of the server's, or of this test.
        if (!(error instanceof CallFailed) || (error.status > 0 && error.status < 500)) throw error;
        return;
      }
    }
  }

  async #do(api: Api, operation: Operation): Promise<readonly number[]> {
    switch (operation.kind) {
      case 'add':
        await api.addVector('default', operation.id, vectorOf(operation.id, this.#dimension));
        return [];
      case 'join':
        await api.addVector(operation.gallery, operation.id, vectorOf(operation.id, this.#dimension));
        return [];
      case 'photo': {
        const { meta, gallery } = operation;
        return (await api.addPhoto(this.#photo, meta, gallery === null ? [] : [gallery])).map(({ id }) => id);
      }
      case 'rename':
        await api.rename(operation.id, operation.meta);
        return [];
      case 'delete':
        await api.deleteFace(operation.id);
        return [];
      case 'create-gallery':
        await api.createGallery(operation.gallery);
        return [];
      case 'delete-gallery':
        await api.deleteGallery(operation.gallery);
        return [];
    }
  }

  #next(): Operation {
    const { faces, galleries } = this.#state;
    const name = `${this.#number}-${++this.#made}`;
    const gallery = galleries.size > 0 ? this.#random.pick([...galleries]) : null;
    if (gallery === null) return { kind: 'create-gallery', gallery: `g${name}` };
    const chance = this.#random.next();
    if (chance < PHOTOS) return { kind: 'photo', meta: `photo ${name}`, gallery };
    if (chance < 2 * PHOTOS) return { kind: 'delete-gallery', gallery };
    const isFull = faces.size > MOST_FACES;
    if (faces.size === 0 || chance < (isFull ? 0.2 : 0.6))
      return { kind: 'add', id: this.#number * IDS + this.#made };
    const id = this.#random.pick([...faces.keys()]);
    if (chance < 0.7) return { kind: 'rename', id, meta: `meta ${name}` };
    // Only embeddings that this client knows can join a gallery.
    const canJoin = faces.get(id)?.gallery === null && id < (this.#number + 1) * IDS;
    if (canJoin && chance < 0.85) return { kind: 'join', id, gallery };
    return { kind: 'delete', id };
  }
}
