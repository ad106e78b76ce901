import { Vault } from './vault.ts';

/** Keys as versions before rotations made them. */
export async function vaultOfBefore(database: string, passphrase: string): Promise<Vault> {
  const { rotation: _, ...keys } = await Vault.create().wrap(passphrase);
  return Vault.unlock(database, keys, passphrase);
}
