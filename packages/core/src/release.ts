/** The release of Adjoint that this code is of: what one release keeps for later is not used by another. */
export const release = "0.1.0";
