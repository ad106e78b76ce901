/** A sample photo that ships with the page. */
export interface Sample {
  readonly name: string;
  readonly url: string;
  readonly alt: string;
}

/** A photo as the page takes it in. */
export interface NamedPhoto {
  readonly name: string;
  readonly blob: Blob;
  /** Whether it ships with the page. */
  readonly isSample?: boolean;
}

/** The six sample photos, as `tools/samples` has them. */
export const SAMPLES: readonly Sample[] = [3, 3, 3, 4, 5, 4].map((people, i) => ({
  name: `sample${i + 1}.jpg`,
  url: `./samples/sample${i + 1}.jpg`,
  alt: `Sample ${i + 1}: ${people} people`,
}));

/** Fetches a sample; rejects with the reason when it is not beside the page. */
export async function fetchSample({ name, url }: Sample): Promise<NamedPhoto> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${name} is not on this server (HTTP ${response.status})`);
  return { name, blob: await response.blob(), isSample: true };
}

/** Made-up names for the people of the samples. */
export const MADE_UP_NAMES: readonly string[] =
  'Alma Bea Cora Dina Edie Faye Greta Hana Ines Jade Kira Lena Mona Nora Olga Pia Rosa Sara Tess Uma Vera Wanda'.split(
    ' ',
  );
