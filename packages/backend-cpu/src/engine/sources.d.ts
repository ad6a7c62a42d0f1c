/** The program of workers as a text, so that no bundler needs to know a second entry point. tools/bundle.mjs writes the module itself, from packages/backend-cpu/workers. */

export declare const crewSource: string;
