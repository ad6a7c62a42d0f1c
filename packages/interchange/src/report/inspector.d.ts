/** The inspector as one script. tools/bundle.mjs writes the module itself, from packages/interchange/inspector. */

export declare const inspector: string;
