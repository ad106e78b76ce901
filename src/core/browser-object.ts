/**
 * Type of a browser's object by its name, as `BrowserObject<'HTMLVideoElement'>`; `never` in a project whose types have no such
 * global. So the library's types serve pages, workers and Node alike: each has those objects that it can have.
 */
export type BrowserObject<Name extends string> =
  typeof globalThis extends Readonly<Record<Name, { readonly prototype: infer Instance }>>
    ? // A global that somebody declared as `any` would make every value an image.
      unknown extends Instance
      ? never
      : Instance
    : never;
