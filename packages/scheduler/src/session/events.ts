/** What a session reports while it lives. */

export type SessionEvent =
  /** A planning pass of a program is done. */
  | { readonly type: "pass"; readonly program: string; readonly pass: string; readonly milliseconds: number }
  /** The backend has prepared `done` of `total` kernels. */
  | { readonly type: "load"; readonly done: number; readonly total: number }
  /** A step of a program is done. */
  | { readonly type: "step"; readonly program: string; readonly index: number; readonly milliseconds: number }
  /** The device is gone; nothing more can run. */
  | { readonly type: "lost"; readonly reason: string };
