import * as z from 'zod/mini';
import type { Field, JsonSchema } from './fields.ts';
import type { Shape } from './route.ts';

/** Whether a field may be left out. */
export function isOptional(field: Field<unknown>): boolean {
  return z.safeParse(field, undefined).success;
}

/** What a field is, as JSON Schema says it. */
export function schemaOf(field: Field<unknown>): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(field, { io: 'output', unrepresentable: 'any' });
  return schema;
}

/** An object of these fields; `change` says what becomes of each one's own schema. */
export function objectSchema(
  shape: Shape,
  change: (schema: JsonSchema) => JsonSchema = (schema) => schema,
): JsonSchema {
  const fields = Object.entries(shape);
  const properties = Object.fromEntries(fields.map(([name, field]) => [name, change(schemaOf(field))]));
  const required = fields.filter(([, field]) => !isOptional(field)).map(([name]) => name);
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}
