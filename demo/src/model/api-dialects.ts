import { API_KEY, type ApiCall, type ApiDialect, GUEST, textAt } from './api-call.ts';
import { anysee, mercury } from './api-json-dialects.ts';

const TOKEN = { Authorization: `Token ${API_KEY}` };
const PHOTO = '@photo.jpg';
const SELFIE = '@selfie.jpg';

const form = (fields: Readonly<Record<string, string>>): Pick<ApiCall, 'method' | 'body'> => ({
  method: 'POST',
  body: { kind: 'form', fields },
});

const compreface: ApiDialect = {
  api: 'compreface',
  title: 'CompreFace',
  lead: 'What Home Assistant, Frigate and Double Take talk to. A subject is the name of faces.',
  headers: { 'x-api-key': API_KEY },
  calls: [
    {
      ...{ id: 'detect', title: 'Find the faces of a photo', ...form({ file: PHOTO }) },
      path: '/api/v1/detection/detect?limit=0&face_plugins=age,gender',
      nf: `await nf.detect(photo, {
  mode: 'accurate',
  returnDetails: { attributes: ['demographics'] },
});`,
    },
    {
      ...{ id: 'add', title: 'Enrol a face', ...form({ file: SELFIE }), changes: 'stores' },
      path: `/api/v1/recognition/faces?subject=${encodeURIComponent(GUEST)}`,
      nf: `await gallery.add(selfie, { meta: '${GUEST}', faces: 'reject' });`,
    },
    {
      ...{ id: 'recognize', title: 'Recognise everybody in a photo', ...form({ file: PHOTO }) },
      path: '/api/v1/recognition/recognize?limit=0&prediction_count=1',
      nf: `await gallery.identify(photo, { faces: 'all', limit: 1, threshold: 'none' });`,
    },
    {
      ...{ id: 'verify', title: 'Compare two photos', path: '/api/v1/verification/verify' },
      ...form({ source_image: SELFIE, target_image: PHOTO }),
      nf: `await nf.compare(selfie, photo, { faces: 'all' });`,
    },
    {
      ...{ id: 'subjects', title: 'List the subjects', method: 'GET' },
      path: '/api/v1/recognition/subjects',
      nf: `await gallery.metas();`,
    },
    {
      ...{ id: 'delete', title: 'Delete the subject', method: 'DELETE', changes: 'deletes' },
      path: `/api/v1/recognition/subjects/${encodeURIComponent(GUEST)}`,
      nf: `const { records } = await gallery.list({ meta: '${GUEST}' });
await gallery.delete(records.map(({ id }) => id));`,
    },
  ],
};

const findface: ApiDialect = {
  api: 'findface',
  title: 'FindFace',
  lead: 'Detection, verification, identification, faces, galleries, cameras, persons and history.',
  headers: TOKEN,
  calls: [
    {
      ...{ id: 'detect', title: 'Find the faces of a photo', path: '/v1/detect' },
      ...form({ photo: PHOTO, age: 'true', gender: 'true', emotions: 'true' }),
      nf: `await nf.detect(photo, {
  mode: 'accurate',
  returnDetails: { attributes: ['demographics', 'emotions'] },
});`,
    },
    {
      ...{ id: 'verify', title: 'Compare two photos', path: '/v1/verify' },
      ...form({ photo1: SELFIE, photo2: PHOTO, mf_selector: 'all' }),
      nf: `await nf.compare(selfie, photo, { faces: 'all', threshold: 0.75 });`,
    },
    {
      ...{ id: 'add', title: 'Enrol a face', path: '/v1/face', changes: 'stores' },
      ...form({ photo: SELFIE, meta: GUEST }),
      nf: `await gallery.add(selfie, { meta: '${GUEST}', faces: 'biggest' });`,
    },
    {
      ...{ id: 'identify', title: 'Identify everybody in a photo', path: '/v1/identify' },
      ...form({ photo: PHOTO, mf_selector: 'all', threshold: 'medium' }),
      nf: `await gallery.identify(photo, { faces: 'all', limit: 1, threshold: 'medium' });`,
    },
    {
      ...{ id: 'list', title: 'List faces, the newest first', method: 'GET', path: '/v1/faces?limit=2' },
      nf: `await gallery.list({ order: 'newest', limit: 2 });`,
    },
    {
      ...{ id: 'delete', title: 'Delete the face', method: 'DELETE', path: '/v1/face/id/{id}' },
      ...{ changes: 'deletes' },
      idFrom: { call: 'add', take: (json) => textAt(json, 'results', 0, 'id') },
      nf: `const { records } = await gallery.list({ meta: '${GUEST}', order: 'newest', limit: 1 });
await gallery.delete(records.map(({ id }) => id));`,
    },
  ],
};

