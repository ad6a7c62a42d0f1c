/** The declarations of graphology's readers name the document of a browser, which these tests do not have. */

declare global {
  interface Document {
    readonly nodeType: number;
  }
}

export {};
