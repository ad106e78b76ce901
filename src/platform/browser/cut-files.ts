/** A JPEG of 16 × 16 pixels that ends in the middle of its scan. */
const CUT =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/' +
  '2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAQABADASIAAhEBAxEB/8QA' +
  'FwAAAwEAAAAAAAAAAAAAAAAAAAEEBf/EAB4QAAEEAgMBAAAAAAAAAAAAAAEAAgMhEVExYYGx/8QAFAEBAAAAAAAAAAAAAAAAAAAABP/EABgRAQADAQAAAAAA' +
  'AAAAAAAAAAEAERUC/9oADAMBAAIRAxEAPwDIEgB5wUOlGa86U75BX3Q=';

/** Whether this browser takes a file that was cut off for the whole picture, as Firefox and WebKit do; Chromium refuses it. */
export async function takesCutFiles(): Promise<boolean> {
  const bytes = Uint8Array.from(atob(CUT), (char) => char.charCodeAt(0));
  try {
    (await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }))).close();
    return true;
  } catch {
    return false;
  }
}
