import type * as z from 'zod/mini';
import type { NearFace } from '../api/nearface.ts';
import type { RestApi, RestToken } from './options.ts';
import type { Field, JsonSchema, Picture } from './fields.ts';
import type { GivenPicture } from './read-picture.ts';
import type { Problem } from './problem.ts';
import type { ResolvedRest } from './resolve-rest.ts';
import type { FieldNames } from './words.ts';

/** Methods that routes have; HEAD is answered as GET. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Fields by name. */
export type Shape = Readonly<Record<string, Field<unknown>>>;

/** What the fields of a shape are once they are read. */
export type Read<S extends Shape> = { readonly [Name in keyof S]: z.output<S[Name]> };

/** What a route is called with. */
export interface Call<P = Readonly<Record<string, string>>, F = unknown, B = unknown> {
  readonly nf: NearFace;
  /** With the interface's own largest picture, where none was named. */
  readonly options: ResolvedRest & { readonly maxImageBytes: number };
  readonly request: Request;
  /** As the client called it, base path and key included. */
  readonly url: URL;
  /** Its path behind the base path and a key, as it came. */
  readonly path: string;
  /** Ends when the client goes away. */
  readonly signal: AbortSignal;
  /** What stands in the path, decoded. */
  readonly params: P;
  /** Fields of query and body; those of the body go before. */
  readonly fields: F;
  /** Every field that came, also those that the route does not name; a field that came several times is an array. */
  readonly raw: ReadonlyMap<string, unknown>;
  /** The whole body of a route that takes `json` or `bytes`. */
  readonly body: B;
  /** Whose call it is; absent where no key is asked for. */
  readonly token: RestToken | undefined;
  /** The encoded picture that a field holds, read from an address if it is one. `param` is the field's name. */
  picture(given: Picture, param: string): Promise<GivenPicture>;
  /** A path of this handler as it is handed out: behind the base path, absolute. */
  link(path: string): string;
  /** A key for one picture alone, which ends with the handler. */
  pictureKey(what: string): Promise<string>;
}

/** What a route answers. */
export interface Reply {
  /** Default: 200. */
  readonly status?: number;
  /** Written as JSON; absent for an empty answer. */
  readonly json?: unknown;
  /** Instead of JSON. */
  readonly content?: { readonly type: string; readonly data: Blob | string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as the document tells it. */
export interface AnswerSpec {
  readonly description: string;
  /** Of its JSON; absent for an empty answer, or one of another type. */
  readonly schema?: JsonSchema;
  /** Of an answer that is not JSON. */
  readonly type?: string;
}

/** What takes the body apart: fields of JSON or a form; a whole value of JSON; bytes, whatever type they are said to have. */
export type BodyKind = 'none' | 'fields' | 'json' | 'bytes';

/** A route, which serves a path and is told in the document and on its page. */
export interface RouteSpec<P extends Shape, Q extends Shape, B extends Shape, W> {
  readonly method: Method;
  /** As in `/v1/face/id/:id`; a pattern may follow a name in braces. */
  readonly path: string;
  /** A line of text, without a full stop. */
  readonly summary: string;
  /** Whatever else is to be known. */
  readonly description?: string;
  /** Fields of the path. Those that are not here are text. */
  readonly params?: P;
  /** Fields that stand in the query; they may stand in the body too. */
  readonly query?: Q;
  /** Fields that stand in the body; they may stand in the query too. */
  readonly body?: B;
  /** Default: `fields` where there is a `body`, else `none`. */
  readonly bodyKind?: BodyKind;
  /** What a `json` body holds. */
  readonly whole?: Field<W>;
  /** By status; those of errors come from the interface. */
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  /** Whether no key is asked for. Default: false. */
  readonly isOpen?: boolean;
  /** Whether it is left out of the document. Default: false. */
  readonly isHidden?: boolean;
  /** Of its path: the name of the part that is a key, which is then looked at instead of a header. */
  readonly keyParam?: string;
  /** What a key that was made for one picture alone ({@link Call.pictureKey}) opens here. */
  readonly linkOf?: (params: Readonly<Record<string, string>>) => string;
  readonly run: (
    call: Call<Read<P> & Readonly<Record<string, string>>, Read<Q> & Read<B>, W>,
  ) => Promise<Reply>;
}

/** A route of any fields. */
export type Route = RouteSpec<Shape, Shape, Shape, unknown>;

/** Writes a route down with the types of its fields, and forgets them. */
export function route<
  P extends Shape = Record<never, Field<unknown>>,
  Q extends Shape = Record<never, Field<unknown>>,
  B extends Shape = Record<never, Field<unknown>>,
  W = Uint8Array<ArrayBuffer>,
>(spec: RouteSpec<P, Q, B, W>): Route {
  return spec as unknown as Route;
}

/** Where clients of an interface put their key. */
export interface KeySource {
  readonly in: 'header' | 'query';
  readonly name: string;
  /** The word before the key, as in `Token KEY`; whatever its case. */
  readonly scheme?: string;
}

/** A request whose signature is looked at. */
export interface Signed {
  readonly request: Request;
  readonly url: URL;
  readonly nowMs: number;
  /** The token of a key, if there is one. */
  find(key: string): Promise<RestToken | undefined>;
}

/** An interface: its routes and its own way of saying what is wrong. */
export interface Dialect {
  readonly name: RestApi | 'documentation';
  /** As people call it. */
  readonly title: string;
  /** What the document says of it. */
  readonly description: string;
  /** Where a key is looked for, the first that is there. `Authorization: Token KEY` is understood by all. */
  readonly keys: readonly KeySource[];
  readonly routes: readonly Route[];
  /** Where requests are signed: whose one is, if its signature is right. Nobody's has its key looked for in `keys`. */
  readonly identify?: (signed: Signed) => Promise<RestToken | undefined>;
  /** The largest encoded picture, in bytes, unless the options say otherwise. Default: 10 MiB. */
  readonly maxImageBytes?: number;
  /** Reads a query that its clients write in their own way. */
  readonly mendQuery?: (search: string) => URLSearchParams;
  /** What its fields call the parameters of the library that have other names. */
  readonly names?: FieldNames;
  /** Unknown paths that begin so are answered in its style. */
  readonly prefix: RegExp;
  /** Puts a problem into its words. `path` is where it came up, behind base path and key. */
  readonly refuse: (problem: Problem, path: string) => Reply;
  /** Of the body of its errors. */
  readonly errorSchema: JsonSchema;
}
