import type { Camera, CameraPatch } from '../core/people.ts';
import { randomId } from '../core/random-id.ts';
import type { ListCamerasOptions } from './people-options.ts';
import { KNOWN_ID, resolveCamera, resolveCameraPatch, resolveListCameras } from './resolve-people.ts';
import type { Session } from './session.ts';

/** The cameras of one database: what sessions begin with, and what faces and sightings name. */
export class Cameras {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** Keeps a camera. @throws NearFaceError `BAD_PARAM` naming the field, `CAMERA_EXISTS` */
  async create(camera?: Partial<Camera>): Promise<Camera> {
    const resolved = resolveCamera(camera);
    return this.#session.gallery.ask('createCamera', [{ ...resolved, id: resolved.id ?? randomId() }]);
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
    return this.#session.gallery.ask('updateCamera', [checked, changes]);
  }

  /** Deletes a camera. Faces and sightings keep its id. @throws NearFaceError `CAMERA_NOT_FOUND` */
  async delete(id: string): Promise<void> {
    await this.#session.gallery.ask('deleteCamera', [KNOWN_ID(id, 'id')]);
  }
}
