import * as z from 'zod/mini';
import { type FieldFault, wrongField } from './problem.ts';
import type { Field } from './fields.ts';
import { bodyFields, bodyJson, queryFields, type RawFields, readBytes } from './read-body.ts';
import type { BodyKind, Route, Shape } from './route.ts';

/** What a request brought. */
export interface Input {
  readonly params: Readonly<Record<string, unknown>>;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly raw: RawFields;
  readonly body: unknown;
}

/** What becomes of a route's body. */
export function bodyKindOf(route: Route): BodyKind {
  return route.bodyKind ?? (route.body ? 'fields' : 'none');
}

/**
 * Reads and checks all that a route takes. A field of the body beats one of the query of the same name; what the route does not name is
 * passed over.
 *
 * @throws RestError 400, 413, 415
 */
export async function readInput(
  route: Route,
  request: Request,
  search: URLSearchParams,
  path: Readonly<Record<string, string>>,
  maxBodyBytes: number,
): Promise<Input> {
  const query = queryFields(search);
  const { fields, body } = await readBody(route, request, maxBodyBytes);
  const raw: RawFields = new Map([...query, ...fields]);
  const params = { ...path, ...readShape(route.params ?? {}, new Map(Object.entries(path))) };
  return { params, fields: readShape({ ...route.query, ...route.body }, raw), raw, body };
}

async function readBody(
  route: Route,
  request: Request,
  maxBytes: number,
): Promise<{ readonly fields: RawFields; readonly body?: unknown }> {
  const none: RawFields = new Map();
  switch (bodyKindOf(route)) {
    case 'none':
      return { fields: none };
    case 'fields':
      return { fields: await bodyFields(request, maxBytes) };
    case 'json': {
      const value = await bodyJson(request, maxBytes);
      return { fields: none, body: route.whole ? readField(route.whole, value, 'body') : value };
    }
    case 'bytes':
      return { fields: none, body: await readBytes(request, maxBytes) };
  }
}

function readShape(shape: Shape, raw: RawFields): Record<string, unknown> {
  const read = Object.entries(shape).map(([name, field]) => [name, readField(field, raw.get(name), name)]);
  return Object.fromEntries(read) as Record<string, unknown>;
}

/** A field's value. @throws RestError `BAD_PARAM` that names it, says what is taken and shows what came */
export function readField<T>(field: Field<T>, value: unknown, name: string): T {
  const result = z.safeParse(field, value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const params = (issue as { params?: object } | undefined)?.params ?? {};
  const { fault = 'value', expected = issue?.message ?? 'another value' } = params as {
    fault?: FieldFault;
    expected?: string;
  };
  const given = 'given' in params ? params.given : value;
  // What is in an object is called by its path, as in `image.data`.
  throw wrongField([name, ...(issue?.path ?? [])].join('.'), given, expected, fault);
}
