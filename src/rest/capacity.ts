/** What is told where nothing bounds a number. */
const NO_LIMIT = 1e12;

/** The most faces of a gallery, as clients know it that expect a number. */
export const capacityOut = (capacity: number | null | undefined): number => capacity ?? NO_LIMIT;
