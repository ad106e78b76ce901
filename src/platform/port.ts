/**
 * The host's port: what the library needs of what it runs in. `browser/` and `node/` implement it. {@link Host} is the side where an
 * instance lives, a page or a script; {@link VisionHost} and {@link GalleryHost} those of its workers. Web standards that every host has (WebCrypto for
 * hashes and random ids, `Blob`, streams, WebAssembly) are used as they are; `web-standard.d.ts` lists them.
 */
import type { PasskeySecret } from '../core/database-key.ts';
import type { NearFaceError } from '../core/errors.ts';
import type { HostPicture, WireImage, WireInput } from '../core/wire-image.ts';
import type { TrackedFace } from '../video/events.ts';
import type { FrameSource, SourceOptions } from '../video/frame-source.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import type { PixelKernel } from '../image/kernel/kernel.ts';
import type { RgbaImage } from '../image/pixels.ts';

/** What an instance needs of its host. */
export interface Host {
  /** Whether several threads may share memory here. */
  readonly isIsolated: boolean;
  /** What tells people this page from others that have the same database open. */
  readonly address: string;
  readonly locks: Locks;
  /** Vision workers that cores and memory allow, 1 or more. */
  readonly visionWorkers: number;
  /** The absolute URL, with a closing slash, of the folder with WASM and models. @throws NearFaceError `BAD_PARAM` */
  assetsUrl(assets: string | URL | undefined): string;
  /** What relative URLs are relative to. */
  baseUrl(): string;
  /** Starts a worker. It may throw. @throws NearFaceError `BACKEND_UNAVAILABLE` */
  startWorker(start: WorkerStart): WorkerThread;
  /**
   * A copy of what the user gave that can be sent to the vision worker; what was given is neither closed, detached nor changed.
   *
   * @param param - what the caller calls it, for messages
   * @throws NearFaceError `BAD_PARAM`, `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE`, `ABORTED`
   */
  readImage(input: unknown, param: string, signal: AbortSignal | undefined): Promise<WireInput>;
  /**
   * Decodes what the worker's decoders refused, as `refusal` says: by what else the host has, then by the user's `hook`.
   * Undefined if neither can.
   *
   * @throws NearFaceError `IMAGE_DECODING_FAILED` if the hook fails; `BAD_PARAM` if it answers something else; `IMAGE_TOO_LARGE`;
   * `ABORTED`
   */
  decodeRefused(refused: RefusedImage, signal: AbortSignal | undefined): Promise<WireInput | undefined>;
  /**
   * The pictures of a camera of this machine, until `stop` switches it off.
   *
   * @throws NearFaceError `BACKEND_UNAVAILABLE` where there is none of that id, or it may not be used
   */
  openCamera(deviceId: string): Promise<{ readonly stream: object; stop(): void }>;
  /** A picture of a video as it is sent to the vision worker, which owns it then. */
  pictureToSend(picture: HostPicture): WireInput;
  /**
   * A stream of a video's frames with what is known drawn over them.
   *
   * @throws NearFaceError `BACKEND_UNAVAILABLE` where the host makes none
   */
  createOverlay(width: number, height: number): OverlayStream;
  /** Absent where there is nobody to ask. */
  readonly passkeys?: Passkeys;
  /** Asks not to be evicted; undefined where nobody can be asked. */
  persistStorage(): Promise<boolean> | undefined;
}

/** What a passkey is made or asked for. */
export interface PasskeyRequest {
  /** The database that it opens: of each it gives another secret. */
  readonly database: string;
  /** Those that open it, as far as they are known. */
  readonly ids: readonly string[];
  readonly signal: AbortSignal;
}

