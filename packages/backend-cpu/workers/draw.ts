/** A worker that draws initial values of parameters, one after the other, and gives them away. */

import { initialValue, type ParameterSlot } from "@adjoint/scheduler/plan";
import { receive } from "./port.js";

receive((slot: ParameterSlot, answer) => {
  const value = initialValue(slot);
  answer(value, value.buffer instanceof ArrayBuffer ? [value.buffer] : []);
});
