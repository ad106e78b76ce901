import { VERSION } from '../version.ts';
import type { JsonSchema } from './fields.ts';
import type { ResolvedRest } from './resolve-rest.ts';
import { bodyKindOf } from './read-fields.ts';
import type { AnswerSpec, Dialect, Route } from './route.ts';
import { isOptional, objectSchema, schemaOf } from './schema.ts';

/** Names of the methods under which a key is sent, by interface. */
const schemeName = (dialect: Dialect, i: number): string => `${dialect.name}-${i}`;

/** The OpenAPI 3.1 document of the interfaces: all that it says comes from their routes. */
export function openApi(dialects: readonly Dialect[], options: ResolvedRest): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const dialect of dialects)
    for (const route of dialect.routes) {
      if (route.isHidden) continue;
      const path = (paths[documentPath(route.path)] ??= {});
      path[route.method.toLowerCase()] ??= operation(dialect, route);
    }
  return {
    openapi: '3.1.0',
    info: { title: 'nearface', version: VERSION, description: 'Face recognition on this machine.' },
    servers: [{ url: options.basePath === '' ? '/' : options.basePath }],
    tags: dialects.map(({ title, description }) => ({ name: title, description })),
    paths,
    components: { securitySchemes: Object.fromEntries(dialects.flatMap(securitySchemes)) },
  };
}

/** `/v1/face/id/:id{[0-9]+}` as `/v1/face/id/{id}`. */
function documentPath(path: string): string {
  return path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}');
}

function securitySchemes(dialect: Dialect): readonly (readonly [string, JsonSchema])[] {
  return dialect.keys.map((source, i) => {
    const description = source.scheme === undefined ? 'The key' : `${source.scheme} KEY`;
    return [schemeName(dialect, i), { type: 'apiKey', in: source.in, name: source.name, description }];
  });
}

function operation(dialect: Dialect, route: Route): JsonSchema {
  const kind = bodyKindOf(route);
  const { summary, description } = route;
  return {
    tags: [dialect.title],
    summary,
    ...(description !== undefined && { description }),
    operationId: `${dialect.name}_${route.method}_${documentPath(route.path)}`.replaceAll(/\W+/g, '_'),
    parameters: parameters(route),
    ...(kind !== 'none' && { requestBody: requestBody(route) }),
    responses: responses(dialect, route.answers),
    security: route.isOpen ? [] : dialect.keys.map((_, i) => ({ [schemeName(dialect, i)]: [] })),
  };
}

function parameters(route: Route): readonly JsonSchema[] {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  const inPath = names.map((name) => {
    const field = route.params?.[name];
    return { name, in: 'path', required: true, schema: field ? schemaOf(field) : { type: 'string' } };
  });
  const inQuery = Object.entries(route.query ?? {}).map(([name, field]) => {
    return { name, in: 'query', required: !isOptional(field), schema: schemaOf(field) };
  });
  return [...inPath, ...inQuery];
}

function requestBody(route: Route): JsonSchema {
  switch (bodyKindOf(route)) {
    case 'json':
      return { required: true, content: jsonOf(route.whole ? schemaOf(route.whole) : {}) };
    case 'bytes':
      return { required: true, content: { 'application/octet-stream': { schema: {} } } };
    default: {
      const shape = route.body ?? {};
      const required = Object.values(shape).some((field) => !isOptional(field));
      const content = {
        'multipart/form-data': { schema: objectSchema(shape) },
        ...jsonOf(objectSchema(shape, pictureAsText)),
      };
      return { required, content };
    }
  }
}

/** What is a file in a form is text in JSON. */
function pictureAsText(schema: JsonSchema): JsonSchema {
  const { items } = schema as { readonly items?: JsonSchema };
  if (items?.['format'] === 'binary') return { ...schema, items: pictureAsText(items) };
  if (schema['format'] !== 'binary') return schema;
  const { format: _, ...rest } = schema;
  return { ...rest, contentEncoding: 'base64' };
}

const jsonOf = (schema: JsonSchema): JsonSchema => ({ 'application/json': { schema } });

function responses(dialect: Dialect, answers: Readonly<Record<number, AnswerSpec>>): JsonSchema {
  const own = Object.entries(answers).map(([status, { description, schema, type }]) => {
    const content = schema ? jsonOf(schema) : type === undefined ? undefined : { [type]: {} };
    return [status, { description, ...(content && { content }) }] as const;
  });
  const refused = { description: 'What is wrong with the call', content: jsonOf(dialect.errorSchema) };
  return { ...Object.fromEntries(own), default: refused };
}