/** Passkeys of this site. Every method asks the user, and throws NearFaceError `BACKEND_UNAVAILABLE` where there are none, and `ABORTED`. */
export interface Passkeys {
  /**
   * Makes one, on a device that has none of them.
   *
   * @param name - what the user finds it by
   * @throws NearFaceError `ABORTED` also where the user refuses, `BAD_PARAM` where the device has one
   */
  create(request: PasskeyRequest, name: string): Promise<PasskeySecret>;
  /** Asks for the secret of one of them, or, where none is known, of any of this site. @throws NearFaceError `LOCKED` where there is none, or the user refuses */
  ask(request: PasskeyRequest): Promise<PasskeySecret>;
}

/** What opens videos; apart from {@link Host}, so that its code is loaded with the first video. */
export interface HostVideo {
  /**
   * Opens a video, of whatever kind this host takes.
   *
   * @throws NearFaceError `BAD_PARAM`, `VIDEO_DECODING_FAILED`, `BACKEND_UNAVAILABLE`, `WORKER_DIED`, `ABORTED`
   */
  openVideo(source: unknown, options: OpenVideo): Promise<FrameSource<HostPicture>>;
}

/** How a video is opened. */
export interface OpenVideo extends SourceOptions {
  /** Absolute URL of the library's folder. */
  readonly assets: string;
  /** Of images in a row: frames a second. */
  readonly fps?: number;
  readonly signal: AbortSignal;
}

/** What {@link Host.createOverlay} makes. */
export interface OverlayStream {
  /** The host's own kind of stream. */
  readonly stream: object;
  draw(picture: HostPicture, faces: readonly TrackedFace[]): void;
  end(): void;
}

/** An encoded image that no decoder of the worker reads. */
export interface RefusedImage {
  readonly file: Blob;
  /** The user's own decoder. */
  readonly hook: ((image: Blob) => unknown) | undefined;
  readonly param: string;
  readonly refusal: NearFaceError;
}

/** Which worker is started, and what is told about it. */
export interface WorkerStart {
  readonly script: 'vision' | 'gallery' | 'video';
  /** Absolute URL of the library's folder. */
  readonly assets: string;
  /** No other worker has it. */
  readonly name: string;
  /** It could not be loaded, or failed at some time. */
  readonly onFailed: (error: NearFaceError) => void;
  /** It has ended, by itself or since the host has ended it. */
  readonly onEnded: () => void;
}

/** A worker that runs. */
export interface WorkerThread {
  readonly endpoint: Endpoint;
  /** How long it must live on once it has let go of what it holds. */
  readonly lingerMs: number;
  /** Ends it at once, whatever it does. Safe to call twice. */
  end(): void;
}

/** What calls are sent through; the part of Comlink's type of that name that every host has. */
export interface Endpoint {
  postMessage(message: unknown, transfer?: object[]): void;
  addEventListener(type: string, listener: object, options?: object): void;
  removeEventListener(type: string, listener: object, options?: object): void;
  start?(): void;
}

/** Locks that all instances on one database share; where the host has none, every lock is free, and nobody can tell whether one is held. */
export interface Locks {
  /**
   * Runs `work` with a lock, and tells it whether the lock was free: it does not wait for it. When the lock is taken away, `stolen` is
   * aborted, and the work is waited for.
   */
  withLock<T>(name: string, work: (isFree: boolean, stolen: AbortSignal) => Promise<T>): Promise<T>;
  /** Whether somebody holds the lock. */
  isLockHeld(name: string): Promise<boolean>;
}

/** What a database in the browser is told of the origin whose storage it lies in. */
export interface OriginStorage {
  /** The address of the page or worker. */
  readonly address: string;
  readonly origin: string;
  /** An opaque origin, as that of a sandboxed frame, has no storage. */
  readonly isOpaque: boolean;
  /** Bytes in use and bytes given, as far as the browser tells; zeros where it does not. */
  estimate(): Promise<{ readonly usage: number; readonly quota: number }>;
  /** Whether the browser has promised not to evict it. */
  isPersisted(): Promise<boolean>;
}

