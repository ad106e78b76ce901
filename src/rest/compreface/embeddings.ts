import type { Call } from '../route.ts';
import { route, type Route } from '../route.ts';
import { vector, vectors } from '../fields.ts';
import { aboutFields } from '../problem.ts';
import type { FieldNames } from '../words.ts';
import { collectionOf, imageId, json } from './collection.ts';
import { exampleProbe } from './examples.ts';
import { predictionCount, similarities } from './images.ts';
import { predictions } from './predictions.ts';

/** Most embeddings of one call. */
const MAX_EMBEDDINGS = 1000;

const results = {
  200: {
    description: 'A result for each embedding, in their order',
    schema: { type: 'object', properties: { result: { type: 'array' } } },
  },
};

/** The same as for pictures, for embeddings that were made before by the model in use. */
export function embeddingRoutes(): readonly Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/api/v1/recognition/embeddings/recognize' },
      summary: 'Recognises embeddings',
      query: { prediction_count: predictionCount() },
      body: { embeddings: vectors(MAX_EMBEDDINGS, 'Embeddings of the model in use') },
      answers: results,
      async run(call) {
        const { embeddings, prediction_count: count } = call.fields;
        const probes = embeddings.map((embedding) => ({ embedding }));
        const who = await predictions(await collectionOf(call), probes, count, call.signal);
        const result = embeddings.map((embedding, i) => ({
          embedding: [...embedding],
          similarities: who[i],
        }));
        return json({ result });
      },
    }),
    route({
      ...{ method: 'POST', path: '/api/v1/recognition/embeddings/faces/:image_id/verify' },
      summary: 'Compares embeddings with an example',
      params: { image_id: imageId() },
      body: { embeddings: vectors(MAX_EMBEDDINGS, 'Embeddings of the model in use') },
      answers: results,
      async run(call) {
        const example = await exampleProbe(call, call.params.image_id);
        return json({ result: await compared(call, example, call.fields.embeddings, { b: 'embeddings' }) });
      },
    }),
    route({
      ...{ method: 'POST', path: '/api/v1/verification/embeddings/verify' },
      summary: 'Compares an embedding with others',
      body: {
        source: vector('An embedding of the model in use'),
        targets: vectors(MAX_EMBEDDINGS, 'Embeddings of the same model'),
      },
      answers: results,
      async run(call) {
        const { source, targets } = call.fields;
        const names = { a: 'source', b: 'targets' };
        return json({ result: await compared(call, { embedding: source }, targets, names) });
      },
    }),
  ];
}

async function compared(
  call: Pick<Call<unknown, unknown, unknown>, 'nf' | 'signal'>,
  source: { readonly embedding: Float32Array; readonly modelId?: string; readonly reliability?: number },
  embeddings: readonly Float32Array[],
  names: FieldNames,
): Promise<readonly unknown[]> {
  const others = embeddings.map((embedding) => ({ embedding }));
  const alike = await aboutFields(names, () => similarities(call, source, others));
  return embeddings.map((embedding, i) => ({ embedding: [...embedding], similarity: alike[i] }));
}
