import { vi } from 'vitest';

/** Makes keys of passphrases cheap until mocks are restored: of a thousandth of the rounds. */
export function cheapPassphrases(): void {
  const { deriveKey } = SubtleCrypto.prototype;
  vi.spyOn(SubtleCrypto.prototype, 'deriveKey').mockImplementation(function (
    this: SubtleCrypto,
    algorithm,
    ...rest
  ) {
    const { iterations } = algorithm as Pbkdf2Params;
    return deriveKey.call(
      this,
      { ...(algorithm as Pbkdf2Params), iterations: Math.ceil(iterations / 1000) },
      ...rest,
    );
  });
}