/** What every worker needs of its host. */
export interface WorkerHost {
  readonly readAsset: ReadAsset;
  /** Whether WASM may run on several threads here. */
  hasThreads(): boolean;
  /**
   * Starts a thread that helps to search or to run models, as the first message says that it is sent. It may throw.
   *
   * @param onReady - called when it posts something
   */
  startHelper(assets: string, onFailed: () => void, onReady?: () => void): HelperThread;
}

/** What the vision worker needs. */
export interface VisionHost extends WorkerHost {
  /** Model files from elsewhere that were read and checked before. */
  readonly modelCache: ModelCache;
  readonly encodeJpeg: EncodeJpeg;
  readonly encodePng: EncodePng;
  /** WebGPU, where the host has it. */
  readonly gpu: GpuSource | undefined;
  /** The folder with onnxruntime-web, an absolute URL that can be imported from. */
  runtimeUrl(assets: string): string;
  /** Whether onnxruntime-web may run on several threads here, where there may be several. */
  readonly runtimeHasThreads: boolean;
  /** Where TF.js is imported from unless the user names a place: an absolute URL, or a package's name. */
  tfjsUrl(assets: string): string;
  /** Decodes one image after the other; `kernel` works on their pixels. */
  createDecoder(kernel: PixelKernel): ImageDecoder;
}

/** What the gallery worker needs. */
export interface GalleryHost extends WorkerHost {
  /** Threads that the machine runs at a time. */
  readonly cores: number;
  /** What the library has to do without here, one sentence each. `threads`: how many were asked for; 0 if none were. */
  missing(threads?: number): readonly string[];
}

/** Told how many bytes have come. */
export type ReportLength = (bytes: number) => void;

/**
 * Reads a file whole.
 *
 * @throws AssetError unless it can be read, and is no larger than `maxBytes`; NearFaceError `ABORTED`
 */
export type ReadAsset = (
  url: string,
  options?: {
    readonly maxBytes?: number;
    readonly report?: ReportLength;
    readonly signal?: AbortSignal | undefined;
  },
) => Promise<Uint8Array<ArrayBuffer>>;

/** Files by their sha256. A cache that fails is an empty one: no method throws. */
export interface ModelCache {
  get(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** Decodes images: oriented, transparent parts on white, 8-bit sRGB, animations by their first frame. */
export interface ImageDecoder {
  /**
   * Owns `image` and closes it, whatever happens.
   *
   * @param maxPixels - larger images are scaled down to so many
   * @throws NearFaceError `IMAGE_DECODING_FAILED` also for a truncated file; `IMAGE_TOO_LARGE`; `ABORTED`; `BACKEND_UNAVAILABLE`
   */
  decode(image: WireImage, signal: AbortSignal | undefined, maxPixels: number): Promise<LeasedImage>;
}

/** A decoded image whose memory is the decoder's. */
export interface LeasedImage {
  readonly image: DecodedImage;
  /** From then on nobody may read the pixels: the next image may be decoded into them. Safe to call twice. */
  giveBack(): void;
}

/** Encodes an image as JPEG. `quality` is 0..1. @throws NearFaceError `BACKEND_UNAVAILABLE` */
export type EncodeJpeg = (image: RgbaImage, quality: number) => Promise<Blob>;

/** Encodes an opaque image as PNG. @throws NearFaceError `BACKEND_UNAVAILABLE` */
export type EncodePng = (image: RgbaImage) => Promise<Blob>;

/** The part of WebGPU that tells whether it can be used. */
export interface GpuSource {
  requestAdapter(options?: object): Promise<GpuAdapter | null>;
}

/** What is asked of an adapter. */
export interface GpuAdapter {
  readonly info?: GpuAdapterInfo;
  readonly isFallbackAdapter?: boolean;
}

/** How an adapter describes itself. */
export interface GpuAdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

/** A thread that helps another. */
export interface HelperThread {
  postMessage(message: unknown): void;
  /** Ends it at once. */
  terminate(): unknown;
}
