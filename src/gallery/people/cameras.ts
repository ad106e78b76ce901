import { NearFaceError } from '../../core/errors.ts';
import type { Camera, CameraPatch } from '../../core/people.ts';
import { type Coroutine, of } from './coroutine.ts';
import { bytesOfRecord, type StoredCamera } from './stored.ts';
import type { PeopleTables } from './tables.ts';

/** @throws NearFaceError `CAMERA_NOT_FOUND` */
export function* readCamera(tx: PeopleTables, id: string): Coroutine<StoredCamera> {
  const camera = yield* of(tx.cameras.byId(id));
  if (camera) return camera;
  throw new NearFaceError(
    'CAMERA_NOT_FOUND',
    `There is no camera '${id}'; cameras.list() tells those there are, cameras.create({ id }) makes one`,
    { id },
  );
}

/** All cameras, or those of a group, by id. */
export function* listCameras(tx: PeopleTables, group?: string): Coroutine<readonly StoredCamera[]> {
  const all = yield* of(tx.cameras.all());
  return group === undefined ? all : all.filter((camera) => camera.group === group);
}

/** @throws NearFaceError `CAMERA_EXISTS` */
export function* createCamera(tx: PeopleTables, camera: Camera): Coroutine<StoredCamera> {
  if (yield* of(tx.cameras.byId(camera.id)))
    throw new NearFaceError(
      'CAMERA_EXISTS',
      `There is a camera '${camera.id}' already; change it with cameras.update(), or leave the id out to get a new one`,
      { id: camera.id },
    );
  yield* putCamera(tx, null, camera);
  return camera;
}

/** @throws NearFaceError `CAMERA_NOT_FOUND` */
export function* updateCamera(tx: PeopleTables, id: string, patch: CameraPatch): Coroutine<StoredCamera> {
  const before = yield* readCamera(tx, id);
  const fields = Object.entries({ ...before, ...patch }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const after = { ...(Object.fromEntries(fields) as Omit<Camera, 'id'>), id };
  yield* putCamera(tx, before, after);
  return after;
}

/** Faces and sightings keep its id. @throws NearFaceError `CAMERA_NOT_FOUND` */
export function* deleteCamera(tx: PeopleTables, id: string): Coroutine<void> {
  yield* putCamera(tx, yield* readCamera(tx, id), null);
}

/** Writes a camera in the place of an earlier one, or takes it away, and counts it. */
export function* putCamera(
  tx: PeopleTables,
  before: StoredCamera | null,
  after: StoredCamera | null,
): Coroutine<void> {
  const { cameras, bytes } = tx.counters;
  tx.counters = {
    ...tx.counters,
    cameras: cameras + (after ? 1 : 0) - (before ? 1 : 0),
    bytes: bytes + (after ? bytesOfRecord(after) : 0) - (before ? bytesOfRecord(before) : 0),
  };
  if (after) yield* of(tx.cameras.put(after));
  else if (before) yield* of(tx.cameras.delete(before.id));
}
