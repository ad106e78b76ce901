import { TRAITS_ENLARGE } from '../../src/stages/traits.ts';

/** Side of the crops in pixels; faces.py reduces them to what the network needs. */
export const CUT_SIDE = 208;

/** How much wider they are than the mesh's longer side: the network's crop and room around it for turning, shifting and scaling. */
export const CUT_ENLARGE: number = TRAITS_ENLARGE * 1.25;
