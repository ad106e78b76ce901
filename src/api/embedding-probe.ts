/** An embedding with its model and its reliability, as `embed` gives them. */
export interface EmbeddingProbe {
  /** Of unit length, as the model makes them. */
  readonly embedding: Float32Array;
  /** Default: the model in use. */
  readonly modelId?: string;
  /** How far the embedding can be trusted, 0..1. Default: what the model's calibration assumes, as for a bare embedding. */
  readonly reliability?: number;
}
