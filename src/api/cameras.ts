import type { Camera, CameraPatch, NewCamera } from '../core/people.ts';
import { randomId } from '../core/random-id.ts';
import { CameraWatch, resolveWatchAll, type WatchAllOptions } from './camera-watch.ts';
import type { ListCamerasOptions } from './people-options.ts';
import { KNOWN_ID, resolveCamera, resolveCameraPatch, resolveListCameras } from './resolve-people.ts';
import type { Session } from './session.ts';

/** The cameras of one database: what sessions begin with, and what faces and sightings name. */
export class Cameras {
  readonly #session: Session;
  readonly #listeners = new Set<() => void>();

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** Keeps a camera. @throws NearFaceError `BAD_PARAM` naming the field, `CAMERA_EXISTS` */
  async create(camera?: NewCamera): Promise<Camera> {
    const resolved = resolveCamera(camera);
    const id = resolved.id ?? randomId();
    return this.#changed(await this.#session.gallery.ask('createCamera', [{ ...resolved, id }]));
  }

  /** All cameras, or those of a group, by id. */
  async list(options?: ListCamerasOptions): Promise<readonly Camera[]> {
    const { group } = resolveListCameras(options);
    return this.#session.gallery.ask('listCameras', [group]);
  }

  /** The camera of an id. @throws NearFaceError `CAMERA_NOT_FOUND` */
  async get(id: string): Promise<Camera> {
    return this.#session.gallery.ask('getCamera', [KNOWN_ID(id, 'id')]);
  }

  /** Changes what the patch names; `null` takes a field away. @throws NearFaceError `BAD_PARAM`, `CAMERA_NOT_FOUND` */
  async update(id: string, patch: CameraPatch): Promise<Camera> {
    const [checked, changes] = [KNOWN_ID(id, 'id'), resolveCameraPatch(patch)];
    return this.#changed(await this.#session.gallery.ask('updateCamera', [checked, changes]));
  }

  /** Deletes a camera. Faces and sightings keep its id. @throws NearFaceError `CAMERA_NOT_FOUND` */
  async delete(id: string): Promise<void> {
    this.#changed(await this.#session.gallery.ask('deleteCamera', [KNOWN_ID(id, 'id')]));
  }

  /**
   * Watches all cameras at once, or those of a group: an async iterable of the events of all, each with its `cameraId`. Cameras that are added,
   * changed or deleted meanwhile come, start again and go. It ends by {@link CameraWatch.stop}, or when the loop over it is left.
   *
   * @throws NearFaceError `BAD_PARAM` naming the option, `DISPOSED`. What is wrong with one camera is told by an event
   */
  watchAll(options?: WatchAllOptions): CameraWatch {
    this.#session.throwIfDisposed();
    const parts = {
      list: (group: string | undefined) => this.#session.gallery.ask('listCameras', [group]),
      onChange: (listener: () => void) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
    return new CameraWatch(this.#session, parts, resolveWatchAll(options));
  }

  /** Tells those that watch. */
  #changed<T>(answer: T): T {
    for (const listener of this.#listeners) listener();
    return answer;
  }
}
