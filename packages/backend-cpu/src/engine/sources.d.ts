/** The programs of workers as texts, so that no bundler needs to know a second entry point. tools/bundle.mjs writes the module itself, from packages/backend-cpu/workers. */

export declare const crewSource: string;
export declare const drawSource: string;
