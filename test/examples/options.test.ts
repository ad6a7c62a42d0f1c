import { OptionError } from "examples/textbook-mlp/errors.js";
import { parseOptions, usage } from "examples/textbook-mlp/options.js";
import { describe, expect, it } from "vitest";
import { caught } from "./caught.js";

const initial = {
  data: undefined,
  epochs: 10,
  batch: 32,
  hidden: 256,
  learningRate: 0.5,
  lambda: 1e-4,
  activation: "relu",
  seed: 1,
  out: "out",
  help: false,
};

describe("parseOptions", () => {
  it("has a value for each option that is not given", () => {
    expect(parseOptions([])).toEqual(initial);
  });

  it("reads every option, apart or with an equals sign, the last one winning", () => {
    const apart = "--data a/b --epochs 3 --batch 8 --hidden 64 --learning-rate .25 --lambda 0".split(" ");
    const joined = ["--activation=softplus", "--seed=4294967295", "--out=x", "--epochs=4"];
    expect(parseOptions([...apart, ...joined])).toEqual({
      data: "a/b",
      epochs: 4,
      batch: 8,
      hidden: 64,
      learningRate: 0.25,
      lambda: 0,
      activation: "softplus",
      seed: 4294967295,
      out: "x",
      help: false,
    });
  });

  it("asks for nothing else after --help", () => {
    expect(parseOptions(["--epochs", "no", "--help"])).toEqual({ ...initial, help: true });
    expect(parseOptions(["-h"]).help).toBe(true);
  });

  it.each([
    ["--epochs 0", '--epochs: expected a whole number from 1 to 1000000, got "0"'],
    ["--epochs 2.5", '--epochs: expected a whole number from 1 to 1000000, got "2.5"'],
    ["--epochs", "--epochs: expected a whole number from 1 to 1000000, got nothing"],
    ["--epochs --batch 3", '--epochs: expected a whole number from 1 to 1000000, got "--batch"'],
    ["--batch -4", '--batch: expected a whole number from 1 to 1000000, got "-4"'],
    ["--hidden 0x10", '--hidden: expected a whole number from 1 to 1000000, got "0x10"'],
    ["--learning-rate 0", '--learning-rate: expected a number above 0, got "0"'],
    ["--learning-rate fast", '--learning-rate: expected a number above 0, got "fast"'],
    ["--learning-rate 1e999", '--learning-rate: expected a number above 0, got "1e999"'],
    ["--lambda -1", '--lambda: expected a number of at least 0, got "-1"'],
    ["--lambda=", '--lambda: expected a number of at least 0, got ""'],
    ["--activation elu", '--activation: expected one of relu, tanh, sigmoid, softplus, got "elu"'],
    ["--seed 4294967296", '--seed: expected a whole number from 0 to 4294967295, got "4294967296"'],
    ["--data --epochs", '--data: expected a folder, got "--epochs"'],
    ["--out=", '--out: expected a folder, got ""'],
    ["--epoch 3", "--epoch: is no option; --help lists the options"],
    ["-e 3", "-e: is no option; --help lists the options"],
    ["digits", "digits: belongs to no option; --help lists the options"],
  ])("refuses %s", (line, message) => {
    const error = caught(OptionError, () => parseOptions(line.split(" ")));
    expect(error.message).toBe(message);
    expect(message.startsWith(`${error.option}: `)).toBe(true);
  });
});

describe("usage", () => {
  it("has a line for each option, with what holds when it is not given", () => {
    const lines = usage().split("\n");
    for (const name of ["data", "epochs", "batch", "hidden", "lambda", "activation", "seed", "out", "help"]) {
      expect(lines.filter((line) => line.startsWith(`  --${name} `))).toHaveLength(1);
    }
    expect(usage()).toMatch(/--learning-rate X +.*\(0\.5\)\n/);
    expect(lines.every((line) => line.length <= 110)).toBe(true);
  });
});
