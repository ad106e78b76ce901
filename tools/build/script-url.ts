/** Stands for `import.meta.url` in the classic build: the script's own URL, `undefined` outside of a page. */
export const nearfaceScriptUrl: string | undefined = (
  globalThis.document?.currentScript as HTMLScriptElement | null | undefined
)?.src;
