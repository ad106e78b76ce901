/** Paths of other interfaces begin so, and no short one of an app. */
const TAKEN = 'v0|v1|v2|api|t|docs|stat|uploads|entities|models|jobs|openapi|face-analyzer';

/** In front of every path; the shorter one is understood too, and left out of the document. An app is any text, and says nothing here. */
export const BASES: readonly { readonly base: string; readonly isHidden: boolean }[] = [
  { base: '/openapi/face/v1/:app_id', isHidden: false },
  { base: `/:app_id{(?!(?:${TAKEN})/)[^/]+}`, isHidden: true },
];
