import { API_KEY, type ApiCall, type ApiDialect, GUEST, textAt } from './api-call.ts';

/** Interfaces whose bodies are JSON, with pictures in base64. */

const PHOTO = { data: '@photo.jpg' };
const SELFIE = { data: '@selfie.jpg' };

const json = (value: unknown): Pick<ApiCall, 'method' | 'body'> => ({
  method: 'POST',
  body: { kind: 'json', value },
});

export const anysee: ApiDialect = {
  api: 'anysee',
  title: 'AnySee',
  lead: 'Entities: faces with a key, a collection, data of their own, and a time at which they go. A face has to be larger than a tenth of its picture.',
  headers: { 'api-key': API_KEY },
  calls: [
    {
      ...{ id: 'detect', title: 'Find the faces of a picture', path: '/api/v1/entities/faces/detect' },
      ...json({ image: { ...SELFIE, returnDetails: { angle: true, attributes: true } } }),
      nf: `await nf.detect(selfie, {
  mode: 'accurate',
  returnDetails: { angle: true, attributes: true },
});`,
    },
    {
      ...{ id: 'compare', title: 'Compare two pictures', path: '/api/v1/entities/faces/compare' },
      ...json({ imageOne: SELFIE, imageTwo: SELFIE }),
      nf: `await nf.compare(selfie, selfie, { faces: 'biggest' });`,
    },
    {
      ...{ id: 'add', title: 'Add an entity', path: '/api/v1/entities/faces', changes: 'stores' },
      ...json({ image: SELFIE, key: GUEST, ttl: 3600 }),
      nf: `await gallery.add(selfie, {
  meta: '${GUEST}',
  faces: 'biggest',
  expiresAt: Date.now() + 3_600_000,
});`,
    },
    {
      ...{ id: 'search', title: 'Search by a photo', path: '/api/v1/entities/faces/search' },
      ...json({ image: SELFIE, maxEntities: 3, threshold: 0.5 }),
      nf: `await gallery.identify(selfie, { faces: 'biggest', limit: 3, threshold: 0.5 });`,
    },
    {
      ...{ id: 'delete', title: 'Delete the entity', path: '/api/v1/entities/faces/{id}' },
      ...{ method: 'DELETE', changes: 'deletes' },
      idFrom: { call: 'add', take: (answer) => textAt(answer, 'uuid') },
      nf: `const { records } = await gallery.list({ meta: '${GUEST}', order: 'newest', limit: 1 });
await gallery.delete(records.map(({ id }) => id));`,
    },
  ],
};

const DATABASES = '/openapi/face/v1/app/databases';

export const mercury: ApiDialect = {
  api: 'mercury',
  title: 'Mercury',
  lead: '1:N databases of features. Requests are signed where the key has a secret, which this one has not.',
  headers: { Authorization: `hmac username="${API_KEY}"` },
  calls: [
    {
      ...{ id: 'detect', title: 'Find the faces of a photo', path: '/openapi/face/v1/app/detect' },
      ...json({ images: [PHOTO] }),
      nf: `await nf.detect(photo, { mode: 'accurate' });`,
    },
    {
      ...{ id: 'quality', title: 'Measure a face’s quality', path: '/openapi/face/v1/app/quality' },
      ...json({ image: SELFIE }),
      nf: `await nf.detect(selfie, { maxFaces: 1, returnDetails: { angle: true, quality: true } });`,
    },
    {
      ...{ id: 'make', title: 'Make a database', path: DATABASES, changes: 'stores' },
      ...json({ name: GUEST, max_size: 100 }),
      nf: `await nf.galleries.create('guests', { label: '${GUEST}', capacity: 100 });`,
    },
    {
      ...{ id: 'list', title: 'List the databases', method: 'GET', path: DATABASES },
      nf: `await nf.galleries.list();`,
    },
    {
      ...{ id: 'delete', title: 'Delete the database', method: 'DELETE', path: `${DATABASES}/{id}` },
      ...{ changes: 'deletes' },
      idFrom: { call: 'make', take: (answer) => textAt(answer, 'db_id') },
      nf: `await nf.galleries.delete('guests');`,
    },
  ],
};
