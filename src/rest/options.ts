/** The interfaces that can be served. */
export type RestApi =
  | 'compreface'
  | 'findface'
  | 'findface-extraction'
  | 'findface-vectors'
  | 'api4ai'
  | 'anysee'
  | 'mercury'
  | 'deepva';

/** A key that clients send. */
export interface RestToken {
  /** 8 to 256 characters. */
  readonly key: string;
  /**
   * For interfaces that sign requests (`mercury`): what the signature is made with, 8 to 256 characters. They take this key with a right signature
   * alone.
   */
  readonly secret?: string;
  /** Whether it may stand in a path (`/t/KEY/…`), from which it gets into logs. Default: false. */
  readonly inPath?: boolean;
  /** The gallery that an interface in which a key stands for a collection uses with this one. Default: `default`. */
  readonly gallery?: string;
}

/** Reads the picture at an address, instead of the library; whatever it throws becomes an `IMAGE_DECODING_FAILED`. */
export type FetchImage = (url: string, signal: AbortSignal) => Promise<Blob>;

/** A request that was answered, without anything of what it said: no value of its path, no key, no field. */
export interface Answered {
  /** The interface that answered; `documentation` for the documents, and for paths that nobody serves. */
  readonly api: RestApi | 'documentation';
  /** Of HTTP, as in `POST`. */
  readonly method: string;
  /** As in `/v1/face/id/:id`; absent for paths that nobody serves. */
  readonly route?: string;
  /** Of HTTP, as in 200. */
  readonly status: number;
  /** From the request to its answer, in milliseconds. */
  readonly ms: number;
  /** Of an answer of 500 or above: the code of the library's error, as in `STORAGE_FAILED`, or the name of another one. The client is not told. */
  readonly error?: string;
}

/** Options of {@link createHandler}. */
export interface RestOptions {
  /** Which interfaces answer; the others are 404. Default: all. */
  readonly apis?: readonly RestApi[];
  /**
   * The keys that are accepted. `[]` refuses every call but those of the documentation, so that nothing is open by mistake; `none` asks
   * for no key. Default: `[]`.
   */
  readonly tokens?: 'none' | readonly (string | RestToken)[];
  /** Prefix of the path, as in `/faces`, that is cut off, and put before every path handed out. Default: none. */
  readonly basePath?: string;
  /**
   * What links in answers begin with, as in `https://faces.example`, where a proxy is called by another name than it calls this handler. Default:
   * the origin that the request was sent to.
   */
  readonly publicUrl?: string;
  /** Origins whose pages may call, as in `https://app.example`; `*` is any. Default: none but the handler's own. */
  readonly origins?: readonly string[];
  /** The largest encoded picture, in bytes. Default: 10 MiB; 8 MiB for `mercury`, and what is less than 5 MiB of base64 for `anysee`. */
  readonly maxImageBytes?: number;
  /** The largest body, in bytes; it is refused before it is read whole. Default: 64 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * Calls with a picture that are answered at a time, 1..10000, those that wait for a vision worker included; further ones are 503 with
   * `Retry-After`. Default: any number.
   */
  readonly maxPictures?: number;
  /**
   * Whether pictures may be given by `http:` and `https:` URLs, or what fetches them instead. Redirects are refused, nothing that identifies
   * anybody is sent, and in Node private addresses are refused. Default: true.
   */
  readonly fetchImages?: boolean | FetchImage;
  /** Whether each face that is posted is assigned to a person. Default: false. */
  readonly personIdentify?: boolean;
  /** Whether faces of all cameras are compared for that, and not those of the same camera alone. Default: false. */
  readonly personIdentifyGlobal?: boolean;
  /** From which confidence on, 0..1, a face is of the same person. Default: 0.75. */
  readonly personIdentifyThreshold?: number;
  /** On how many different days somebody must have been seen by one camera to be a friend, 1..1000. Default: 5. */
  readonly friendCount?: number;
  /** The time within which these days must lie, in seconds. Default: 604,800, a week. */
  readonly friendInterval?: number;
  /** Smallest face, in pixels of the picture's side. Default: 50 for `findface`, 32 for the others. */
  readonly minFaceSize?: number;
  /**
   * Asked for each call that may be made, with its key's place in `tokens`, or -1 where no key is asked for: answers how many milliseconds the
   * client must wait, 0 for none. One that must wait is answered with 429 and `Retry-After`. Default: nobody waits.
   */
  readonly limitRate?: (token: number) => number | Promise<number>;
  /** Told of each request once it is answered, for logs and metrics. */
  readonly onAnswered?: (answered: Answered) => void;
  /**
   * Whether `detection_score` of `findface-extraction` goes by the face's quality, near 0 for a clear one and −5 or less for a bad one; otherwise
   * it is the detector's, 0..1. Default: true.
   */
  readonly qualityEstimator?: boolean;
  /** The time in milliseconds since 1970, for tests. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Answers a request, and never rejects. */
export type RestHandler = (request: Request) => Promise<Response>;
