/** What a face is found by. Galleries are tags, the others hashes of tags; 0 stands for none. */
export interface FaceKeys {
  readonly seq: number;
  readonly galleries: readonly string[];
  readonly id: number;
  readonly meta: number;
  readonly person: number;
  readonly photo: number;
}
