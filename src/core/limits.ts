/** How much of everything is taken: each limit once, with its reason. Texts are counted in UTF-16 units. */

/** Longest meta: a name and a remark, not a page of text. Lists of names stay readable, and an index of them small. */
export const MAX_META_LENGTH = 1024;

/** Most bytes of what a face carries besides, as JSON in UTF-8: records are read many at a time. */
export const MAX_EXTRA_BYTES = 16_384;

/** Longest label of a gallery: a name in any script, and a remark. */
export const MAX_LABEL_LENGTH = 256;

/** Longest id that a caller gives: any UUID, hash or path of a key fits. */
export const MAX_ID_LENGTH = 128;

/** Longest id that a file may bring in: other programs' are longer than ours. */
export const MAX_IMPORTED_ID_LENGTH = 256;

/** Longest id of a job: they are made here. */
export const MAX_JOB_ID_LENGTH = 64;

/** Longest name of a database: browsers make a file's name of it. */
export const MAX_DATABASE_LENGTH = 64;

/** Longest name of a gallery: it stands in addresses and in lists of a phone's width. */
export const MAX_GALLERY_NAME_LENGTH = 48;

/** Most galleries of one face: each costs a bit of every row in memory. */
export const MAX_GALLERIES_PER_FACE = 10_000;

/** Most galleries that one search goes through. */
export const MAX_GALLERIES_PER_SEARCH = 1000;

/** The largest capacity of a gallery: more faces than a page's memory holds by far. */
export const MAX_CAPACITY = 1e8;

/** Most hits for a probe: what a person looks through, and what a program filters. */
export const MAX_HITS = 1000;

/** Most faces found in one image. */
export const MAX_FACES_PER_IMAGE = 1000;

/** Longest page of a list: it crosses a worker's boundary as one message. */
export const MAX_PAGE = 10_000;

/** Most faces that a list passes over. */
export const MAX_SKIP = 1e9;

/** Most probes by which recall is measured: some seconds of searching. */
export const MAX_RECALL_PROBES = 10_000;

/** Longest passphrase. */
export const MAX_PASSPHRASE_LENGTH = 1024;

/** Shortest passphrase that something is encrypted with: a shorter one can be guessed offline. */
export const MIN_PASSPHRASE_LENGTH = 8;

/** Longest name of a passkey: authenticators cut what is longer. */
export const MAX_PASSKEY_NAME_LENGTH = 64;

/** Most threads that may be asked for. */
export const MAX_THREADS = 64;

/** Most photos that are enrolled at a time: more would only wait for the models. */
export const MAX_CONCURRENCY = 16;

/** Longest address of a camera, or of a photo that is kept with its faces: what browsers and servers take. */
export const MAX_URL_LENGTH = 2048;

/** Longest options of a camera's sessions, as JSON. */
export const MAX_WATCH_LENGTH = 16_384;

/** Most people, faces or sightings that one call names: they cross a worker's boundary as one message. */
export const MAX_PEOPLE_PER_CALL = 100_000;

/** Most sightings that are noted at a time: one transaction. */
export const MAX_SIGHTINGS_PER_CALL = 10_000;

/** Most cameras that one search of the history names. */
export const MAX_CAMERAS_PER_SEARCH = 10_000;

/** Longest time that history is kept for: a hundred years. */
export const MAX_RETENTION_DAYS = 36_500;

/** Most sources of one job that recognises: what is known of them is one record, which each of them changes. */
export const MAX_JOB_SOURCES = 1000;

/** Most jobs that an enrolment is split into. */
export const MAX_SPLIT = 100;
