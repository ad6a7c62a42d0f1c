/** `@adjoint/interchange`. */
