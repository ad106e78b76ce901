/** WebCrypto, which browsers give to secure pages only, whatever the types say. */
export const subtleCrypto = (): SubtleCrypto | undefined => crypto.subtle;