const REQUEST = {
  requests: [{ image: 'multipart:photo', need_facen: true, need_age: true, need_gender: true }],
};

const extraction: ApiDialect = {
  api: 'findface-extraction',
  title: 'Extraction',
  lead: 'FindFace’s extraction: embeddings and attributes of up to 64 pictures a call. Nothing is stored.',
  headers: TOKEN,
  calls: [
    {
      ...{ id: 'extract', title: 'Embeddings and attributes of a photo’s faces', path: '/' },
      ...form({ request: JSON.stringify(REQUEST), photo: PHOTO }),
      nf: `await nf.embed(photo, {
  mode: 'accurate',
  returnDetails: { attributes: ['demographics'] },
});`,
    },
  ],
};

const vectors: ApiDialect = {
  api: 'findface-vectors',
  title: 'Vectors',
  lead: 'FindFace’s galleries of vectors: embeddings go in and are found, without a picture.',
  headers: TOKEN,
  calls: [
    {
      ...{ id: 'galleries', title: 'List the galleries', method: 'GET', path: '/stat/list/1/10' },
      nf: `await nf.galleries.list();`,
    },
    {
      ...{ id: 'search', title: 'Search by an embedding', method: 'POST' },
      ...{ path: '/v1/default/search/3/0.5', body: { kind: 'facen' } },
      nf: `const [face] = (await nf.embed(selfie)).faces;
await gallery.search([face?.embedding!], { limit: 3, threshold: 0.5 });`,
    },
    {
      ...{ id: 'list', title: 'List vectors by rising number', method: 'GET', path: '/v1/default/list/0/2' },
      nf: `const { records } = await gallery.list({ order: 'oldest', limit: 2 });
for (const { id } of records) await gallery.embedding(id);`,
    },
  ],
};

const api4ai: ApiDialect = {
  api: 'api4ai',
  title: 'API4AI',
  lead: 'Faces of a picture with five points and embeddings. Nothing is stored.',
  headers: { 'X-API-KEY': API_KEY },
  calls: [
    {
      ...{ id: 'results', title: 'Faces, points and embeddings of a photo', ...form({ image: PHOTO }) },
      path: '/face-analyzer/v1/results?embeddings=true',
      nf: `await nf.embed(photo, { mode: 'accurate', returnDetails: { landmarks: true } });`,
    },
    {
      ...{ id: 'version', title: 'The version', method: 'GET', path: '/face-analyzer/v1/version' },
      nf: `nf.info.version;`,
    },
  ],
};

const MODULES = { face_recognition: { cluster_unknowns: true, enable_top_k: true } };
const job = (id: string, title: string, rest: string): Pick<ApiCall, 'id' | 'title' | 'path' | 'idFrom'> => ({
  ...{ id, title, path: `/api/v1/jobs/{id}/${rest}` },
  idFrom: { call: 'make', take: (json) => textAt(json, 'id') },
});
const HANDLE = `const [{ id } = { id: '' }] = await nf.jobs.list();
const job = await nf.jobs.get(id);`;

const deepva: ApiDialect = {
  api: 'deepva',
  title: 'DeepVA',
  lead: 'Jobs that find out whom videos and images show. They go on when the page was closed on the way.',
  headers: { Authorization: `Key ${API_KEY}` },
  calls: [
    {
      ...{ id: 'make', title: 'Make a job', path: '/api/v1/jobs/', changes: 'stores' },
      ...form({ source: PHOTO, job: JSON.stringify({ modules: MODULES }) }),
      nf: `const job = await nf.jobs.recognise(photo, { clusterUnknowns: true, topK: 3 });
await job.run();`,
    },
    {
      ...job('ask', 'Ask how far it is', ''),
      method: 'GET',
      nf: `${HANDLE}
await job.info();`,
    },
    {
      ...job('results', 'Who was seen', 'detailed-results/?limit=2'),
      method: 'GET',
      nf: `${HANDLE}
if (job.kind === 'recognise') await job.results({ limit: 2 });`,
    },
    {
      ...job('delete', 'Delete the job', ''),
      ...{ method: 'DELETE', changes: 'deletes' },
      nf: `${HANDLE}
await job.delete();`,
    },
  ],
};

/** The interfaces, in the order in which the page shows them. */
export const API_DIALECTS: readonly ApiDialect[] = [
  compreface,
  findface,
  extraction,
  vectors,
  api4ai,
  anysee,
  mercury,
  deepva,
];
