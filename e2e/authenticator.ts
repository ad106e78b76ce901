import type { Page } from '@playwright/test';

/** A device that has what is asked of it, and a user who agrees, or does not. */
export async function withAuthenticator(
  page: Page,
  options: { readonly hasPrf?: boolean } = {},
): Promise<(agrees: boolean) => Promise<void>> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasPrf: true },
      ...{
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
      ...options,
    },
  });
  return async (agrees) => {
    await client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: agrees });
  };
}
